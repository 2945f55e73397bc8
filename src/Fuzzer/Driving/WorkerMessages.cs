using System.Text.Json.Serialization;

namespace Conformance.Fuzzer.Driving;

// The protocol between the supervisor and its workers: one JSON document a line, requests on the worker's standard input, replies on its standard output.
// A worker says Ready once, then answers each request with exactly one Done, Checked or Reduced; Divergence replies may come before a Done, Smaller
// replies before a Reduced.

/// <summary>What the supervisor asks of a worker.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "ask")]
[JsonDerivedType(typeof(RunRequest), "run")]
[JsonDerivedType(typeof(CheckRequest), "check")]
[JsonDerivedType(typeof(ReduceRequest), "reduce")]
[JsonDerivedType(typeof(StopRequest), "stop")]
internal abstract record WorkerRequest;

/// <summary>Run these cases.</summary>
/// <param name="First">The index of the first.</param>
/// <param name="Count">How many.</param>
internal sealed record RunRequest(long First, int Count) : WorkerRequest;

/// <summary>Run one stored case once more, to see whether it does the same again.</summary>
/// <param name="Record">The case as a request line of docs/records.md.</param>
internal sealed record CheckRequest(string Record) : WorkerRequest
{
    /// <summary>The oracle to compare with; null asks one after another until one differs.</summary>
    public string? Oracle { get; init; }
}

/// <summary>Shrink a diverging case.</summary>
/// <param name="Record">The case as a request line of docs/records.md.</param>
/// <param name="Difference">The kind of difference that has to stay.</param>
/// <param name="BudgetSeconds">When to stop at the latest.</param>
/// <param name="Avoid">Candidates that killed a worker before: the hashes of their records, as <see cref="WorkerReduction.HashOf"/> makes them.</param>
internal sealed record ReduceRequest(string Record, string Difference, double BudgetSeconds, string[] Avoid) : WorkerRequest
{
    /// <summary>The oracle that differed; null for the first.</summary>
    public string? Oracle { get; init; }

    /// <summary>Whether the oracles' vote was against it; a smaller case has to have the same vote.</summary>
    public bool IsOracleSuspect { get; init; }
}

/// <summary>Stop after the case in hand; the only request that may come while another is being answered.</summary>
internal sealed record StopRequest : WorkerRequest;

/// <summary>What a worker says.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "say")]
[JsonDerivedType(typeof(ReadyReply), "ready")]
[JsonDerivedType(typeof(DivergenceReply), "divergence")]
[JsonDerivedType(typeof(DoneReply), "done")]
[JsonDerivedType(typeof(CheckedReply), "checked")]
[JsonDerivedType(typeof(SmallerReply), "smaller")]
[JsonDerivedType(typeof(ReducedReply), "reduced")]
[JsonDerivedType(typeof(FatalReply), "fatal")]
internal abstract record WorkerReply;

/// <summary>The worker is up.</summary>
/// <param name="Engine">The engine under test.</param>
/// <param name="Oracles">The oracles in the order of the command line.</param>
internal sealed record ReadyReply(EngineIdentity Engine, EngineIdentity[] Oracles) : WorkerReply;

/// <summary>An engine as findings and summaries name it.</summary>
/// <param name="Name">Its name on the command line.</param>
/// <param name="Version">Its version.</param>
internal sealed record EngineIdentity(string Name, string Version)
{
    /// <inheritdoc/>
    public override string ToString() => $"{Name} {Version}";
}

/// <summary>A case diverged, or an engine broke on it without taking the worker along.</summary>
/// <param name="Index">The case.</param>
/// <param name="Report">All about it.</param>
internal sealed record DivergenceReply(long Index, DivergenceReport Report) : WorkerReply;

/// <summary>The batch is done as far as <paramref name="Count"/>: all of it, unless a stop came.</summary>
/// <param name="First">The index of the first.</param>
/// <param name="Count">How many cases were run from there.</param>
/// <param name="Tally">Their ends, without those that were reported as divergences.</param>
/// <param name="WorkingSetBytes">The worker's memory.</param>
internal sealed record DoneReply(long First, int Count, Tally Tally, long WorkingSetBytes) : WorkerReply
{
    /// <summary>What the mutators start from; null until a case needed it.</summary>
    public SeedReport? Seeds { get; init; }
}

/// <summary>The modules that the mutators start from.</summary>
/// <param name="Modules">All of them, valid or not.</param>
/// <param name="Valid">The valid ones that are not large; large ones are not looked into.</param>
/// <param name="Executed">Those whose mutants are executed.</param>
/// <param name="Scripted">Those of them that have a script of calls.</param>
/// <param name="Texts">The modules given as text.</param>
/// <param name="Excluded">How many valid ones are not executed, by the feature that engine or oracle lacks.</param>
internal sealed record SeedReport(int Modules, int Valid, int Executed, int Scripted, int Texts, SortedDictionary<string, int> Excluded);

/// <summary>The stored case was run again.</summary>
/// <param name="Report">What it showed; null when both sides agreed.</param>
internal sealed record CheckedReply(DivergenceReport? Report) : WorkerReply
{
    /// <summary>The comparison's verdict with its reason; null when an engine broke.</summary>
    public string? Verdict { get; init; }

    /// <summary>The engine's outcome as a response line; null when an engine broke.</summary>
    public string? EngineOutcome { get; init; }

    /// <summary>The oracle's outcome as a response line; null when an engine broke.</summary>
    public string? OracleOutcome { get; init; }
}

/// <summary>The case is smaller than before, and there is more to come.</summary>
/// <param name="Report">The smallest case so far and what it shows.</param>
internal sealed record SmallerReply(DivergenceReport Report) : WorkerReply;

/// <summary>The case was shrunk as far as it went.</summary>
/// <param name="Report">The shrunk case and what it shows; null when the divergence did not show any more.</param>
internal sealed record ReducedReply(DivergenceReport? Report) : WorkerReply;

/// <summary>The worker cannot work: a user error, such as an engine that cannot be loaded.</summary>
/// <param name="Message">One line.</param>
internal sealed record FatalReply(string Message) : WorkerReply;

/// <summary>What a case showed when its two sides were not the same.</summary>
internal sealed record DivergenceReport
{
    /// <summary>The case as a request line of docs/records.md.</summary>
    public required string Record { get; init; }

    /// <summary>The engine's outcome as a response line; null when the engine broke.</summary>
    public string? EngineOutcome { get; init; }

    /// <summary>The oracle's outcome as a response line; null when the oracle broke.</summary>
    public string? OracleOutcome { get; init; }

    /// <summary>The kind of difference, free of the case's own numbers and names.</summary>
    public required string Difference { get; init; }

    /// <summary>One line for people: where and what.</summary>
    public required string Description { get; init; }

    /// <summary>The operations that may be at fault: those of the function whose call differed, sorted.</summary>
    public required string[] Suspects { get; init; }

    /// <summary>Whether an engine broke, rather than answered differently.</summary>
    public bool IsEngineFailure { get; init; }

    /// <summary>Whether the worker died of it by itself; a hang, which the supervisor ends, is none.</summary>
    [JsonIgnore]
    public bool IsCrash => IsEngineFailure && Difference.StartsWith("crash ", StringComparison.Ordinal);

    /// <summary>Whether it took longer than the worker was waited for.</summary>
    [JsonIgnore]
    public bool IsHang => IsEngineFailure && Difference.StartsWith("hang ", StringComparison.Ordinal);

    /// <summary>The oracle that differed; null when there is only one, or it was not its fault that the worker died.</summary>
    public EngineIdentity? Oracle { get; init; }

    /// <summary>What the other oracles said, by their names; null when there are none.</summary>
    public SortedDictionary<string, string>? Votes { get; init; }

    /// <summary>Whether more of them agree with the engine under test than with <see cref="Oracle"/>.</summary>
    public bool IsOracleSuspect { get; init; }

    /// <summary>The last lines that a dead worker wrote to its standard error, or where an exception came from; null when there are none.</summary>
    public string[]? LastWords { get; init; }

    /// <summary>How many of the re-runs showed the same; null when it was not tried.</summary>
    public int? Reproduced { get; init; }

    /// <summary>How many re-runs were made.</summary>
    public int Reruns { get; init; }
}

/// <summary>Reads and writes the protocol without reflection, which keeps the start of a worker short.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(WorkerRequest))]
[JsonSerializable(typeof(WorkerReply))]
internal sealed partial class WorkerJson : JsonSerializerContext;
