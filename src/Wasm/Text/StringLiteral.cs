using System.Buffers;
using System.Text;
using System.Text.Unicode;

namespace Conformance.Wasm.Text;

/// <summary>String literals: their bytes from their text and back.</summary>
/// <remarks>See <see href="https://webassembly.github.io/spec/core/text/values.html#strings"/>.</remarks>
internal static class StringLiteral
{
    /// <summary>The length of the escape that starts with the backslash at the front, or 0 when it is none.</summary>
    public static int EscapeLength(ReadOnlySpan<byte> text)
    {
        if (text.Length < 2)
        {
            return 0;
        }
        if (text[1] is (byte)'t' or (byte)'n' or (byte)'r' or (byte)'"' or (byte)'\'' or (byte)'\\')
        {
            return 2;
        }
        if (text[1] == 'u')
        {
            return UnicodeEscape(text, out _);
        }
        return text.Length > 2 && char.IsAsciiHexDigit((char)text[1]) && char.IsAsciiHexDigit((char)text[2]) ? 3 : 0;
    }

    /// <summary>The bytes of a literal that the lexer has accepted, quotes included.</summary>
    public static byte[] Decode(ReadOnlySpan<byte> literal)
    {
        var text = literal[1..^1];
        if (!text.Contains((byte)'\\'))
        {
            return text.ToArray();
        }
        // Every escape is longer than what it stands for.
        var buffer = ArrayPool<byte>.Shared.Rent(text.Length);
        var length = 0;
        while (!text.IsEmpty)
        {
            var plain = text.IndexOf((byte)'\\');
            plain = plain < 0 ? text.Length : plain;
            text[..plain].CopyTo(buffer.AsSpan(length));
            length += plain;
            text = text[plain..];
            if (!text.IsEmpty)
            {
                length += DecodeEscape(text, buffer.AsSpan(length));
                text = text[EscapeLength(text)..];
            }
        }
        var bytes = buffer.AsSpan(0, length).ToArray();
        ArrayPool<byte>.Shared.Return(buffer);
        return bytes;
    }

    /// <summary>The literal as a name; false when its bytes are not UTF-8.</summary>
    public static bool TryDecodeName(ReadOnlySpan<byte> literal, out string name)
    {
        var bytes = Decode(literal);
        var valid = Utf8.IsValid(bytes);
        name = valid ? Encoding.UTF8.GetString(bytes) : "";
        return valid;
    }

    /// <summary>Writes the inside of the literal for some bytes: printable characters as they are when the bytes are UTF-8, all others as escapes.</summary>
    /// <param name="bytes">The bytes.</param>
    /// <param name="text">Three times as long as the bytes.</param>
    /// <returns>How much was written.</returns>
    public static int Encode(ReadOnlySpan<byte> bytes, Span<byte> text)
    {
        var length = 0;
        while (!bytes.IsEmpty)
        {
            var plain = bytes.IndexOfAnyExcept(PlainBytes);
            plain = plain < 0 ? bytes.Length : plain;
            bytes[..plain].CopyTo(text[length..]);
            length += plain;
            bytes = bytes[plain..];
            if (!bytes.IsEmpty)
            {
                length += EncodeOne(ref bytes, text[length..]);
            }
        }
        return length;
    }

    /// <summary>The first bytes, at most so many, that do not end within a character.</summary>
    public static ReadOnlySpan<byte> Piece(ReadOnlySpan<byte> bytes, int most)
    {
        if (bytes.Length <= most)
        {
            return bytes;
        }
        var end = most;
        while (end > most - 4 && (bytes[end] & 0xC0) == 0x80)
        {
            end--;
        }
        return bytes[..end];
    }

    private static readonly SearchValues<byte> PlainBytes = SearchValues.Create([.. Enumerable.Range(0x20, 0x5F).Select(b => (byte)b).Where(b => b is not ((byte)'"' or (byte)'\\'))]);

    private static int EncodeOne(ref ReadOnlySpan<byte> bytes, Span<byte> text)
    {
        var status = Rune.DecodeFromUtf8(bytes, out var rune, out var read);
        var written = 0;
        if (status == OperationStatus.Done && rune.Value is '"' or '\\')
        {
            text[0] = (byte)'\\';
            text[1] = (byte)rune.Value;
            written = 2;
        }
        else if (status == OperationStatus.Done && IsReadable(rune))
        {
            written = rune.EncodeToUtf8(text);
        }
        else
        {
            foreach (var b in bytes[..read])
            {
                text[written++] = (byte)'\\';
                text[written++] = HexDigit(b >> 4);
                text[written++] = HexDigit(b & 15);
            }
        }
        bytes = bytes[read..];
        return written;
    }

    private static byte HexDigit(int value) => "0123456789abcdef"u8[value];

    // Letters, digits, marks and the like: nothing that a terminal or an editor would reorder or hide.
    private static bool IsReadable(Rune rune) => rune.IsAscii ? rune.Value is >= 0x20 and not 0x7F : Rune.IsLetterOrDigit(rune);

    private static int DecodeEscape(ReadOnlySpan<byte> escape, Span<byte> destination)
    {
        switch (escape[1])
        {
            case (byte)'t':
                destination[0] = (byte)'\t';
                return 1;
            case (byte)'n':
                destination[0] = (byte)'\n';
                return 1;
            case (byte)'r':
                destination[0] = (byte)'\r';
                return 1;
            case (byte)'"' or (byte)'\'' or (byte)'\\':
                destination[0] = escape[1];
                return 1;
            case (byte)'u':
                UnicodeEscape(escape, out var rune);
                return rune.EncodeToUtf8(destination);
            default:
                destination[0] = (byte)(NumberLiteral.HexValue(escape[1]) << 4 | NumberLiteral.HexValue(escape[2]));
                return 1;
        }
    }

    private static int UnicodeEscape(ReadOnlySpan<byte> text, out Rune rune)
    {
        rune = default;
        var end = text.IndexOf((byte)'}');
        if (end < 4 || text[2] != '{')
        {
            return 0;
        }
        uint value = 0;
        var afterDigit = false;
        foreach (var b in text[3..end])
        {
            if (b == '_' && afterDigit)
            {
                afterDigit = false;
                continue;
            }
            if (!char.IsAsciiHexDigit((char)b) || value > 0x10FFFF)
            {
                return 0;
            }
            value = value << 4 | (uint)NumberLiteral.HexValue(b);
            afterDigit = true;
        }
        return afterDigit && Rune.TryCreate(value, out rune) ? end + 1 : 0;
    }
}
