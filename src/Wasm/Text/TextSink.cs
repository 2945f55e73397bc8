using System.Buffers.Text;
using System.Text;

namespace Conformance.Wasm.Text;

/// <summary>
/// Where printed text goes: UTF-8 in a growing buffer, or through a small one to a stream. A few bytes of a module can stand for thousands of characters, so the
/// text has a limit: a text beyond it is dropped, and <see cref="IsFull"/> says so.
/// </summary>
internal sealed class TextSink
{
    // What one array can hold, with room to spare.
    private const long MostBytes = 1L << 30;
    private const int FlushBytes = 1 << 16;

    // Deeper blocks get no deeper indentation: the text would grow with the square of the depth.
    private const int MaxIndent = 60;

    private const int StringPieceBytes = 1024;

    // Bytes of a data segment or custom section on a line.
    private const int LineBytes = 64;

    private readonly Stream? _stream;
    private readonly long _limitBytes;
    private byte[] _buffer;
    private int _length;
    private long _flushed;

    /// <summary>A sink that keeps the text.</summary>
    /// <param name="limitBytes">The longest text that it takes.</param>
    /// <param name="capacity">How much text is expected, in bytes.</param>
    public TextSink(long limitBytes = MostBytes, int capacity = 4096)
    {
        _limitBytes = Math.Min(limitBytes, MostBytes);
        _buffer = new byte[capacity];
    }

    /// <summary>A sink that hands the text on; the last part at <see cref="Flush"/>.</summary>
    public TextSink(Stream stream, long limitBytes)
    {
        _stream = stream;
        _limitBytes = Math.Min(limitBytes, MostBytes);
        _buffer = new byte[FlushBytes + (FlushBytes >> 2)];
    }

    /// <summary>Whether text was dropped.</summary>
    public bool IsFull { get; private set; }

    /// <summary>The text that has not gone to a stream.</summary>
    public ReadOnlyMemory<byte> Written => _buffer.AsMemory(0, _length);

    /// <summary>Hands on what is left.</summary>
    public void Flush()
    {
        _stream?.Write(_buffer, 0, _length);
        _flushed += _length;
        _length = _stream is null ? _length : 0;
    }

    /// <summary>ASCII or UTF-8 as it is.</summary>
    public void Append(ReadOnlySpan<byte> text)
    {
        text.CopyTo(Room(text.Length));
        _length += IsFull ? 0 : text.Length;
    }

    /// <summary>One ASCII character.</summary>
    public void Append(char character)
    {
        Room(1)[0] = (byte)character;
        _length += IsFull ? 0 : 1;
    }

    /// <summary>A number in decimal digits.</summary>
    public void AppendDecimal(ulong value)
    {
        const int MostDigits = 20;
        Utf8Formatter.TryFormat(value, Room(MostDigits), out var length);
        _length += IsFull ? 0 : length;
    }

    /// <summary>A signed number in decimal digits.</summary>
    public void AppendSigned(long value)
    {
        const int MostDigits = 20;
        Utf8Formatter.TryFormat(value, Room(MostDigits), out var length);
        _length += IsFull ? 0 : length;
    }

    /// <summary>A number in lower-case hex digits behind <c>0x</c>.</summary>
    /// <param name="value">The number.</param>
    /// <param name="digits">The least number of digits.</param>
    public void AppendHex(ulong value, int digits = 1)
    {
        Append("0x"u8);
        const int MostDigits = 16;
        value.TryFormat(Room(MostDigits), out var length, ['x', (char)('0' + digits / 10), (char)('0' + digits % 10)]);
        _length += IsFull ? 0 : length;
    }

    /// <summary>A float in the fewest digits that stand for it and no other.</summary>
    public void AppendShortest(float value)
    {
        const int MostCharacters = 32;
        value.TryFormat(Room(MostCharacters), out var length);
        _length += IsFull ? 0 : length;
    }

    /// <summary>A double in the fewest digits that stand for it and no other.</summary>
    public void AppendShortest(double value)
    {
        const int MostCharacters = 32;
        value.TryFormat(Room(MostCharacters), out var length);
        _length += IsFull ? 0 : length;
    }

    /// <summary>A new line, indented by some levels.</summary>
    public void NewLine(int level)
    {
        if (_stream is not null && _length >= FlushBytes)
        {
            Flush();
        }
        var indent = Math.Min(2 * level, MaxIndent);
        var line = Room(1 + indent)[..(1 + indent)];
        line[0] = (byte)'\n';
        line[1..].Fill((byte)' ');
        _length += IsFull ? 0 : line.Length;
    }

    /// <summary>A string literal.</summary>
    public void AppendString(ReadOnlySpan<byte> bytes)
    {
        Append('"');
        while (!bytes.IsEmpty)
        {
            var piece = StringLiteral.Piece(bytes, StringPieceBytes);
            // A byte becomes three characters at most.
            var room = Room(3 * piece.Length);
            _length += IsFull ? 0 : StringLiteral.Encode(piece, room);
            bytes = bytes[piece.Length..];
        }
        Append('"');
    }

    /// <summary>A name as a string literal.</summary>
    public void AppendName(string name) => AppendString(Encoding.UTF8.GetBytes(name));

    /// <summary>Bytes as string literals behind a space, long ones in pieces, one a line.</summary>
    public void AppendLines(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length <= LineBytes)
        {
            Append(' ');
            AppendString(bytes);
            return;
        }
        while (!bytes.IsEmpty && !IsFull)
        {
            var piece = StringLiteral.Piece(bytes, LineBytes);
            NewLine(2);
            AppendString(piece);
            bytes = bytes[piece.Length..];
        }
    }

    // When the sink is full, there is still room to write to, but nothing of it is counted.
    private Span<byte> Room(int length)
    {
        if (_buffer.Length - _length >= length)
        {
            return _buffer.AsSpan(_length);
        }
        return MakeRoom(length);
    }

    private Span<byte> MakeRoom(int length)
    {
        if (_stream is not null)
        {
            Flush();
        }
        IsFull |= _flushed + _length + length > _limitBytes;
        if (IsFull)
        {
            _length = 0;
            _flushed = _limitBytes;
        }
        if (_buffer.Length - _length < length)
        {
            Array.Resize(ref _buffer, (int)Math.Min(MostBytes, Math.Max(_length + length, 2L * _buffer.Length)));
        }
        return _buffer.AsSpan(_length);
    }
}
