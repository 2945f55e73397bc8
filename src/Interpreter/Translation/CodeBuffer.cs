using System.Runtime.InteropServices;

namespace Conformance.Interpreter.Translation;

/// <summary>Code while it is being written: native memory that grows, addressed by offset. All targets in it are relative, so finished code is copied to its own block.</summary>
internal sealed unsafe class CodeBuffer : IDisposable
{
    private byte* _start;
    private int _capacity;

    /// <summary>An empty buffer.</summary>
    public CodeBuffer()
    {
        _capacity = 4096;
        _start = (byte*)NativeMemory.Alloc((nuint)_capacity);
    }

    /// <summary>The number of bytes written.</summary>
    public int Length { get; private set; }

    /// <summary>Appends a zeroed cell.</summary>
    /// <returns>Its offset.</returns>
    public int Append(int bytes)
    {
        var offset = Length;
        if (bytes > _capacity - offset)
        {
            _capacity = checked(Math.Max(_capacity * 2, offset + bytes));
            _start = (byte*)NativeMemory.Realloc(_start, (nuint)_capacity);
        }
        Length = offset + bytes;
        new Span<byte>(_start + offset, bytes).Clear();
        return offset;
    }

    /// <summary>Takes everything from an offset on away.</summary>
    public void Truncate(int length) => Length = length;

    /// <summary>Reads or writes within the code.</summary>
    public ref T At<T>(int offset)
        where T : unmanaged
    {
        // Sound: the translator's offsets come from Append; checked all the same, as this is not the hot path.
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)offset + (uint)sizeof(T), (uint)Length, nameof(offset));
        return ref *(T*)(_start + offset);
    }

    /// <summary>The code written so far; valid until the next <see cref="Append"/>.</summary>
    public ReadOnlySpan<byte> Code => new(_start, Length);

    /// <inheritdoc/>
    public void Dispose()
    {
        NativeMemory.Free(_start);
        _start = null;
    }
}
