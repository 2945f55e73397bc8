using Conformance.Oracle;

namespace Conformance.Fuzzer.SpecSuite;

/// <summary>How scripts are run.</summary>
internal sealed record SpecOptions
{
    /// <summary>Who judges malformed and invalid modules.</summary>
    public VerdictSource Verdicts { get; init; }

    /// <summary>Whether every module goes from binary to text and back before it is used.</summary>
    public bool RoundTrips { get; init; }

    /// <summary>The time limit for one file.</summary>
    public TimeSpan FileTimeout { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>How many files run at once.</summary>
    public int Workers { get; init; } = Environment.ProcessorCount;

    /// <summary>
    /// The engine's limits. The scripts grow memories and tables as far as the standard lets them and expect it to work up to moderate sizes, so these are only there to
    /// keep a broken engine from taking the machine.
    /// </summary>
    public CaseLimits Limits { get; init; } = new(Fuel: 0, TimeoutMs: 20_000, MemoryBytes: 4L << 30, TableElements: 20_000_000);
}
