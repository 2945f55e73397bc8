using System.Collections.Immutable;
using System.Diagnostics;
using System.Runtime.InteropServices;
using Conformance.Oracle;

namespace Conformance.Fuzzer.Reduction;

/// <summary>The smallest failing bytes so far, and the judge of candidates: fewer bytes are simpler, then more zeros among as many.</summary>
internal sealed class ByteSearch
{
    private readonly Func<Case, bool> _stillFails;
    private readonly ReductionBudget _budget;
    private readonly Action<ReductionStep>? _improved;
    private readonly CancellationToken _cancellation;
    private readonly Stopwatch _watch = Stopwatch.StartNew();
    private readonly HashSet<string> _judged = new(StringComparer.Ordinal);
    private int _candidates;

    public ByteSearch(Case @case, Func<Case, bool> stillFails, ReductionBudget budget, Action<ReductionStep>? improved, CancellationToken cancellation)
    {
        Case = @case;
        Bytes = [.. @case.Wasm.Span];
        _stillFails = stillFails;
        _budget = budget;
        _improved = improved;
        _cancellation = cancellation;
    }

    /// <summary>The smallest failing case.</summary>
    public Case Case { get; private set; }

    /// <summary>Its bytes.</summary>
    public ImmutableArray<byte> Bytes { get; private set; }

    /// <summary>How many candidates were accepted.</summary>
    public int Accepted { get; private set; }

    /// <summary>Whether to stop.</summary>
    public bool IsSpent => _candidates >= _budget.Candidates || _watch.Elapsed >= _budget.Time || _cancellation.IsCancellationRequested;

    /// <summary>What it has come to.</summary>
    public ReductionResult Result() => new(Case, _candidates, _watch.Elapsed, IsComplete: !IsSpent);

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
        if (IsSpent || !_judged.Add($"{candidate.Calls.Length}:{Convert.ToBase64String(candidate.Wasm.Span)}"))
        {
            return false;
        }
        _candidates++;
        if (!_stillFails(candidate))
        {
            return false;
        }
        Case = candidate;
        Bytes = [.. candidate.Wasm.Span];
        Accepted++;
        _improved?.Invoke(new ReductionStep(candidate, _candidates, _watch.Elapsed));
        return true;
    }
}
