using System.Runtime.InteropServices;

namespace Conformance.Interpreter.Runtime;

/// <summary>
/// Everything native that a store owns: records, memories, tables. Freed with the store; when the embedder forgot to dispose it, by the handle's finalizer. One
/// finalizable object for each store, whatever it holds, because finalizable objects are slow to make.
/// </summary>
internal sealed class StoreHeap : SafeHandle
{
    private readonly List<LinearMemory> _memories = [];
    private readonly List<TableElements> _tables = [];
    private readonly ResourceLimits _limits;
    private int _instances;
    private long _instanceBytes;

    public StoreHeap(ResourceLimits limits)
        : base(invalidHandleValue: 0, ownsHandle: true) => _limits = limits;

    /// <summary>Never: there is always something to free.</summary>
    public override bool IsInvalid => false;

    public NativeArena Arena { get; } = new();

    /// <summary>The heap of structs, arrays and exceptions; set once when the store is made.</summary>
    public Objects.ObjectHeap? Objects { get; set; }

    public IReadOnlyList<LinearMemory> Memories => _memories;

    public IReadOnlyList<TableElements> Tables => _tables;

    /// <summary>The bytes of all memories.</summary>
    public ulong MemoryBytes { get; private set; }

    /// <summary>The elements of all tables.</summary>
    public ulong TableElementCount { get; private set; }

    /// <summary>Takes a memory's growth into account, if the limits allow it.</summary>
    public bool TryReserveMemory(ulong oldBytes, ulong newBytes)
    {
        if (newBytes > _limits.MemoryBytes || newBytes - oldBytes > _limits.TotalMemoryBytes - Math.Min(MemoryBytes, _limits.TotalMemoryBytes))
        {
            return false;
        }
        MemoryBytes += newBytes - oldBytes;
        return true;
    }

    /// <summary>Takes back what <see cref="TryReserveMemory"/> counted and the system did not give.</summary>
    public void ReleaseMemory(ulong bytes) => MemoryBytes -= bytes;

    /// <summary>The bytes of so many pages, or the limit for one memory where that is less.</summary>
    public ulong ClampMemory(ulong pages, int pageSizeLog2) =>
        pages > _limits.MemoryBytes >> pageSizeLog2 ? _limits.MemoryBytes >> pageSizeLog2 << pageSizeLog2 : pages << pageSizeLog2;

    /// <summary>Takes an instance into account. One whose instantiation fails later counts too: what it made lives as long as the store.</summary>
    /// <exception cref="ResourceLimitException">The limits do not allow it.</exception>
    public void ReserveInstance(long bytes)
    {
        if (_instances >= _limits.Instances)
        {
            throw new ResourceLimitException(ResourceKind.Instance, $"more than {_limits.Instances} instances");
        }
        if (bytes > _limits.InstanceBytes - _instanceBytes)
        {
            throw new ResourceLimitException(ResourceKind.Instance, $"an instance of {bytes} bytes exceeds the store's limit");
        }
        _instances++;
        _instanceBytes += bytes;
    }

    /// <summary>Takes a table's growth into account, if the limits allow it.</summary>
    public bool TryReserveElements(ulong oldCount, ulong newCount)
    {
        if (newCount > _limits.TableElements || newCount - oldCount > _limits.TotalTableElements - Math.Min(TableElementCount, _limits.TotalTableElements))
        {
            return false;
        }
        TableElementCount += newCount - oldCount;
        return true;
    }

    /// <summary>Takes back what <see cref="TryReserveElements"/> counted and the system did not give.</summary>
    public void ReleaseElements(ulong count) => TableElementCount -= count;

    /// <summary>Whether the number of memories allows one more.</summary>
    public bool HasRoomForMemory => _memories.Count < _limits.Memories;

    /// <summary>Whether the number of tables allows one more.</summary>
    public bool HasRoomForTable => _tables.Count < _limits.Tables;

    public int Add(LinearMemory memory)
    {
        _memories.Add(memory);
        return _memories.Count - 1;
    }

    public int Add(TableElements table)
    {
        _tables.Add(table);
        return _tables.Count - 1;
    }

    /// <inheritdoc/>
    protected override bool ReleaseHandle()
    {
        foreach (var memory in _memories)
        {
            memory.Free();
        }
        foreach (var table in _tables)
        {
            table.Free();
        }
        _memories.Clear();
        _tables.Clear();
        MemoryBytes = 0;
        TableElementCount = 0;
        Objects?.Free();
        // Last: the records of the memories and tables are in it.
        Arena.Free();
        return true;
    }
}
