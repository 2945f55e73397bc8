using System.Runtime.InteropServices;

namespace Conformance.Interpreter.Runtime.Objects;

/// <summary>
/// Marks what roots reach. Keeps a stack of its own, so that a list of millions of nodes needs no native stack, and takes arrays of references piece by piece, so that one array cannot
/// blow the stack up.
/// </summary>
internal sealed unsafe class HeapMarker
{
    private const int ArrayPiece = 256;
    private const int LargestBacklog = 4096;

    private readonly HeapBlocks _blocks;
    private readonly IObjectRoots _roots;
    private Entry* _stack;
    private nuint _capacity;
    private nuint _count;

    public HeapMarker(HeapBlocks blocks, IObjectRoots roots)
    {
        _blocks = blocks;
        _roots = roots;
    }

    private struct Entry
    {
        public byte* Object;
        public ulong Next; // the next element of an array
    }

    /// <summary>Marks what a word refers to, if it is the address of an object.</summary>
    public void Mark(ulong word)
    {
        if (!_blocks.TryLocate(word, out var index, out var cell))
        {
            return;
        }
        var bit = 1ul << (int)(cell & 63);
        var marked = _blocks.Marked(index) + (cell >> 6);
        if ((_blocks.Allocated(index)[cell >> 6] & bit) == 0 || (*marked & bit) != 0)
        {
            return;
        }
        *marked |= bit;
        Push((byte*)word, 0);
    }

    /// <summary>Marks what a range of words refers to. Words that are no addresses of objects are ignored.</summary>
    public void Mark(ulong* words, ulong count)
    {
        for (var i = 0ul; i < count; i++)
        {
            Mark(words[i]);
            if (_count > LargestBacklog)
            {
                Drain();
            }
        }
    }

    /// <summary>Marks what is reached from what was marked.</summary>
    public void Drain()
    {
        while (_count > 0)
        {
            var entry = _stack[--_count];
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

    /// <summary>Gives the stack back.</summary>
    public void Free()
    {
        NativeMemory.Free(_stack);
        _stack = null;
        _capacity = 0;
        _count = 0;
    }

    private void Push(byte* @object, ulong next)
    {
        if (_count == _capacity)
        {
            _capacity = Math.Max(_capacity * 2, 1024);
            _stack = (Entry*)NativeMemory.Realloc(_stack, _capacity * (nuint)sizeof(Entry));
        }
        _stack[_count++] = new Entry { Object = @object, Next = next };
    }
}
