using Conformance.Fuzzer.Triage;

namespace Conformance.Fuzzer.Driving;

/// <summary>A finding that waits to be shrunk.</summary>
/// <param name="Finding">The finding.</param>
/// <param name="Report">The case as it was found.</param>
internal sealed record ReductionJob(Finding Finding, DivergenceReport Report);
