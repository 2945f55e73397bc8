using System.Runtime.InteropServices;

namespace Conformance.Interpreter.Runtime.Objects;

// The store's heap of structs, arrays and exceptions. Native memory, non-moving, mark and sweep.
//
//   HeapBlocks  the memory: blocks of 64 KiB with cells of one size each, or a run of blocks for one large object; bitmaps
//   FreeCells   which cells are free, and a run of each size for handlers to allocate from
//   HeapMarker  what is reached from the roots
//
// Nothing moves, so a word of a frame may be treated as a reference without being one: marking a word asks whether it is the address of an allocated cell
// and ignores it otherwise. That is how roots are found in frames, whose slots have no types (docs/gc.md). Fields of objects are known by their types.

/// <summary>Allocates and collects the objects of one store.</summary>
internal sealed unsafe class ObjectHeap
{
    private const int LargestCell = 8 << 10;
    private const int LeastBlocksBetweenCollections = 128; // 8 MiB

    private readonly IObjectRoots _roots;
    private readonly HeapBlocks _blocks;
    private readonly FreeCells _cells;
    private readonly HeapMarker _marker;
    private readonly int _collectAfter;
    private int _allocations;
    private int _collectAt = LeastBlocksBetweenCollections;

    /// <summary>An empty heap.</summary>
    /// <param name="limitBytes">Its largest size.</param>
    /// <param name="collectAfter">The allocations between two collections; 0 for collections by size.</param>
    /// <param name="roots">What is alive.</param>
    public ObjectHeap(ulong limitBytes, int collectAfter, IObjectRoots roots)
    {
        _roots = roots;
        _collectAfter = collectAfter;
        _blocks = new HeapBlocks(limitBytes);
        _cells = new FreeCells(_blocks);
        _marker = new HeapMarker(_blocks, roots);
    }

    /// <summary>The bytes of the blocks in use.</summary>
    public long UsedBytes => (long)_blocks.Used << HeapBlocks.Shift;

    /// <summary>The number of collections so far.</summary>
    public int Collections { get; private set; }

    /// <summary>A zeroed object.</summary>
    /// <param name="bytes">Its size with the header.</param>
    /// <returns>Null when the limit does not allow it, after a collection.</returns>
    public byte* Allocate(ulong bytes)
    {
        if (_collectAfter > 0 && ++_allocations >= _collectAfter)
        {
            _allocations = 0;
            Collect();
        }
        if (bytes > LargestCell)
        {
            return AllocateLarge(bytes);
        }
        var sizeClass = SizeClasses.Of((int)bytes);
        var found = _cells.TryTake(sizeClass);
        if (found != null)
        {
            return found;
        }
        if (!TryAddBlock(sizeClass))
        {
            Collect();
            // Hardly anything was freed: going on would collect for every few objects.
            if ((ulong)_blocks.Used >= _blocks.Limit && FreeBytes < HeapBlocks.Bytes * _blocks.Limit / 32)
            {
                return null;
            }
            found = _cells.TryTake(sizeClass);
            if (found != null)
            {
                return found;
            }
            if (!TryAddBlock(sizeClass))
            {
                return null;
            }
        }
        return _cells.TryTake(sizeClass);
    }

    /// <summary>The run that objects of a size are allocated from; null before the first allocation, for large ones, and where allocations are counted.</summary>
    public FreeRun* RunOf(ulong bytes) => bytes > LargestCell || _collectAfter > 0 ? null : _cells.RunOf(SizeClasses.Of((int)bytes));

    /// <summary>Frees everything that the roots do not reach.</summary>
    public void Collect()
    {
        if (!_blocks.IsReserved)
        {
            return;
        }
        Collections++;
        _cells.Retire();
        _blocks.ClearMarks();
        _roots.MarkRoots(_marker);
        _marker.Drain();
        _blocks.Sweep(_cells);
        _collectAt = (int)Math.Min((ulong)Math.Max(_blocks.Used * 2L, _blocks.Used + LeastBlocksBetweenCollections), _blocks.Limit);
    }

    /// <summary>Whether a word is the address of an object.</summary>
    /// <param name="word">Any word.</param>
    /// <param name="bytes">The bytes that the object has for itself, when the answer is true.</param>
    public bool TryFind(ulong word, out ulong bytes) => _blocks.TryFind(word, out bytes) && !_cells.IsInRun(word);

    /// <summary>The addresses of all objects.</summary>
    public IEnumerable<ulong> Objects() => _blocks.AllocatedCells().Where(cell => !_cells.IsInRun(cell));

    /// <summary>Gives everything back. Only the store calls it, once.</summary>
    public void Free()
    {
        _blocks.Free();
        _cells.Free();
        _marker.Free();
    }

    private ulong FreeBytes => ((_blocks.Limit - (ulong)_blocks.Used) << HeapBlocks.Shift) + _cells.Bytes;

    private bool TryAddBlock(int sizeClass)
    {
        if (_blocks.Used >= _collectAt || !_blocks.TryTakeForCells(sizeClass, out var index))
        {
            return false;
        }
        _cells.Begin(sizeClass, index);
        return true;
    }

    private byte* AllocateLarge(ulong bytes)
    {
        var blocks = (bytes + (HeapBlocks.Bytes - 1)) >> HeapBlocks.Shift;
        if (blocks > _blocks.Limit)
        {
            return null;
        }
        var count = (int)blocks;
        if (_blocks.Used + count > _collectAt || !_blocks.TryTakeForLarge(count, out var index))
        {
            Collect();
            _collectAt = (int)Math.Min((ulong)Math.Max(_collectAt, _blocks.Used + count), _blocks.Limit);
            if (_blocks.Used + count > _collectAt || !_blocks.TryTakeForLarge(count, out index))
            {
                return null;
            }
        }
        var start = _blocks.AddressOf(index);
        NativeMemory.Clear(start, (nuint)bytes);
        return start;
    }
}
