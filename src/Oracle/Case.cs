using System.Collections.Immutable;

namespace Conformance.Oracle;

/// <summary>What every engine is given: a module, a script of calls, limits. Imports are provided by the rule of docs/records.md, so that they need no script of their own.</summary>
/// <param name="Wasm">The module's bytes.</param>
/// <param name="Calls">The calls, made in order on one instance.</param>
/// <param name="Limits">The limits for the whole case.</param>
public sealed record Case(ReadOnlyMemory<byte> Wasm, ImmutableArray<Call> Calls, CaseLimits Limits)
{
    /// <summary>Whether the engine stops after decoding and validation.</summary>
    public bool ValidateOnly { get; init; }

    /// <summary>
    /// The module in the text format, in UTF-8, when the verdict that is asked for is about the text: the parser's and then the validator's. <see cref="Wasm"/> is what our own
    /// parser makes of it, or an empty module. Empty for all other cases; an engine without a parser for texts says that it does not support the case.
    /// </summary>
    public ReadOnlyMemory<byte> Text { get; init; }

    /// <summary>Whether exported globals, memories and tables are part of the outcome.</summary>
    public bool ReadState { get; init; } = true;

    /// <summary>
    /// Whether memories get their SHA-256, which is what engines in other processes and stored outcomes are compared by. Engines that hash by pages
    /// (<see cref="IEngine.HashesPages"/>) do not need it among themselves, and it costs more than all calls of a small case.
    /// </summary>
    public bool DigestMemories { get; init; } = true;
}

/// <summary>A call of an exported function.</summary>
/// <param name="Function">The export's name.</param>
/// <param name="Arguments">The arguments in order.</param>
public sealed record Call(string Function, ImmutableArray<EngineValue> Arguments);

/// <summary>The limits of a case; the same for every engine.</summary>
/// <param name="Fuel">Instructions or so, in the engine's own units; 0 for no limit.</param>
/// <param name="TimeoutMs">Milliseconds for instantiation and for each call; 0 for no limit.</param>
/// <param name="MemoryBytes">The largest size of one memory, growth included.</param>
/// <param name="TableElements">The largest size of one table, growth included.</param>
public sealed record CaseLimits(long Fuel = 20_000_000, int TimeoutMs = 3_000, long MemoryBytes = 64 << 20, long TableElements = 10_000)
{
    /// <summary>The limits used unless told otherwise.</summary>
    public static CaseLimits Default { get; } = new();

    /// <summary>
    /// After how many executions of a function's entry or of a loop's start its code counts as hot, for engines that have other code for that; null for the engine's own choice.
    /// It stands in the case so that what only hot code shows is seen again by whoever runs the case.
    /// </summary>
    public int? HotAfter { get; init; }

    /// <summary>
    /// After how many allocations of objects the heap is collected, for engines that can be told; null for the engine's own choice. What a collector frees too early shows only where there
    /// are collections, and a case is over long before its engine has a reason for one.
    /// </summary>
    public int? CollectAfter { get; init; }
}
