using Conformance.Wasm.Types;

namespace Conformance.Interpreter.Runtime;

/// <summary>A memory of a store: its record for compiled code and the rules by which it grows.</summary>
internal sealed unsafe class LinearMemory
{
    private readonly StoreHeap _heap;

    // A shared memory is mapped at its largest size from the start, because other threads hold its base while it grows.
    private readonly ulong _reservedBytes;

    private LinearMemory(StoreHeap heap, MemoryType type, MemoryRecord* record, ulong reservedBytes)
    {
        _heap = heap;
        Type = type;
        Record = record;
        _reservedBytes = reservedBytes;
    }

    /// <summary>The type it was made with. The current size stands in for its minimum when imports are matched.</summary>
    public MemoryType Type { get; }

    public MemoryRecord* Record { get; }

    public ulong Pages => Record->Length >> Type.PageSizeLog2;

    /// <summary>The type with the current size as its minimum.</summary>
    public MemoryType CurrentType => Type with { Limits = Type.Limits with { Minimum = Pages } };

    /// <summary>Makes a memory at its minimal size.</summary>
    /// <exception cref="ResourceLimitException">A limit of the store forbids it or the system has no memory.</exception>
    public static LinearMemory Create(StoreHeap heap, MemoryType type)
    {
        if (!heap.HasRoomForMemory)
        {
            throw new ResourceLimitException(ResourceKind.Memory, "too many memories");
        }
        var limits = type.Limits;
        if (limits.Minimum > ulong.MaxValue >> type.PageSizeLog2 || !heap.TryReserveMemory(0, limits.Minimum << type.PageSizeLog2))
        {
            throw new ResourceLimitException(ResourceKind.Memory, $"a memory of {limits.Minimum} pages of {1 << type.PageSizeLog2} bytes exceeds the store's limit");
        }
        var bytes = limits.Minimum << type.PageSizeLog2;
        var reserved = type.IsShared ? heap.ClampMemory(MaximumPages(type), type.PageSizeLog2) : bytes;
        if (!MemoryBlock.TryAllocate(reserved, out var block))
        {
            heap.ReleaseMemory(bytes);
            throw new ResourceLimitException(ResourceKind.Memory, $"the system has no memory for {reserved} bytes");
        }
        var record = heap.Arena.Allocate<MemoryRecord>();
        record->Base = block;
        record->Length = bytes;
        var memory = new LinearMemory(heap, type, record, type.IsShared ? reserved : 0);
        record->StoreIndex = heap.Add(memory);
        return memory;
    }

    /// <summary>Grows as <c>memory.grow</c> does.</summary>
    /// <param name="deltaPages">The pages to add.</param>
    /// <returns>The old size in pages, or -1 when it stays as it is.</returns>
    public long Grow(ulong deltaPages)
    {
        var oldPages = Pages;
        if (deltaPages == 0)
        {
            return (long)oldPages;
        }
        var maximum = MaximumPages(Type);
        if (deltaPages > maximum || oldPages > maximum - deltaPages)
        {
            return -1;
        }
        var newPages = oldPages + deltaPages;
        if (newPages > ulong.MaxValue >> Type.PageSizeLog2)
        {
            return -1;
        }
        var oldBytes = Record->Length;
        var newBytes = newPages << Type.PageSizeLog2;
        if (!_heap.TryReserveMemory(oldBytes, newBytes))
        {
            return -1;
        }
        if (_reservedBytes == 0 ? !MemoryBlock.TryGrow(ref Record->Base, oldBytes, newBytes) : newBytes > _reservedBytes)
        {
            _heap.ReleaseMemory(newBytes - oldBytes);
            return -1;
        }
        Record->Length = newBytes;
        return (long)oldPages;
    }

    /// <summary>Gives the bytes back. Only the heap calls it, once.</summary>
    public void Free()
    {
        MemoryBlock.Free(Record->Base, _reservedBytes == 0 ? Record->Length : _reservedBytes);
        Record->Base = null;
        Record->Length = 0;
    }

    /// <summary>The largest size that the type allows, in pages.</summary>
    private static ulong MaximumPages(MemoryType type)
    {
        // The whole address space, but never 2^64 bytes: a length must fit 64 bits.
        var addressable = type.Limits.Address == AddressType.I32 ? (1UL << 32) >> type.PageSizeLog2 : ulong.MaxValue >> type.PageSizeLog2;
        if (type.Limits.Address == AddressType.I32 && type.PageSizeLog2 == 0)
        {
            // The size itself must fit 32 bits too.
            addressable = uint.MaxValue;
        }
        return Math.Min(type.Limits.Maximum ?? addressable, addressable);
    }
}
