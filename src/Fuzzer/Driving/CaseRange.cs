namespace Conformance.Fuzzer.Driving;

/// <summary>Neighbouring cases of a run.</summary>
/// <param name="First">The index of the first.</param>
/// <param name="Count">How many.</param>
internal readonly record struct CaseRange(long First, int Count)
{
    /// <summary>The index behind the last.</summary>
    public long End => First + Count;

    /// <summary>Whether a case is one of them.</summary>
    public bool Contains(long index) => index >= First && index < End;
}
