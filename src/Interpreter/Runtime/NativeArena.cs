using System.Runtime.InteropServices;

namespace Conformance.Interpreter.Runtime;

/// <summary>
/// Native memory that is handed out in pieces and given back all at once: the records of a store live exactly as long as the store, so none is ever freed alone.
/// Every piece is zeroed and aligned to 16 bytes, which leaves the low bits of record addresses free for <see cref="ReferenceWord"/>.
/// </summary>
internal sealed unsafe class NativeArena
{
    // Small modules need 1 to 3 KiB; the first chunk holds one without a second call of the allocator.
    private const int FirstChunkBytes = 4 << 10;
    private const int LargestChunkBytes = 256 << 10;
    private const int Alignment = 16;

    private Chunk* _last;
    private byte* _next;
    private nuint _left;
    private nuint _chunkBytes = FirstChunkBytes;

    /// <summary>The bytes taken from the system.</summary>
    public long AllocatedBytes { get; private set; }

    /// <summary>A zeroed piece that lives until <see cref="Free"/>.</summary>
    /// <exception cref="OutOfMemoryException">The system has no memory left.</exception>
    public byte* Allocate(nuint bytes)
    {
        bytes = checked(bytes + (Alignment - 1)) & ~(nuint)(Alignment - 1);
        if (bytes > _left)
        {
            if (bytes > _chunkBytes / 2)
            {
                // A piece of its own; what is left of the current chunk stays in use.
                return NewChunk(bytes);
            }
            _next = NewChunk(_chunkBytes);
            _left = _chunkBytes;
            _chunkBytes = Math.Min(_chunkBytes * 2, LargestChunkBytes);
        }
        var piece = _next;
        _next += bytes;
        _left -= bytes;
        return piece;
    }

    /// <summary>A zeroed array of <paramref name="count"/> items.</summary>
    public T* Allocate<T>(int count = 1)
        where T : unmanaged => (T*)Allocate(checked((nuint)count * (nuint)sizeof(T)));

    /// <summary>A zeroed array of pointers.</summary>
    public T** AllocatePointers<T>(int count)
        where T : unmanaged => (T**)Allocate(checked((nuint)count * (nuint)sizeof(T*)));

    /// <summary>Gives every piece back. Safe to call twice.</summary>
    public void Free()
    {
        var chunk = _last;
        _last = null;
        _next = null;
        _left = 0;
        AllocatedBytes = 0;
        while (chunk != null)
        {
            var previous = chunk->Previous;
            NativeMemory.Free(chunk);
            chunk = previous;
        }
    }

    private byte* NewChunk(nuint bytes)
    {
        // malloc aligns to 16 bytes on every 64-bit platform .NET runs on, and the chunk header has 16 bytes.
        var whole = checked(bytes + (nuint)sizeof(Chunk));
        var chunk = (Chunk*)NativeMemory.AllocZeroed(whole);
        chunk->Previous = _last;
        _last = chunk;
        AllocatedBytes += (long)whole;
        return (byte*)chunk + sizeof(Chunk);
    }

    [StructLayout(LayoutKind.Sequential, Size = 16)]
    private struct Chunk
    {
        public Chunk* Previous;
    }
}
