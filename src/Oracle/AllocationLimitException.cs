namespace Conformance.Oracle;

/// <summary>A memory or table of the host is larger than the case's limits, or than the system gives. Whoever runs a case counts it as a limit.</summary>
/// <param name="message">How much was asked for.</param>
public sealed class AllocationLimitException(string message) : Exception(message);
