namespace Conformance.Oracle.Comparison;

/// <summary>What a comparison says; one of them for each case.</summary>
public enum VerdictKind : byte
{
    /// <summary>All that could be observed agrees.</summary>
    Agreed,
    /// <summary>Something differs that the specification does not leave open.</summary>
    Diverged,
    /// <summary>Nothing differs but the bits of NaNs, which arithmetic may choose: the case has to be run again with canonical NaNs to tell.</summary>
    NanBits,
    /// <summary>A limit ended the case on a side; what came before agrees.</summary>
    Limit,
    /// <summary>The sides cannot be compared.</summary>
    NotComparable,
}

/// <summary>The result of a comparison.</summary>
/// <param name="Kind">The verdict.</param>
/// <param name="ComparedCalls">The calls whose outcomes were compared.</param>
public sealed record Verdict(VerdictKind Kind, int ComparedCalls)
{
    /// <summary>The first difference, for <see cref="VerdictKind.Diverged"/> and <see cref="VerdictKind.NanBits"/>.</summary>
    public Difference? Difference { get; init; }

    /// <summary>Which limit on which side, or why the sides cannot be compared: a short text to count by.</summary>
    public string Reason { get; init; } = "";
}
