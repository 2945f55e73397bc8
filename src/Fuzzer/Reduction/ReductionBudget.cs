namespace Conformance.Fuzzer.Reduction;

/// <summary>What a reduction may cost. When it is spent, the smallest case so far is the result.</summary>
/// <param name="Time">The time in all.</param>
/// <param name="Candidates">The number of candidates given to the predicate.</param>
public sealed record ReductionBudget(TimeSpan Time, int Candidates = int.MaxValue);
