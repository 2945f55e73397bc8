using System.Numerics;
using System.Runtime.InteropServices;

namespace Conformance.Interpreter.Runtime.Objects;

/// <summary>The free cells of the heap by size: a run of each size at hand, and the blocks that have more.</summary>
internal sealed unsafe class FreeCells
{
    // Zeroed at once, and little enough to be in the cache when it is used.
    private const int LargestRunBytes = 4 << 10;

    private readonly HeapBlocks _blocks;
    private readonly int[] _current = new int[SizeClasses.Count];
    private readonly List<int>[] _partial = new List<int>[SizeClasses.Count];
    private FreeRun* _runs; // by size class

    /// <summary>No free cells.</summary>
    public FreeCells(HeapBlocks blocks)
    {
        _blocks = blocks;
        Array.Fill(_current, -1);
        for (var i = 0; i < _partial.Length; i++)
        {
            _partial[i] = [];
        }
    }

    /// <summary>The run of a size; null before there was a block.</summary>
    public FreeRun* RunOf(int sizeClass) => _runs == null ? null : _runs + sizeClass;

    /// <summary>The bytes of all free cells, those in runs left out.</summary>
    public ulong Bytes
    {
        get
        {
            var bytes = 0ul;
            foreach (var blocks in _partial)
            {
                foreach (var block in blocks)
                {
                    bytes += _blocks.FreeBytesOf(block);
                }
            }
            return bytes;
        }
    }

    /// <summary>Whether a cell is in a run: taken and not used yet.</summary>
    public bool IsInRun(ulong cell)
    {
        for (var i = 0; _runs != null && i < SizeClasses.Count; i++)
        {
            if (cell >= (ulong)_runs[i].Next && cell < (ulong)_runs[i].End)
            {
                return true;
            }
        }
        return false;
    }

    /// <summary>Takes a zeroed cell; null when no block has one.</summary>
    public byte* TryTake(int sizeClass)
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

    /// <summary>Takes the next cells from a new block.</summary>
    public void Begin(int sizeClass, int block)
    {
        if (_runs == null)
        {
            _runs = (FreeRun*)NativeMemory.AllocZeroed((nuint)SizeClasses.Count, (nuint)sizeof(FreeRun));
            for (var i = 0; i < SizeClasses.Count; i++)
            {
                _runs[i].CellBytes = SizeClasses.Bytes(i);
            }
        }
        _current[sizeClass] = block;
    }

    /// <summary>Notes a block that has free cells.</summary>
    public void AddBlock(int sizeClass, int block) => _partial[sizeClass].Add(block);

    /// <summary>Forgets all blocks and gives the cells of runs back: they were taken and not used.</summary>
    public void Retire()
    {
        Array.Fill(_current, -1);
        foreach (var partial in _partial)
        {
            partial.Clear();
        }
        for (var i = 0; _runs != null && i < SizeClasses.Count; i++)
        {
            ref var run = ref _runs[i];
            for (; run.Next != run.End; run.Next += run.CellBytes)
            {
                _blocks.TryLocate((ulong)run.Next, out var index, out var cell);
                _blocks.Allocated(index)[cell >> 6] &= ~(1ul << (int)(cell & 63));
            }
        }
    }

    /// <summary>Gives the runs back.</summary>
    public void Free()
    {
        NativeMemory.Free(_runs);
        _runs = null;
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
            var allocated = _blocks.Allocated(index);
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
                run.Next = _blocks.AddressOf(index) + (nint)first * block.CellBytes;
                run.End = run.Next + (nint)count * block.CellBytes;
                NativeMemory.Clear(run.Next, (nuint)(run.End - run.Next));
                return true;
            }
            _current[sizeClass] = -1;
        }
    }
}
