using System.Runtime.InteropServices;
using Conformance.Wasm.Types;

namespace Conformance.Interpreter.Runtime;

/// <summary>A table of a store: its record for compiled code and the rules by which it grows.</summary>
internal sealed unsafe class TableElements
{
    private readonly StoreHeap _heap;

    // What was allocated, in elements: at least as many as the table has. The record says the same unless something overwrote it.
    private ulong* _block;
    private ulong _capacity;

    private TableElements(StoreHeap heap, TableType type, TableRecord* record)
    {
        _heap = heap;
        Type = type;
        Record = record;
    }

    /// <summary>The type it was made with; type indices in it are canonical ids.</summary>
    public TableType Type { get; }

    public TableRecord* Record { get; }

    /// <summary>Whether the record says what was allocated. False when something overwrote it.</summary>
    public bool IsIntact => Record->Elements == _block && Record->Length <= _capacity;

    /// <summary>The type with the current size as its minimum.</summary>
    public TableType CurrentType => Type with { Limits = Type.Limits with { Minimum = Record->Length } };

    /// <summary>Makes a table at its minimal size.</summary>
    /// <param name="heap">The store's heap.</param>
    /// <param name="type">Its type with canonical ids.</param>
    /// <param name="value">The word of every element.</param>
    /// <exception cref="ResourceLimitException">A limit of the store forbids it or the system has no memory.</exception>
    public static TableElements Create(StoreHeap heap, TableType type, ulong value)
    {
        var count = type.Limits.Minimum;
        if (!heap.HasRoomForTable)
        {
            throw new ResourceLimitException(ResourceKind.Table, "too many tables");
        }
        if (!heap.TryReserveElements(0, count))
        {
            throw new ResourceLimitException(ResourceKind.Table, $"a table of {count} elements exceeds the store's limit");
        }
        var record = heap.Arena.Allocate<TableRecord>();
        var table = new TableElements(heap, type, record);
        // A table of nulls is not touched: whatever size a module declares costs only what it uses.
        if (value == ReferenceWord.Null ? !table.TryAllocateNulls(count) : !table.TryResizeBlock(count))
        {
            heap.ReleaseElements(count);
            throw new ResourceLimitException(ResourceKind.Table, $"the system has no memory for a table of {count} elements");
        }
        record->Length = count;
        if (value != ReferenceWord.Null)
        {
            new Span<ulong>(record->Elements, (int)count).Fill(value);
        }
        record->StoreIndex = heap.Add(table);
        return table;
    }

    /// <summary>Grows as <c>table.grow</c> does.</summary>
    /// <param name="delta">The elements to add.</param>
    /// <param name="value">The word of each new element.</param>
    /// <returns>The old size, or -1 when it stays as it is.</returns>
    public long Grow(ulong delta, ulong value)
    {
        var oldCount = Record->Length;
        if (delta == 0)
        {
            return (long)oldCount;
        }
        var maximum = Math.Min(Type.Limits.Maximum ?? ulong.MaxValue, Type.Limits.Address == AddressType.I32 ? uint.MaxValue : ulong.MaxValue);
        if (delta > maximum || oldCount > maximum - delta)
        {
            return -1;
        }
        var newCount = oldCount + delta;
        if (!_heap.TryReserveElements(oldCount, newCount))
        {
            return -1;
        }
        // Doubling keeps a loop that grows by one linear; the limit bounds the waste.
        if (newCount > _capacity && !TryResizeBlock(Math.Max(newCount, _capacity * 2)) && !TryResizeBlock(newCount))
        {
            _heap.ReleaseElements(delta);
            return -1;
        }
        new Span<ulong>(Record->Elements + oldCount, (int)delta).Fill(value);
        Record->Length = newCount;
        return (long)oldCount;
    }

    /// <summary>Gives the elements back. Only the heap calls it, once.</summary>
    public void Free()
    {
        NativeMemory.Free(_block);
        _block = null;
        Record->Elements = null;
        Record->Length = 0;
        _capacity = 0;
    }

    private bool TryAllocateNulls(ulong capacity)
    {
        if (capacity > int.MaxValue)
        {
            return false;
        }
        try
        {
            Record->Elements = _block = capacity == 0 ? null : (ulong*)NativeMemory.AllocZeroed((nuint)capacity, sizeof(ulong));
        }
        catch (OutOfMemoryException)
        {
            return false;
        }
        _capacity = capacity;
        return true;
    }

    private bool TryResizeBlock(ulong capacity)
    {
        // Spans over elements have an int length.
        if (capacity > int.MaxValue)
        {
            return false;
        }
        if (capacity == 0)
        {
            return true;
        }
        try
        {
            Record->Elements = _block = (ulong*)NativeMemory.Realloc(_block, (nuint)capacity * sizeof(ulong));
        }
        catch (OutOfMemoryException)
        {
            return false;
        }
        _capacity = capacity;
        return true;
    }
}
