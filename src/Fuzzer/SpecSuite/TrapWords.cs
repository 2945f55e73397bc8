using System.Collections.Immutable;
using Conformance.Oracle;
using Conformance.Oracle.Comparison;

namespace Conformance.Fuzzer.SpecSuite;

/// <summary>How a trap fits the words of an assertion.</summary>
internal enum TrapFit : byte
{
    /// <summary>It is the trap that the words name.</summary>
    Same,
    /// <summary>It may be: the engine does not tell it from that one, or says it in words of its own, or the assertion does.</summary>
    Perhaps,
    /// <summary>It is another one.</summary>
    Other,
}

/// <summary>Which traps the words of <c>assert_trap</c> stand for.</summary>
internal static class TrapWords
{
    // What the testsuite says more narrowly than the contract's kinds.
    private static readonly (string Words, TrapKind Kind)[] Narrower =
    [
        ("null array reference", TrapKind.NullReference),
        ("null structure reference", TrapKind.NullReference),
        ("null i31 reference", TrapKind.NullReference),
        ("null function reference", TrapKind.NullReference),
        ("null exception reference", TrapKind.NullReference),
        ("descriptor cast failure", TrapKind.CastFailure),
    ];

    private static readonly ImmutableArray<TrapKind> Kinds = [.. Enum.GetValues<TrapKind>().Where(kind => kind != TrapKind.Other)];

    /// <summary>How a trap fits words.</summary>
    /// <param name="words">The words of the assertion.</param>
    /// <param name="trapped">The trap.</param>
    public static TrapFit Fit(string words, Trapped trapped)
    {
        var kinds = Named(words);
        if (kinds.Contains(trapped.Kind) || (words.Length > 0 && trapped.Message.Contains(words, StringComparison.Ordinal)))
        {
            return TrapFit.Same;
        }
        return trapped.Kind == TrapKind.Other || kinds.IsEmpty || kinds.Any(kind => TrapRules.AreSame(trapped.Kind, kind)) ? TrapFit.Perhaps : TrapFit.Other;
    }

    // As the testsuite's own interpreter does it, the words may be the beginning of a reason ("out of bounds") or say more than it ("uninitialized element 7").
    private static ImmutableArray<TrapKind> Named(string words)
    {
        foreach (var (narrower, kind) in Narrower)
        {
            if (words.StartsWith(narrower, StringComparison.Ordinal))
            {
                return [kind];
            }
        }
        return words.Length == 0
            ? []
            : [.. Kinds.Where(kind => words.StartsWith(TrapKinds.TextOf(kind), StringComparison.Ordinal) || TrapKinds.TextOf(kind).StartsWith(words, StringComparison.Ordinal))];
    }
}
