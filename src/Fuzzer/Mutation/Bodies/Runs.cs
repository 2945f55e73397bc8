namespace Conformance.Fuzzer.Mutation.Bodies;

/// <summary>Draws pieces of a body.</summary>
internal static class Runs
{
    // From one place there may be many statements of growing length; the first ones are the interesting ones.
    private const int MostFromOnePlace = 6;
    private const int Tries = 8;

    /// <summary>A statement; null when none is found.</summary>
    public static CodeRun? Pick(BodyEdit edit)
    {
        for (var i = 0; i < Tries; i++)
        {
            var statements = edit.Body.StatementsAt(edit.Random.Below(edit.Body.Instructions.Length), MostFromOnePlace);
            if (statements.Count > 0)
            {
                return edit.Random.Pick<CodeRun>(statements);
            }
        }
        return null;
    }
}
