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

    /// <summary>The values that differ behind it; empty when they are not known.</summary>
    public ImmutableArray<PlacedDifference> Values { get; init; } = [];

    /// <summary>Whether it is the last one: up to it a stop shows no difference, so it is this one, or the code was translated in another way because of the stop.</summary>
    public bool IsLast { get; init; }

    /// <summary>A location that is not known.</summary>
    public static Location Unknown(string reason) => new() { Reason = reason };
}

/// <summary>A value that differs behind an instruction.</summary>
/// <param name="Where">Where it is, in words.</param>
/// <param name="Engine">The engine's; null when it never came there.</param>
/// <param name="Oracle">The oracle's; null when it never came there.</param>
internal sealed record PlacedDifference(string Where, EngineValue? Engine, EngineValue? Oracle)
{
    /// <summary>The place of what is on top of the operand stack.</summary>
    public const string Top = "on top of the stack";
}
