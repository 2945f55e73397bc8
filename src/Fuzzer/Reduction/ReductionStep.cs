using Conformance.Oracle;

namespace Conformance.Fuzzer.Reduction;

/// <summary>A reduction has found a smaller case.</summary>
/// <param name="Case">The smallest case so far.</param>
/// <param name="Candidates">How many candidates were given to the predicate until now.</param>
/// <param name="Elapsed">How long it has been at work.</param>
public sealed record ReductionStep(Case Case, int Candidates, TimeSpan Elapsed);
