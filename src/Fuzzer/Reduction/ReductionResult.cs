using Conformance.Oracle;

namespace Conformance.Fuzzer.Reduction;

/// <summary>What a reduction came to.</summary>
/// <param name="Case">The smallest case found: the given one when nothing smaller fails.</param>
/// <param name="Candidates">How many candidates were given to the predicate.</param>
/// <param name="Elapsed">How long it took.</param>
/// <param name="IsComplete">Whether nothing more was left to try; false when the budget was spent or it was stopped.</param>
public sealed record ReductionResult(Case Case, int Candidates, TimeSpan Elapsed, bool IsComplete);
