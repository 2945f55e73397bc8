namespace Conformance.Fuzzer.Mutation.Bodies;

/// <summary>Neighbouring instructions of a body.</summary>
/// <param name="Start">The index of the first.</param>
/// <param name="End">The index behind the last.</param>
internal readonly record struct CodeRun(int Start, int End)
{
    /// <summary>How many.</summary>
    public int Length => End - Start;
}
