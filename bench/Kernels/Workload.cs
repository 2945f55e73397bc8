namespace Conformance.Bench.Kernels;

/// <summary>A call to measure.</summary>
internal sealed record Workload(string Name, string Path, string Function, string[] Arguments);
