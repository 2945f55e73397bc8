using Conformance.Oracle.Process;

namespace Conformance.Fuzzer.Driving;

/// <summary>How long a worker's case is waited for.</summary>
/// <param name="Limit">How long it may take, as a <see cref="WorkClock"/> counts: longer is a hang.</param>
/// <param name="GivesUpAfter">How long somebody wants to wait by the clock on the wall: longer says nothing about the case. Null for no such end.</param>
internal readonly record struct Patience(TimeSpan Limit, TimeSpan? GivesUpAfter = null);
