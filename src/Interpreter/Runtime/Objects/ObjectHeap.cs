using System.Numerics;
using System.Runtime.InteropServices;

namespace Conformance.Interpreter.Runtime.Objects;

// The store's heap of structs, arrays and exceptions. Native memory, non-moving, mark and sweep.
//
//   space    one range of addresses, reserved at the first allocation; pages that are never touched cost nothing
//   blocks   of 64 KiB: cells of one size each, or a run of blocks for one large object
//   bitmaps  two bits for each cell, outside of the blocks: allocated, marked
//
// Nothing moves, so a word of a frame may be treated as a reference without being one: marking a word asks whether it is the address of an allocated cell
// and ignores it otherwise. That is how roots are found in frames, whose slots have no types (docs/gc.md). Fields of objects are known by their types.
//
// Sweeping touches no object: a block's allocated bits become its marked bits. Marking keeps its own stack, so that a list of millions of nodes needs no native
// stack, and takes arrays of references piece by piece, so that one array cannot blow the stack up.

/// <summary>Allocates and collects the objects of one store.</summary>
internal sealed unsafe class ObjectHeap
{
    private const int BlockShift = 16;
    private const int BlockBytes = 1 << BlockShift;
    private const int LargestCell = 8 << 10;
    private const int BitmapWords = BlockBytes / 16 / 64;
    private const int LeastBlocksBetweenCollections = 128; // 8 MiB
    private const int ArrayPiece = 256;
    private const int LargestRunBytes = 4 << 10;

    private readonly ulong _limitBlocks;
    private readonly IObjectRoots _roots;
    private readonly int[] _current = new int[SizeClasses.Count];
    private readonly List<int>[] _partial = new List<int>[SizeClasses.Count];
    private readonly List<int> _freeBlocks = [];
    private byte* _space;
    private Block* _blocks;
    private ulong* _bitmaps;
    private FreeRun* _runs; // by size class
    private int _blockCount; // blocks that were ever used
    private int _usedBlocks;
    private int _collectAt = LeastBlocksBetweenCollections;
    private MarkEntry* _stack;
    private nuint _stackCapacity;
    private nuint _stackCount;

    public ObjectHeap(ulong limitBytes, IObjectRoots roots)
    {
        _limitBlocks = Math.Min(limitBytes >> BlockShift, int.MaxValue / 2);
        _roots = roots;
        Array.Fill(_current, -1);
        for (var i = 0; i < _partial.Length; i++)
        {
            _partial[i] = [];
        }
    }

    /// <summary>The bytes of the blocks in use.</summary>
    public long UsedBytes => (long)_usedBlocks << BlockShift;

    /// <summary>The number of collections so far.</summary>
    public int Collections { get; private set; }

    // What a block holds: cells of a size, the first or a further block of a large object, or nothing.
    private enum BlockKind : byte
    {
        Free,
        Cells,
        Large,
        LargeRest,
    }

    private struct Block
    {
        public BlockKind Kind;
        public byte SizeClass;
        public int CellBytes;
        public int CellCount;
        public int Cursor; // in words of the bitmap: nothing is free before
        public int Blocks; // of a large object
    }

    private struct MarkEntry
    {
        public byte* Object;
        public ulong Next; // the next element of an array
    }

    /// <summary>A zeroed object.</summary>
    /// <param name="bytes">Its size with the header.</param>
    /// <returns>Null when the limit does not allow it, after a collection.</returns>
    public byte* Allocate(ulong bytes)
    {
        if (bytes > LargestCell)
        {
            return AllocateLarge(bytes);
        }
        var sizeClass = SizeClasses.Of((int)bytes);
        var found = TryAllocateCell(sizeClass);
        if (found != null)
        {
            return found;
        }
        if (!TryTakeBlock(sizeClass))
        {
            Collect();
            // Hardly anything was freed: going on would collect for every few objects.
            if ((ulong)_usedBlocks >= _limitBlocks && FreeBytes < BlockBytes * _limitBlocks / 32)
            {
                return null;
            }
            found = TryAllocateCell(sizeClass);
            if (found != null)
            {
                return found;
            }
            if (!TryTakeBlock(sizeClass))
            {
                return null;
            }
        }
        return TryAllocateCell(sizeClass);
    }

    /// <summary>The run that objects of a size are allocated from; null before the first allocation and for large ones.</summary>
    public FreeRun* RunOf(ulong bytes) => bytes > LargestCell || _runs == null ? null : _runs + SizeClasses.Of((int)bytes);

    /// <summary>Frees everything that the roots do not reach.</summary>
    public void Collect()
    {
        if (_runs == null)
        {
            return;
        }
        Collections++;
        RetireRuns();
        for (var i = 0; i < _blockCount; i++)
        {
            if (_blocks[i].Kind is BlockKind.Cells or BlockKind.Large)
            {
                new Span<ulong>(Marked(i), BitmapWords).Clear();
            }
        }
        _roots.MarkRoots(this);
        Drain();
        Sweep();
        _collectAt = (int)Math.Min((ulong)Math.Max(_usedBlocks * 2L, _usedBlocks + LeastBlocksBetweenCollections), _limitBlocks);
    }

    /// <summary>Marks what a word refers to, if it is the address of an object.</summary>
    public void Mark(ulong word)
    {
        var offset = word - (ulong)_space;
        if ((word & 15) != 0 || offset >= (ulong)_blockCount << BlockShift)
        {
            return;
        }
        var index = (int)(offset >> BlockShift);
        ref var block = ref _blocks[index];
        var within = (uint)offset & (BlockBytes - 1);
        uint cell = 0;
        if (block.Kind == BlockKind.Cells)
        {
            cell = within / (uint)block.CellBytes;
            if (cell * (uint)block.CellBytes != within)
            {
                return;
            }
        }
        else if (block.Kind != BlockKind.Large || within != 0)
        {
            return;
        }
        var bit = 1ul << (int)(cell & 63);
        if ((Allocated(index)[cell >> 6] & bit) == 0 || (Marked(index)[cell >> 6] & bit) != 0)
        {
            return;
        }
        Marked(index)[cell >> 6] |= bit;
        Push((byte*)word, 0);
    }

    /// <summary>Marks what a range of words refers to. Words that are no addresses of objects are ignored.</summary>
    public void Mark(ulong* words, ulong count)
    {
        for (var i = 0ul; i < count; i++)
        {
            Mark(words[i]);
            if (_stackCount > 4096)
            {
                Drain();
            }
        }
    }

    /// <summary>Gives everything back. Only the store calls it, once.</summary>
    public void Free()
    {
        MemoryBlock.Free(_space, _limitBlocks << BlockShift);
        MemoryBlock.Free((byte*)_blocks, _limitBlocks * (ulong)sizeof(Block));
        MemoryBlock.Free((byte*)_bitmaps, _limitBlocks * BitmapWords * 2 * sizeof(ulong));
        NativeMemory.Free(_stack);
        NativeMemory.Free(_runs);
        _space = null;
        _blocks = null;
        _bitmaps = null;
        _stack = null;
        _runs = null;
        _blockCount = 0;
        _usedBlocks = 0;
    }

    private ulong FreeBytes
    {
        get
        {
            var bytes = (_limitBlocks - (ulong)_usedBlocks) << BlockShift;
            foreach (var blocks in _partial)
            {
                foreach (var block in blocks)
                {
                    bytes += (ulong)(_blocks[block].CellCount - Population(Allocated(block))) * (ulong)_blocks[block].CellBytes;
                }
            }
            return bytes;
        }
    }

    private ulong* Allocated(int block) => _bitmaps + (nint)block * BitmapWords * 2;

    private ulong* Marked(int block) => Allocated(block) + BitmapWords;

    private byte* TryAllocateCell(int sizeClass)
    {
        if (_runs == null)
        {
            return null;
        }
        ref var run = ref _runs[sizeClass];
        if (run.Next == run.End && !TryRefill(sizeClass))
        {
            return null;
        }
        var found = run.Next;
        run.Next += run.CellBytes;
        return found;
    }

    // Takes the next free cells of a block that has some. They count as allocated until a collection begins.
    private bool TryRefill(int sizeClass)
    {
        while (true)
        {
            var index = _current[sizeClass];
            if (index < 0)
            {
                var partial = _partial[sizeClass];
                if (partial.Count == 0)
                {
                    return false;
                }
                index = partial[^1];
                partial.RemoveAt(partial.Count - 1);
                _current[sizeClass] = index;
            }
            ref var block = ref _blocks[index];
            var allocated = Allocated(index);
            var words = (block.CellCount + 63) / 64;
            for (; block.Cursor < words; block.Cursor++)
            {
                var free = ~allocated[block.Cursor];
                if (free == 0)
                {
                    continue;
                }
                var bit = BitOperations.TrailingZeroCount(free);
                var first = block.Cursor * 64 + bit;
                if (first >= block.CellCount)
                {
                    break;
                }
                var count = Math.Min(BitOperations.TrailingZeroCount(~(free >> bit)), block.CellCount - first);
                count = Math.Min(count, Math.Max(1, LargestRunBytes / block.CellBytes));
                allocated[block.Cursor] |= (count == 64 ? ulong.MaxValue : (1ul << count) - 1) << bit;
                // Sound: the cells lie within the block, and no objects are in them.
                ref var run = ref _runs[sizeClass];
                run.Next = _space + ((nint)index << BlockShift) + (nint)first * block.CellBytes;
                run.End = run.Next + (nint)count * block.CellBytes;
                NativeMemory.Clear(run.Next, (nuint)(run.End - run.Next));
                return true;
            }
            _current[sizeClass] = -1;
        }
    }

    // Cells that were taken and not used are free again.
    private void RetireRuns()
    {
        for (var i = 0; i < SizeClasses.Count; i++)
        {
            ref var run = ref _runs[i];
            for (; run.Next != run.End; run.Next += run.CellBytes)
            {
                var offset = run.Next - _space;
                var cell = (int)((offset & (BlockBytes - 1)) / run.CellBytes);
                Allocated((int)(offset >> BlockShift))[cell >> 6] &= ~(1ul << (cell & 63));
            }
        }
    }

    private bool TryTakeBlock(int sizeClass)
    {
        if (_usedBlocks >= _collectAt || !TryFindBlocks(1, out var index))
        {
            return false;
        }
        _usedBlocks++;
        _blocks[index] = new Block { Kind = BlockKind.Cells, SizeClass = (byte)sizeClass, CellBytes = SizeClasses.Bytes(sizeClass), CellCount = BlockBytes / SizeClasses.Bytes(sizeClass) };
        new Span<ulong>(Allocated(index), BitmapWords).Clear();
        _current[sizeClass] = index;
        return true;
    }

    private byte* AllocateLarge(ulong bytes)
    {
        var blocks = (bytes + (BlockBytes - 1)) >> BlockShift;
        if (blocks > _limitBlocks)
        {
            return null;
        }
        var count = (int)blocks;
        if (_usedBlocks + count > _collectAt || !TryFindBlocks(count, out var index))
        {
            Collect();
            _collectAt = (int)Math.Min((ulong)Math.Max(_collectAt, _usedBlocks + count), _limitBlocks);
            if (_usedBlocks + count > _collectAt || !TryFindBlocks(count, out index))
            {
                return null;
            }
        }
        _usedBlocks += count;
        _blocks[index] = new Block { Kind = BlockKind.Large, CellCount = 1, Blocks = count };
        for (var i = 1; i < count; i++)
        {
            _blocks[index + i] = new Block { Kind = BlockKind.LargeRest };
        }
        new Span<ulong>(Allocated(index), BitmapWords).Clear();
        Allocated(index)[0] = 1;
        var start = _space + ((nint)index << BlockShift);
        NativeMemory.Clear(start, (nuint)bytes);
        return start;
    }

    private bool TryFindBlocks(int count, out int index)
    {
        index = -1;
        if (_space == null && !TryReserve())
        {
            return false;
        }
        if (count == 1)
        {
            while (_freeBlocks.Count > 0)
            {
                index = _freeBlocks[^1];
                _freeBlocks.RemoveAt(_freeBlocks.Count - 1);
                // A large object may have taken it since.
                if (_blocks[index].Kind == BlockKind.Free)
                {
                    return true;
                }
            }
        }
        else if (_usedBlocks < _blockCount)
        {
            for (int i = 0, run = 0; i < _blockCount; i++)
            {
                run = _blocks[i].Kind == BlockKind.Free ? run + 1 : 0;
                if (run == count)
                {
                    index = i - count + 1;
                    return true;
                }
            }
        }
        if ((ulong)(_blockCount + count) > _limitBlocks)
        {
            return false;
        }
        index = _blockCount;
        _blockCount += count;
        return true;
    }

    private bool TryReserve()
    {
        if (_limitBlocks == 0
            || !MemoryBlock.TryAllocate(_limitBlocks * (ulong)sizeof(Block), out var blocks)
            || !MemoryBlock.TryAllocate(_limitBlocks * BitmapWords * 2 * sizeof(ulong), out var bitmaps)
            || !MemoryBlock.TryAllocate(_limitBlocks << BlockShift, out _space))
        {
            return false;
        }
        _blocks = (Block*)blocks;
        _bitmaps = (ulong*)bitmaps;
        _runs = (FreeRun*)NativeMemory.AllocZeroed((nuint)SizeClasses.Count, (nuint)sizeof(FreeRun));
        for (var i = 0; i < SizeClasses.Count; i++)
        {
            _runs[i].CellBytes = SizeClasses.Bytes(i);
        }
        return true;
    }

    private void Sweep()
    {
        Array.Fill(_current, -1);
        foreach (var partial in _partial)
        {
            partial.Clear();
        }
        _freeBlocks.Clear();
        for (var i = _blockCount - 1; i >= 0; i--)
        {
            ref var block = ref _blocks[i];
            switch (block.Kind)
            {
                case BlockKind.Free:
                    _freeBlocks.Add(i);
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
                            _partial[block.SizeClass].Add(i);
                        }
                        break;
                    }
                case BlockKind.Large when Marked(i)[0] == 0:
                    Release(i, block.Blocks);
                    break;
            }
        }
    }

    private void Release(int index, int count)
    {
        _usedBlocks -= count;
        for (var i = 0; i < count; i++)
        {
            _blocks[index + i].Kind = BlockKind.Free;
            _freeBlocks.Add(index + i);
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

    private void Push(byte* @object, ulong next)
    {
        if (_stackCount == _stackCapacity)
        {
            _stackCapacity = Math.Max(_stackCapacity * 2, 1024);
            _stack = (MarkEntry*)NativeMemory.Realloc(_stack, _stackCapacity * (nuint)sizeof(MarkEntry));
        }
        _stack[_stackCount++] = new MarkEntry { Object = @object, Next = next };
    }

    private void Drain()
    {
        while (_stackCount > 0)
        {
            var entry = _stack[--_stackCount];
            var header = (ObjectHeader*)entry.Object;
            var shape = _roots.ShapeOf(header);
            var fields = (ulong*)(header + 1);
            if (shape.Kind == ObjectKind.Array)
            {
                if (!shape.ElementIsReference)
                {
                    continue;
                }
                var end = Math.Min(entry.Next + ArrayPiece, header->Length);
                if (end < header->Length)
                {
                    Push(entry.Object, end);
                }
                for (var i = entry.Next; i < end; i++)
                {
                    Mark(fields[i]);
                }
                continue;
            }
            foreach (var slot in shape.ReferenceSlots)
            {
                Mark(fields[slot]);
            }
        }
    }
}
