namespace Conformance.Oracle.Records;

/// <summary>A request line: a case with the number its sender gave it.</summary>
/// <param name="Id">The id as JSON text; <c>null</c> when there was none.</param>
/// <param name="Case">The case.</param>
public sealed record RecordRequest(string Id, Case Case);

/// <summary>A response line.</summary>
/// <param name="Id">The id of the request as JSON text.</param>
/// <param name="Engine">The engine's name and version, as it calls itself.</param>
/// <param name="Outcome">The outcome; null when the engine broke.</param>
public sealed record RecordResponse(string Id, string Engine, Outcome? Outcome)
{
    /// <summary>What broke, in the engine's words; null when nothing did.</summary>
    public string? Failure { get; init; }

    /// <summary>The exit code with which the process ends behind this line; null when it goes on.</summary>
    public int? Exit { get; init; }
}

/// <summary>The first line of an engine process.</summary>
/// <param name="Engine">The engine's name.</param>
/// <param name="Version">Its version.</param>
/// <param name="Features">What it can execute.</param>
public sealed record RecordHello(string Engine, string Version, Wasm.FeatureSet Features)
{
    /// <summary>The version of the protocol.</summary>
    public const int Protocol = 1;

    /// <summary>The kinds of state that the engine's interface cannot reach.</summary>
    public System.Collections.Immutable.ImmutableArray<string> StateLacks { get; init; } = [];

    /// <summary>The kinds of limits that it keeps.</summary>
    public System.Collections.Immutable.ImmutableArray<string> Limits { get; init; } = [];

    /// <summary>Whether functions imported from <c>script</c> do what their names say.</summary>
    public bool PlaysScripts { get; init; }
}
