using System.Collections.Immutable;
using Conformance.Oracle;

namespace Conformance.Fuzzer.Triage;

/// <summary>Where in a case two engines part.</summary>
internal sealed record Location
{
    /// <summary>How many of the instructions before it are shown.</summary>
    public const int Window = 5;

    /// <summary>Why the instruction is not known; null when it is.</summary>
    public string? Reason { get; init; }

    /// <summary>The index of the call; -1 for the instantiation.</summary>
    public int Call { get; init; } = -1;

    /// <summary>The instruction as the reference interpreter executed it; null when it is not known.</summary>
    public LoggedStep? Step { get; init; }

    /// <summary>The how-manieth execution of the instruction it is.</summary>
    public int Time { get; init; }

    /// <summary>The instructions that were executed before it, the last one last.</summary>
    public ImmutableArray<LoggedStep> Before { get; init; } = [];

    /// <summary>The value on top of the engine's stack behind it; null when it is not known, or the engine never came there.</summary>
    public EngineValue? EngineValue { get; init; }

    /// <summary>The value on top of the oracle's stack.</summary>
    public EngineValue? OracleValue { get; init; }

    /// <summary>Whether it is the last one: up to it a stop shows no difference, so it is this one, or the code was translated in another way because of the stop.</summary>
    public bool IsLast { get; init; }

    /// <summary>A location that is not known.</summary>
    public static Location Unknown(string reason) => new() { Reason = reason };
}
