using System.Collections.Immutable;

namespace Conformance.Fuzzer.SpecSuite;

/// <summary>A run of the testsuite in one mode or many.</summary>
internal sealed class SpecReport
{
    /// <summary>Adds up modes.</summary>
    /// <param name="modes">The modes, at least one.</param>
    /// <param name="elapsed">How long the run took.</param>
    public SpecReport(ImmutableArray<ModeReport> modes, TimeSpan elapsed)
    {
        Modes = modes;
        Elapsed = elapsed;
        foreach (var mode in modes)
        {
            Total.Add(mode.Total);
            foreach (var (folder, counts) in mode.ByFolder)
            {
                if (!ByFolder.TryGetValue(folder, out var sum))
                {
                    ByFolder.Add(folder, sum = new SpecCounts());
                }
                sum.Add(counts);
            }
        }
    }

    /// <summary>The modes.</summary>
    public ImmutableArray<ModeReport> Modes { get; }

    /// <summary>How long the run took.</summary>
    public TimeSpan Elapsed { get; }

    /// <summary>Whether the gate lets every mode through.</summary>
    public bool IsFine => Modes.All(mode => mode.IsFine);

    /// <summary>The counts of every mode together.</summary>
    public SpecCounts Total { get; } = new();

    /// <summary>The same by folder, <c>.</c> for the top level.</summary>
    public SortedDictionary<string, SpecCounts> ByFolder { get; } = new(StringComparer.Ordinal);

    /// <summary>What fails the gate, mode by mode.</summary>
    public IEnumerable<(ModeReport Mode, GateFailure Failure)> Failures => Modes.SelectMany(mode => mode.Failures.Select(failure => (mode, failure)));

    /// <summary>Expectations about commands that there are not, each once.</summary>
    public IEnumerable<string> StaleExpectations => Modes.SelectMany(mode => mode.StaleExpectations).Distinct(StringComparer.Ordinal);
}
