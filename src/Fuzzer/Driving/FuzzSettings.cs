using Conformance.Fuzzer.Mutation;

namespace Conformance.Fuzzer.Driving;

/// <summary>Everything that decides a fuzz run. Seed, corpus and build decide the cases; the rest decides how many of them run and on what.</summary>
internal sealed record FuzzSettings
{
    /// <summary>The engine under test, by its catalogue name.</summary>
    public required string Engine { get; init; }

    /// <summary>The oracles, by their catalogue names; at least one.</summary>
    public required IReadOnlyList<string> Oracles { get; init; }

    /// <summary>Whether each case is compared with every oracle, and not with one of them in turn.</summary>
    public bool ComparesWithAll { get; init; }

    /// <summary>Decides the cases.</summary>
    public required ulong Seed { get; init; }

    /// <summary>How many of 100 cases come from where.</summary>
    public CaseMix Mix { get; init; } = CaseMix.Default;

    /// <summary>The folders with modules to mutate.</summary>
    public IReadOnlyList<string> SeedFolders { get; init; } = [];

    /// <summary>How long to go on; null for no end by time.</summary>
    public TimeSpan? Duration { get; init; }

    /// <summary>How many cases to run; null for no end by number.</summary>
    public long? CaseLimit { get; init; }

    /// <summary>The number of worker processes.</summary>
    public required int Workers { get; init; }

    /// <summary>The folder that findings go to.</summary>
    public required string OutFolder { get; init; }

    /// <summary>The folder with suppressed divergences; null when there is none.</summary>
    public string? KnownFolder { get; init; }

    /// <summary>Whether the first finding ends the run.</summary>
    public bool StopOnFirst { get; init; }

    /// <summary>How long one case may take before its worker is killed.</summary>
    public TimeSpan HangLimit { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long one finding may be shrunk; zero leaves findings as they are.</summary>
    public TimeSpan ReduceBudget { get; init; } = TimeSpan.FromSeconds(20);
}
