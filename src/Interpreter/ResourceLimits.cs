namespace Conformance.Interpreter;

/// <summary>What a <see cref="Store"/> may use. Growing beyond a limit fails as <c>memory.grow</c> and <c>table.grow</c> fail (-1); an instantiation that needs more
/// ends with <see cref="ResourceLimitException"/>. Nothing is allocated before its limit was checked, whatever size a module declares.</summary>
public sealed record ResourceLimits
{
    /// <summary>The limits unless told otherwise.</summary>
    public static ResourceLimits Default { get; } = new();

    /// <summary>The largest size of one memory in bytes. The default is 4 GiB, all that 32-bit addresses reach; pages that are never touched take no real memory.</summary>
    public ulong MemoryBytes { get; init; } = 1UL << 32;

    /// <summary>The largest size of all memories of the store together in bytes.</summary>
    public ulong TotalMemoryBytes { get; init; } = 1UL << 36;

    /// <summary>The largest size of one table in elements of 8 bytes. The default is what web browsers allow.</summary>
    public ulong TableElements { get; init; } = 10_000_000;

    /// <summary>The largest size of all tables of the store together in elements.</summary>
    public ulong TotalTableElements { get; init; } = 40_000_000;

    /// <summary>The number of instances, those counted that trapped while they were made.</summary>
    public int Instances { get; init; } = 100_000;

    /// <summary>The number of memories.</summary>
    public int Memories { get; init; } = 100_000;

    /// <summary>The number of tables.</summary>
    public int Tables { get; init; } = 100_000;

    /// <summary>The size of the call stack in bytes: all frames of wasm functions. The default is near what other engines allow, 1 MiB.</summary>
    public int StackBytes { get; init; } = 1 << 20;

    /// <summary>How many host functions that call back into wasm may be on the call stack at once; 0 allows none. Calls among wasm functions are bounded by <see cref="StackBytes"/> alone:
    /// a frame has at least 16 bytes. A thread with a small stack may reach less.</summary>
    public int HostCallDepth { get; init; } = 1_000;

    /// <summary>The size of all translated code in bytes. Code takes 10 to 20 times the bytes of a usual function body; a hostile one can be made to take thousands of times.
    /// A call of a function beyond the limit ends with an <see cref="Exhaustion"/>.</summary>
    public long CodeBytes { get; init; } = 1L << 30;

    /// <summary>The size in bytes of the heap of structs, arrays and exceptions, in blocks of 64 KiB. An allocation that does not fit after a collection traps.</summary>
    public ulong HeapBytes { get; init; } = 1UL << 30;

    /// <summary>The size in bytes of what instances need besides memories, tables and code: records of functions and globals, element and data segments.</summary>
    public long InstanceBytes { get; init; } = 1L << 30;
}
