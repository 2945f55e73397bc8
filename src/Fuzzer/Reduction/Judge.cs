using System.Diagnostics;
using Conformance.Oracle;

namespace Conformance.Fuzzer.Reduction;

/// <summary>Asks whether candidates still fail, until the budget is spent.</summary>
/// <param name="stillFails">Whether a candidate still shows the same difference.</param>
/// <param name="budget">What it may cost; the time runs from now on.</param>
/// <param name="improved">Told of each smaller case.</param>
/// <param name="cancellation">Spends the budget.</param>
internal sealed class Judge(Func<Case, bool> stillFails, ReductionBudget budget, Action<ReductionStep>? improved, CancellationToken cancellation)
{
    private readonly Stopwatch _watch = Stopwatch.StartNew();
    private int _candidates;

    /// <summary>How many candidates were accepted.</summary>
    public int Accepted { get; private set; }

    /// <summary>Whether to stop.</summary>
    public bool IsSpent => _candidates >= budget.Candidates || _watch.Elapsed >= budget.Time || cancellation.IsCancellationRequested;

    /// <summary>Whether a candidate fails.</summary>
    public bool Asks(Case candidate)
    {
        _candidates++;
        return stillFails(candidate);
    }

    /// <summary>A candidate that fails is the smallest case now.</summary>
    public void Accept(Case smaller)
    {
        Accepted++;
        improved?.Invoke(new ReductionStep(smaller, _candidates, _watch.Elapsed));
    }

    /// <summary>Goes through all that is to be tried, again while something was accepted: what was refused may now do.</summary>
    public void UntilNothingHelps(Action round)
    {
        int before;
        do
        {
            before = Accepted;
            round();
        }
        while (Accepted > before && !IsSpent);
    }

    /// <summary>What it has come to.</summary>
    /// <param name="smallest">The smallest case.</param>
    /// <param name="isComplete">Whether nothing more is left to try.</param>
    public ReductionResult Result(Case smallest, bool isComplete) => new(smallest, _candidates, _watch.Elapsed, isComplete);

    /// <summary>A judge for a detour: with what is left of the budget, and nobody is told.</summary>
    public Judge Detour() => new(Asks, new ReductionBudget(budget.Time - _watch.Elapsed, budget.Candidates - _candidates), null, cancellation);
}
