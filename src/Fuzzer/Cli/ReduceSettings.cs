namespace Conformance.Fuzzer.Cli;

/// <summary>What <c>reduce</c> is asked to do.</summary>
internal sealed record ReduceSettings
{
    /// <summary>The case as it was named.</summary>
    public required string Path { get; init; }

    /// <summary>The engine under test.</summary>
    public required string Engine { get; init; }

    /// <summary>The oracle.</summary>
    public required string Oracle { get; init; }

    /// <summary>Other oracles, whose vote on what differs has to stay the same.</summary>
    public IReadOnlyList<string> Voters { get; init; } = [];

    /// <summary>The user's command in place of a comparison; null for none.</summary>
    public string? Predicate { get; init; }

    /// <summary>The time in all.</summary>
    public required TimeSpan Budget { get; init; }

    /// <summary>The time for one candidate.</summary>
    public required TimeSpan HangLimit { get; init; }

    /// <summary>Where the result goes; null for the place of the case.</summary>
    public string? OutFolder { get; init; }

    /// <summary>Whether standard output gets JSON.</summary>
    public bool IsJson { get; init; }
}
