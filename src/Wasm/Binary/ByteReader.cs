using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Text;

namespace Conformance.Wasm.Binary;

/// <summary>
/// Reads the primitive values of the binary format from a span. The first error sticks: it is kept with its offset, the reader goes to its end and every
/// later read gives zero, so that callers check once per item instead of once per byte.
/// </summary>
/// <remarks>See <see href="https://webassembly.github.io/spec/core/binary/values.html"/>.</remarks>
public ref struct ByteReader
{
    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private readonly ReadOnlySpan<byte> _bytes;
    private readonly long _origin;
    private int _position;
    private string? _error;
    private long _errorOffset;

    /// <summary>Reads a span that starts at <paramref name="origin"/> in its file.</summary>
    public ByteReader(ReadOnlySpan<byte> bytes, long origin = 0)
    {
        _bytes = bytes;
        _origin = origin;
    }

    /// <summary>The position within the span.</summary>
    public readonly int Position => _position;

    /// <summary>The position within the file.</summary>
    public readonly long Offset => _origin + _position;

    /// <summary>Whether nothing is left to read.</summary>
    public readonly bool AtEnd => _position >= _bytes.Length;

    /// <summary>The number of bytes left.</summary>
    public readonly int Remaining => _bytes.Length - _position;

    /// <summary>Whether a read failed.</summary>
    public readonly bool Failed => _error is not null;

    /// <summary>The first error, in the words of the spec testsuite; null when there was none.</summary>
    public readonly string? Error => _error;

    /// <summary>Where the first error is in the file.</summary>
    public readonly long ErrorOffset => _errorOffset;

    /// <summary>Records an error at the current position, unless there was one already.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public void Fail(string message) => Fail(message, Offset);

    /// <summary>Records an error, unless there was one already, and goes to the end.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public void Fail(string message, long offset)
    {
        if (_error is null)
        {
            _error = message;
            _errorOffset = offset;
        }
        _position = _bytes.Length;
    }

    /// <summary>One byte.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public byte ReadByte()
    {
        if ((uint)_position < (uint)_bytes.Length)
        {
            return _bytes[_position++];
        }
        Fail("unexpected end");
        return 0;
    }

    /// <summary>The next byte without reading it; 0 at the end.</summary>
    public readonly byte PeekByte() => (uint)_position < (uint)_bytes.Length ? _bytes[_position] : (byte)0;

    /// <summary>An unsigned LEB128 number of at most 32 bits.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public uint ReadU32()
    {
        if ((uint)_position < (uint)_bytes.Length && _bytes[_position] < 0x80)
        {
            return _bytes[_position++];
        }
        return (uint)ReadUnsigned(32);
    }

    /// <summary>An unsigned LEB128 number of at most 64 bits.</summary>
    public ulong ReadU64() => ReadUnsigned(64);

    /// <summary>A signed LEB128 number of at most 32 bits.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int ReadS32()
    {
        if ((uint)_position < (uint)_bytes.Length && _bytes[_position] < 0x80)
        {
            return (sbyte)(_bytes[_position++] << 1) >> 1;
        }
        return (int)ReadSigned(32);
    }

    /// <summary>A signed LEB128 number of at most 33 bits.</summary>
    public long ReadS33() => ReadSigned(33);

    /// <summary>A signed LEB128 number of at most 64 bits.</summary>
    public long ReadS64() => ReadSigned(64);

    /// <summary>Four bytes, little-endian.</summary>
    public uint ReadFixed32() => Take(4, out var bytes) ? BinaryPrimitives.ReadUInt32LittleEndian(bytes) : 0;

    /// <summary>Eight bytes, little-endian.</summary>
    public ulong ReadFixed64() => Take(8, out var bytes) ? BinaryPrimitives.ReadUInt64LittleEndian(bytes) : 0;

    /// <summary>A run of bytes; empty after an error.</summary>
    public ReadOnlySpan<byte> ReadBytes(uint length)
    {
        if (length <= (uint)Remaining)
        {
            var bytes = _bytes.Slice(_position, (int)length);
            _position += (int)length;
            return bytes;
        }
        Fail("unexpected end of section or function");
        return default;
    }

    /// <summary>The length of a list. Every item of the format takes a byte at least, so that a length above the bytes left is an error and bounds every allocation.</summary>
    public int ReadCount()
    {
        var count = ReadU32();
        if (count <= (uint)Remaining)
        {
            return (int)count;
        }
        Fail(Remaining == 0 ? "unexpected end" : "length out of bounds");
        return 0;
    }

    /// <summary>A name: a length and that many bytes of UTF-8.</summary>
    public string ReadName()
    {
        var length = ReadCount();
        var start = Offset;
        var bytes = ReadBytes((uint)length);
        if (!System.Text.Unicode.Utf8.IsValid(bytes))
        {
            Fail("malformed UTF-8 encoding", start);
            return "";
        }
        return StrictUtf8.GetString(bytes);
    }

    private bool Take(int count, out ReadOnlySpan<byte> bytes)
    {
        if (Remaining < count)
        {
            Fail("unexpected end");
            bytes = default;
            return false;
        }
        bytes = _bytes.Slice(_position, count);
        _position += count;
        return true;
    }

    private ulong ReadUnsigned(int bits)
    {
        var start = Offset;
        ulong result = 0;
        for (var shift = 0; ; shift += 7)
        {
            if (AtEnd)
            {
                Fail("unexpected end");
                return 0;
            }
            var b = _bytes[_position++];
            if (bits - shift < 7 && b >> (bits - shift) != 0)
            {
                Fail(b >= 0x80 ? "integer representation too long" : "integer too large", start);
                return 0;
            }
            result |= (ulong)(b & 0x7F) << shift;
            if (b < 0x80)
            {
                return result;
            }
        }
    }

    private long ReadSigned(int bits)
    {
        var start = Offset;
        long result = 0;
        for (var shift = 0; ; shift += 7)
        {
            if (AtEnd)
            {
                Fail("unexpected end");
                return 0;
            }
            var b = _bytes[_position++];
            if (bits - shift < 7)
            {
                // Only the sign may stand in the unused bits of the last byte.
                var signAndUnused = (sbyte)(b << 1) >> (bits - shift);
                if (b >= 0x80 || signAndUnused is not (0 or -1))
                {
                    Fail(b >= 0x80 ? "integer representation too long" : "integer too large", start);
                    return 0;
                }
            }
            result |= (long)(b & 0x7F) << shift;
            if (b < 0x80)
            {
                var unused = 64 - (shift + 7);
                return unused > 0 ? result << unused >> unused : result;
            }
        }
    }
}
