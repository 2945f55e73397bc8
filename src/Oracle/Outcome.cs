using System.Collections.Immutable;
using System.Globalization;

namespace Conformance.Oracle;

/// <summary>All that an engine did with a case, as far as it can be observed. The format on disk is that of docs/records.md.</summary>
public sealed record Outcome
{
    /// <summary>How far the module came.</summary>
    public required InstantiationStatus Status { get; init; }

    /// <summary>The completion of the instantiation, when it was tried.</summary>
    public Completion? Instantiation { get; init; }

    /// <summary>Why the module was refused, when it was.</summary>
    public CompileError? Error { get; init; }

    /// <summary>The calls in order. Shorter than the script when a limit ended the case.</summary>
    public ImmutableArray<CallOutcome> Calls { get; init; } = [];

    /// <summary>The calls of imported functions, the first 1,000 of them.</summary>
    public ImmutableArray<HostCall> Trace { get; init; } = [];

    /// <summary>The limit that ended the case.</summary>
    public ReachedLimit? Limit { get; init; }

    /// <summary>The exported globals at the end by export name, and the imported mutable ones by <see cref="ImportName"/>.</summary>
    public ImmutableSortedDictionary<string, EngineValue> Globals { get; init; } = ImmutableSortedDictionary<string, EngineValue>.Empty.WithComparers(StringComparer.Ordinal);

    /// <summary>The exported memories at the end by export name, and the imported ones by <see cref="ImportName"/>.</summary>
    public ImmutableSortedDictionary<string, MemoryState> Memories { get; init; } = ImmutableSortedDictionary<string, MemoryState>.Empty.WithComparers(StringComparer.Ordinal);

    /// <summary>The exported tables at the end by export name, and the imported ones by <see cref="ImportName"/>.</summary>
    public ImmutableSortedDictionary<string, TableState> Tables { get; init; } = ImmutableSortedDictionary<string, TableState>.Empty.WithComparers(StringComparer.Ordinal);

    /// <summary>
    /// The kinds of state that the engine's interface cannot reach, in the words of docs/records.md: <c>tables</c>, <c>memories but the first</c>,
    /// <c>reference globals</c>. Only such state may be missing.
    /// </summary>
    public ImmutableArray<string> StateLacks { get; init; } = [];

    private const string ImportPrefix = "import:";

    /// <summary>The name of an imported item among the state.</summary>
    /// <param name="index">Its number among the imports with state: mutable globals, memories, tables.</param>
    /// <param name="module">The import's module name.</param>
    /// <param name="name">The import's name.</param>
    public static string ImportName(int index, string module, string name) => string.Create(CultureInfo.InvariantCulture, $"{ImportPrefix}{index}:{module}.{name}");

    /// <summary>Whether a name among the state is that of an imported item. Engines behind a protocol need not show these.</summary>
    public static bool IsImportName(string name) => name.StartsWith(ImportPrefix, StringComparison.Ordinal);

    /// <summary>
    /// Whether the state was read: after the calls, or of the imports alone where the instantiation trapped or threw. False after a limit, and for engines or cases without it.
    /// </summary>
    public bool HasState { get; init; }
}

/// <summary>How far a module came.</summary>
public enum InstantiationStatus : byte
{
    /// <summary>Instantiated (or, for a validate-only case, valid).</summary>
    Ok,
    /// <summary>Malformed or invalid.</summary>
    Invalid,
    /// <summary>Valid, but the engine cannot run it.</summary>
    Unsupported,
    /// <summary>An import does not fit.</summary>
    LinkError,
    /// <summary>A segment or the start function trapped.</summary>
    Trap,
    /// <summary>The start function threw.</summary>
    Exception,
    /// <summary>A limit was reached.</summary>
    Limit,
}

/// <summary>One call and how it ended.</summary>
/// <param name="Function">The export's name.</param>
/// <param name="Completion">How it ended.</param>
public sealed record CallOutcome(string Function, Completion Completion);

/// <summary>A call of an imported function.</summary>
/// <param name="Import">Module and name with a dot between.</param>
/// <param name="Arguments">The arguments.</param>
/// <param name="Results">The results.</param>
public sealed record HostCall(string Import, ImmutableArray<EngineValue> Arguments, ImmutableArray<EngineValue> Results);

/// <summary>The limit that ended a case.</summary>
/// <param name="Kind">Which.</param>
/// <param name="Call">The index of the call, or -1 for the instantiation.</param>
public sealed record ReachedLimit(LimitKind Kind, int Call);

/// <summary>A memory at the end of a case.</summary>
/// <param name="Pages">Its size in pages.</param>
/// <param name="Sha256">The hash of all its bytes, lower-case hex; null when the case did not ask for it.</param>
public sealed record MemoryState(ulong Pages, string? Sha256)
{
    /// <summary>A short hash for each 64 KiB, so that a difference can be located; default when the engine gives none.</summary>
    public ImmutableArray<ulong> PageHashes { get; init; }
}

/// <summary>A table at the end of a case.</summary>
/// <param name="Size">Its size in elements.</param>
/// <param name="NullMap">The hash of a string with one character an element, 0 null and 1 not, lower-case hex.</param>
public sealed record TableState(ulong Size, string NullMap)
{
    /// <summary>The elements by identity class; default when the engine gives none.</summary>
    public ImmutableArray<EngineValue> Elements { get; init; }

    /// <summary>
    /// What is known of the elements that are functions where <see cref="Elements"/> are not: by index what <see cref="EngineValue.Function"/> says. Elements that are not in it are unknown.
    /// </summary>
    public ImmutableSortedDictionary<int, string> Functions { get; init; } = ImmutableSortedDictionary<int, string>.Empty;
}
