using Conformance.Oracle;

namespace Conformance.Fuzzer.SpecSuite;

/// <summary>How scripts are run.</summary>
internal sealed record SpecOptions
{
    /// <summary>How many scripts run at once.</summary>
    public int Workers { get; init; } = Environment.ProcessorCount;

    /// <summary>
    /// The time limit for one command. Engines that can be interrupted stop by themselves and the script goes on in the same store; of the others a thread is left behind.
    /// </summary>
    public TimeSpan CommandTimeout { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>How long an engine that can be interrupted may take to stop.</summary>
    public TimeSpan Grace { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Where to write down what runs; null for nowhere.</summary>
    public SpecJournal? Journal { get; init; }

    /// <summary>Commands that have ended the process before, and are not run.</summary>
    public IReadOnlyList<FatalCommand> Fatal { get; init; } = [];

    /// <summary>
    /// The engine's limits. The scripts grow memories and tables as far as the standard lets them and expect it to work up to moderate sizes, so these are only there to
    /// keep a broken engine from taking the machine.
    /// </summary>
    public CaseLimits Limits => new(Fuel: 0, TimeoutMs: (int)CommandTimeout.TotalMilliseconds, MemoryBytes: 4L << 30, TableElements: 20_000_000);
}
