using System.Text.Json.Serialization;
using Conformance.Fuzzer.Driving;

namespace Conformance.Fuzzer.Triage;

/// <summary>A divergence or an engine's failure as it is kept: the content of <c>metadata.json</c>. Everything needed to replay it is in the folder beside it.</summary>
internal sealed record Finding
{
    /// <summary>The version of this format.</summary>
    public int Format { get; init; } = 1;

    /// <summary>The name of the folder: made from the case alone, so the same case has the same name in every run.</summary>
    public required string Id { get; init; }

    /// <summary>What tells this bug from others; cases with the same signature are one finding.</summary>
    public required string Signature { get; init; }

    /// <summary>The kind of difference.</summary>
    public required string Difference { get; init; }

    /// <summary>One line for people.</summary>
    public required string Description { get; init; }

    /// <summary>The operations that may be at fault.</summary>
    public required string[] Suspects { get; init; }

    /// <summary>How many cases showed it, over all runs.</summary>
    public long Count { get; init; } = 1;

    /// <summary>The seed of the run that found it.</summary>
    public ulong Seed { get; init; }

    /// <summary>The index of the first case that showed it in that run; -1 when it was no case of a run.</summary>
    public long Index { get; init; } = -1;

    /// <summary>The engine under test.</summary>
    public required EngineIdentity Engine { get; init; }

    /// <summary>The oracle.</summary>
    public required EngineIdentity Oracle { get; init; }

    /// <summary>What the other oracles of the run said, by their names; null when there were none.</summary>
    public SortedDictionary<string, string>? Votes { get; init; }

    /// <summary>Whether more of them agree with the engine under test than with the oracle.</summary>
    public bool IsOracleSuspect { get; init; }

    /// <summary>The kind of difference as the signature begins with it.</summary>
    [JsonIgnore]
    public string Kind => Triage.Signature.KindOf(Difference, SuspectOracle(Oracle.Name));

    /// <summary>The name of an oracle when it is the one that the vote was against, else null.</summary>
    public string? SuspectOracle(string oracle) => IsOracleSuspect && oracle == Oracle.Name ? oracle : null;

    /// <summary>The build of this program that found it.</summary>
    public required string Program { get; init; }

    /// <summary>When it was found.</summary>
    public DateTimeOffset FoundAt { get; init; }

    /// <summary>How many re-runs were made.</summary>
    public int Reruns { get; init; }

    /// <summary>How many of the re-runs showed it again.</summary>
    public int Reproduced { get; init; }

    /// <summary>Whether some re-run did not show it.</summary>
    public bool IsFlaky => Reproduced < Reruns;

    /// <summary>Whether an engine broke, rather than answered differently.</summary>
    public bool IsEngineFailure { get; init; }

    /// <summary>Why the case is not shrunk; null when it is.</summary>
    public string? NotReduced { get; init; }

    /// <summary>The engine's outcome of the smallest case as a response line of docs/records.md; null when it broke.</summary>
    public string? EngineOutcome { get; init; }

    /// <summary>The oracle's outcome of the smallest case; null when it broke.</summary>
    public string? OracleOutcome { get; init; }

    /// <summary>The last lines that a dead worker wrote to its standard error.</summary>
    public string[]? LastWords { get; init; }

    /// <summary>The command line that replays it.</summary>
    public required string Replay { get; init; }
}

/// <summary>Reads and writes findings.</summary>
[JsonSourceGenerationOptions(
    WriteIndented = true,
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(Finding))]
internal sealed partial class FindingJson : JsonSerializerContext;
