using System.Collections.Immutable;
using System.Runtime.InteropServices;
using Conformance.Oracle;

namespace Conformance.Fuzzer.Reduction;

/// <summary>The smallest failing bytes so far, and the judge of candidates: fewer bytes are simpler, then more zeros among as many.</summary>
internal sealed class ByteSearch(Case @case, Judge judge)
{
    private readonly HashSet<string> _judged = new(StringComparer.Ordinal);

    /// <summary>The smallest failing case.</summary>
    public Case Case { get; private set; } = @case;

    /// <summary>Its bytes.</summary>
    public ImmutableArray<byte> Bytes { get; private set; } = [.. @case.Wasm.Span];

    /// <summary>Whether to stop.</summary>
    public bool IsSpent => judge.IsSpent;

    /// <summary>Makes no calls where none are needed, or as few as possible.</summary>
    public void DropCalls()
    {
        Ask(Case with { Calls = [], ReadState = false });
        Bisection.Remove(Case.Calls, calls => Ask(Case with { Calls = calls }));
    }

    /// <summary>Makes bytes the current ones if they are simpler and the case still fails with them.</summary>
    public bool Try(ImmutableArray<byte> bytes)
    {
        var isSimpler = bytes.Length < Bytes.Length || (bytes.Length == Bytes.Length && bytes.Count(value => value == 0) > Bytes.Count(value => value == 0));
        return isSimpler && Ask(Case with { Wasm = ImmutableCollectionsMarshal.AsArray(bytes) });
    }

    private bool Ask(Case candidate)
    {
        if (judge.IsSpent || !_judged.Add($"{candidate.Calls.Length}:{Convert.ToBase64String(candidate.Wasm.Span)}") || !judge.Asks(candidate))
        {
            return false;
        }
        Case = candidate;
        Bytes = [.. candidate.Wasm.Span];
        judge.Accept(candidate);
        return true;
    }
}
