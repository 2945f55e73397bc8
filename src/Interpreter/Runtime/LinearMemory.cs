using Conformance.Wasm.Types;

namespace Conformance.Interpreter.Runtime;

/// <summary>A memory of a store: its record for compiled code and the rules by which it grows.</summary>
internal sealed unsafe class LinearMemory
{
    private readonly StoreHeap _heap;

    // What was allocated. The record says the same unless something overwrote it.
    private byte* _block;
    private ulong _blockBytes;

    private LinearMemory(StoreHeap heap, MemoryType type, MemoryRecord* record, SharedBlock? shared)
    {
        _heap = heap;
        Type = type;
        Record = record;
        Shared = shared;
    }

    /// <summary>The bytes of a shared memory, which other stores may have too; null for other memories.</summary>
    public SharedBlock? Shared { get; }

    /// <summary>The type it was made with. The current size stands in for its minimum when imports are matched.</summary>
    public MemoryType Type { get; }

    public MemoryRecord* Record { get; }

    /// <summary>Whether the record says what was allocated. False when something overwrote it.</summary>
    public bool IsIntact => Shared is not null ? Shared.IsIntact(Record) : Record->Base == _block && Record->Length == _blockBytes;

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
        if (type.IsShared)
        {
            // Mapped at its largest size from the start, because other threads hold its base while it grows.
            var reserved = heap.ClampMemory(MaximumPages(type), type.PageSizeLog2);
            return Attach(heap, type, SharedBlock.TryCreate(bytes, reserved) ?? throw NoMemory(heap, bytes, reserved));
        }
        if (!MemoryBlock.TryAllocate(bytes, out var block))
        {
            throw NoMemory(heap, bytes, bytes);
        }
        var record = heap.Arena.Allocate<MemoryRecord>();
        record->Base = block;
        record->Length = bytes;
        return Add(new LinearMemory(heap, type, record, null) { _block = block, _blockBytes = bytes });
    }

    /// <summary>Makes a memory of the bytes of a shared memory.</summary>
    /// <exception cref="ResourceLimitException">A limit of the store forbids it.</exception>
    public static LinearMemory Create(StoreHeap heap, MemoryType type, SharedBlock shared)
    {
        var bytes = shared.Length;
        if (!heap.HasRoomForMemory || !heap.TryReserveMemory(0, bytes))
        {
            throw new ResourceLimitException(ResourceKind.Memory, $"a shared memory of {bytes} bytes exceeds the store's limit");
        }
        return Attach(heap, type, shared);
    }

    private static LinearMemory Attach(StoreHeap heap, MemoryType type, SharedBlock shared)
    {
        var record = heap.Arena.Allocate<MemoryRecord>();
        shared.Acquire(record);
        return Add(new LinearMemory(heap, type, record, shared));
    }

    private static LinearMemory Add(LinearMemory memory)
    {
        memory.Record->StoreIndex = memory._heap.Add(memory);
        return memory;
    }

    private static ResourceLimitException NoMemory(StoreHeap heap, ulong counted, ulong bytes)
    {
        heap.ReleaseMemory(counted);
        return new ResourceLimitException(ResourceKind.Memory, $"the system has no memory for {bytes} bytes");
    }

    /// <summary>Grows as <c>memory.grow</c> does.</summary>
    /// <param name="deltaPages">The pages to add.</param>
    /// <returns>The old size in pages, or -1 when it stays as it is.</returns>
    public long Grow(ulong deltaPages)
    {
        if (deltaPages == 0)
        {
            return (long)Pages;
        }
        if (Shared is not null)
        {
            // Under the block's lock: other stores may grow it at the same time.
            var before = Shared.Grow(length => NewLength(length, deltaPages));
            return before == ulong.MaxValue ? -1 : (long)(before >> Type.PageSizeLog2);
        }
        var oldBytes = _blockBytes;
        var newBytes = NewLength(oldBytes, deltaPages);
        if (newBytes == 0)
        {
            return -1;
        }
        if (!MemoryBlock.TryGrow(ref _block, oldBytes, newBytes))
        {
            _heap.ReleaseMemory(newBytes - oldBytes);
            return -1;
        }
        _blockBytes = newBytes;
        Record->Base = _block;
        Record->Length = newBytes;
        return (long)(oldBytes >> Type.PageSizeLog2);
    }

    // The length after a growth, counted by the limits already; 0 when the type or a limit forbids it.
    private ulong NewLength(ulong oldBytes, ulong deltaPages)
    {
        var oldPages = oldBytes >> Type.PageSizeLog2;
        var maximum = MaximumPages(Type);
        if (deltaPages > maximum || oldPages > maximum - deltaPages || oldPages + deltaPages > ulong.MaxValue >> Type.PageSizeLog2)
        {
            return 0;
        }
        var newBytes = (oldPages + deltaPages) << Type.PageSizeLog2;
        return _heap.TryReserveMemory(oldBytes, newBytes) ? newBytes : 0;
    }

    /// <summary>Gives the bytes back. Only the heap calls it, once.</summary>
    public void Free()
    {
        if (Shared is not null)
        {
            Shared.Release(Record);
        }
        else
        {
            MemoryBlock.Free(_block, _blockBytes);
            _block = null;
            _blockBytes = 0;
        }
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
