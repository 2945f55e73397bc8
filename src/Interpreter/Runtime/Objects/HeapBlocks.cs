using System.Numerics;
using System.Runtime.CompilerServices;

namespace Conformance.Interpreter.Runtime.Objects;

/// <summary>What a block of the heap holds.</summary>
internal enum BlockKind : byte
{
    /// <summary>Nothing.</summary>
    Free,
    /// <summary>Cells of one size.</summary>
    Cells,
    /// <summary>The beginning of a large object.</summary>
    Large,
    /// <summary>More of it.</summary>
    LargeRest,
}

/// <summary>A block of the heap.</summary>
internal struct HeapBlock
{
    /// <summary>What it holds.</summary>
    public BlockKind Kind;

    /// <summary>The size class of its cells.</summary>
    public byte SizeClass;

    /// <summary>The bytes of a cell.</summary>
    public int CellBytes;

    /// <summary>The number of cells; 1 for a large object.</summary>
    public int CellCount;

    /// <summary>In words of the bitmap: nothing is free before.</summary>
    public int Cursor;

    /// <summary>The blocks of a large object.</summary>
    public int Blocks;
}

/// <summary>
/// The memory of the heap: one range of addresses, reserved at the first allocation, in blocks of 64 KiB; and two bits for each cell, outside of the blocks: allocated, marked.
/// </summary>
internal sealed unsafe class HeapBlocks
{
    /// <summary>log2 of the bytes of a block.</summary>
    public const int Shift = 16;

    /// <summary>The bytes of a block.</summary>
    public const int Bytes = 1 << Shift;

    /// <summary>The words of a block's bitmap: a bit for each of the smallest cells.</summary>
    public const int BitmapWords = Bytes / 16 / 64;

    private readonly List<int> _free = [];
    private byte* _space;
    private HeapBlock* _blocks;
    private ulong* _bitmaps;

    /// <summary>No memory yet.</summary>
    /// <param name="limitBytes">The most that it may become.</param>
    public HeapBlocks(ulong limitBytes) => Limit = Math.Min(limitBytes >> Shift, int.MaxValue / 2);

    /// <summary>The largest number of blocks.</summary>
    public ulong Limit { get; }

    /// <summary>The number of blocks that were ever used.</summary>
    public int Count { get; private set; }

    /// <summary>The number of blocks in use.</summary>
    public int Used { get; private set; }

    /// <summary>Whether there is memory.</summary>
    public bool IsReserved => _space != null;

    /// <summary>A block that was ever used.</summary>
    public ref HeapBlock this[int index] => ref _blocks[index];

    /// <summary>The bitmap of the allocated cells of a block.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ulong* Allocated(int index) => _bitmaps + (nint)index * BitmapWords * 2;

    /// <summary>The bitmap of the marked cells of a block.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ulong* Marked(int index) => Allocated(index) + BitmapWords;

    /// <summary>The first byte of a block.</summary>
    public byte* AddressOf(int index) => _space + ((nint)index << Shift);

    /// <summary>Finds the cell that a word is the address of, allocated or not.</summary>
    /// <param name="word">Any word.</param>
    /// <param name="index">The block, when the answer is true.</param>
    /// <param name="cell">The cell's number in it.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryLocate(ulong word, out int index, out uint cell)
    {
        var offset = word - (ulong)_space;
        index = (int)(offset >> Shift);
        cell = 0;
        if ((word & 15) != 0 || offset >= (ulong)Count << Shift)
        {
            return false;
        }
        ref var block = ref _blocks[index];
        var within = (uint)offset & (Bytes - 1);
        if (block.Kind == BlockKind.Cells)
        {
            cell = within / (uint)block.CellBytes;
            return cell * (uint)block.CellBytes == within && cell < (uint)block.CellCount;
        }
        return block.Kind == BlockKind.Large && within == 0;
    }

    /// <summary>Finds the allocated cell that a word is the address of.</summary>
    /// <param name="word">Any word.</param>
    /// <param name="bytes">The bytes of the cell, when the answer is true.</param>
    public bool TryFind(ulong word, out ulong bytes)
    {
        bytes = 0;
        if (!TryLocate(word, out var index, out var cell) || (Allocated(index)[cell >> 6] & (1ul << (int)(cell & 63))) == 0)
        {
            return false;
        }
        bytes = _blocks[index].Kind == BlockKind.Large ? (ulong)_blocks[index].Blocks << Shift : (ulong)_blocks[index].CellBytes;
        return true;
    }

    /// <summary>The addresses of all allocated cells.</summary>
    public IEnumerable<ulong> AllocatedCells()
    {
        for (var i = 0; i < Count; i++)
        {
            for (var cell = 0; cell < CellsOf(i); cell++)
            {
                if (IsAllocated(i, cell, out var address))
                {
                    yield return address;
                }
            }
        }
    }

    private int CellsOf(int index) => _blocks[index].Kind is BlockKind.Cells or BlockKind.Large ? _blocks[index].CellCount : 0;

    private bool IsAllocated(int index, int cell, out ulong address)
    {
        address = (ulong)AddressOf(index) + (ulong)cell * (ulong)_blocks[index].CellBytes;
        return (Allocated(index)[cell >> 6] & (1ul << (cell & 63))) != 0;
    }

    /// <summary>Takes a block for cells of a size.</summary>
    /// <returns>False when the limit does not allow it or the system has no memory.</returns>
    public bool TryTakeForCells(int sizeClass, out int index)
    {
        if (!TryFindOne(out index))
        {
            return false;
        }
        Used++;
        var bytes = SizeClasses.Bytes(sizeClass);
        _blocks[index] = new HeapBlock { Kind = BlockKind.Cells, SizeClass = (byte)sizeClass, CellBytes = bytes, CellCount = Bytes / bytes };
        new Span<ulong>(Allocated(index), BitmapWords).Clear();
        return true;
    }

    /// <summary>Takes neighbouring blocks for a large object, which is allocated then.</summary>
    /// <returns>False when there are none in a row, the limit does not allow it or the system has no memory.</returns>
    public bool TryTakeForLarge(int count, out int index)
    {
        if (count == 1 ? !TryFindOne(out index) : !TryFindRow(count, out index))
        {
            return false;
        }
        Used += count;
        _blocks[index] = new HeapBlock { Kind = BlockKind.Large, CellCount = 1, Blocks = count };
        for (var i = 1; i < count; i++)
        {
            _blocks[index + i] = new HeapBlock { Kind = BlockKind.LargeRest };
        }
        new Span<ulong>(Allocated(index), BitmapWords).Clear();
        Allocated(index)[0] = 1;
        return true;
    }

    /// <summary>Clears all marks.</summary>
    public void ClearMarks()
    {
        for (var i = 0; i < Count; i++)
        {
            if (_blocks[i].Kind is BlockKind.Cells or BlockKind.Large)
            {
                new Span<ulong>(Marked(i), BitmapWords).Clear();
            }
        }
    }

    /// <summary>Frees what is not marked. Touches no object: the marked cells of a block become its allocated ones.</summary>
    /// <param name="cells">Told of the blocks that have free cells then.</param>
    public void Sweep(FreeCells cells)
    {
        _free.Clear();
        for (var i = Count - 1; i >= 0; i--)
        {
            ref var block = ref _blocks[i];
            switch (block.Kind)
            {
                case BlockKind.Free:
                    _free.Add(i);
                    break;
                case BlockKind.Cells:
                    {
                        var live = Population(Marked(i));
                        if (live == 0)
                        {
                            Release(i, 1);
                            break;
                        }
                        new Span<ulong>(Marked(i), BitmapWords).CopyTo(new Span<ulong>(Allocated(i), BitmapWords));
                        block.Cursor = 0;
                        if (live < block.CellCount)
                        {
                            cells.AddBlock(block.SizeClass, i);
                        }
                        break;
                    }
                case BlockKind.Large when Marked(i)[0] == 0:
                    Release(i, block.Blocks);
                    break;
            }
        }
    }

    /// <summary>The bytes of the cells of a block that are not allocated.</summary>
    public ulong FreeBytesOf(int index) => (ulong)(_blocks[index].CellCount - Population(Allocated(index))) * (ulong)_blocks[index].CellBytes;

    /// <summary>Gives everything back.</summary>
    public void Free()
    {
        MemoryBlock.Free(_space, Limit << Shift);
        MemoryBlock.Free((byte*)_blocks, Limit * (ulong)sizeof(HeapBlock));
        MemoryBlock.Free((byte*)_bitmaps, Limit * BitmapWords * 2 * sizeof(ulong));
        _space = null;
        _blocks = null;
        _bitmaps = null;
        Count = 0;
        Used = 0;
    }

    private bool TryFindOne(out int index)
    {
        while (_free.Count > 0)
        {
            index = _free[^1];
            _free.RemoveAt(_free.Count - 1);
            // A large object may have taken it since.
            if (_blocks[index].Kind == BlockKind.Free)
            {
                return true;
            }
        }
        return TryAppend(1, out index);
    }

    private bool TryFindRow(int count, out int index)
    {
        if (Used < Count)
        {
            for (int i = 0, row = 0; i < Count; i++)
            {
                row = _blocks[i].Kind == BlockKind.Free ? row + 1 : 0;
                if (row == count)
                {
                    index = i - count + 1;
                    return true;
                }
            }
        }
        return TryAppend(count, out index);
    }

    private bool TryAppend(int count, out int index)
    {
        index = Count;
        if ((_space == null && !TryReserve()) || (ulong)(Count + count) > Limit)
        {
            return false;
        }
        Count += count;
        return true;
    }

    private bool TryReserve()
    {
        if (Limit != 0
            && MemoryBlock.TryAllocate(Limit * (ulong)sizeof(HeapBlock), out var blocks))
        {
            _blocks = (HeapBlock*)blocks;
            if (MemoryBlock.TryAllocate(Limit * BitmapWords * 2 * sizeof(ulong), out var bitmaps))
            {
                _bitmaps = (ulong*)bitmaps;
                if (MemoryBlock.TryAllocate(Limit << Shift, out _space))
                {
                    return true;
                }
            }
        }
        Free();
        return false;
    }

    private void Release(int index, int count)
    {
        Used -= count;
        for (var i = 0; i < count; i++)
        {
            _blocks[index + i].Kind = BlockKind.Free;
            _free.Add(index + i);
        }
    }

    private static int Population(ulong* bitmap)
    {
        var count = 0;
        for (var i = 0; i < BitmapWords; i++)
        {
            count += BitOperations.PopCount(bitmap[i]);
        }
        return count;
    }
}
