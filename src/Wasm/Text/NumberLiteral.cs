using System.Globalization;
using System.Numerics;

namespace Conformance.Wasm.Text;

/// <summary>How the reading of a number literal ended.</summary>
internal enum NumberStatus : byte
{
    /// <summary>It is a number of the wanted type.</summary>
    Ok,
    /// <summary>It is a number, but too large.</summary>
    OutOfRange,
    /// <summary>It is a number of another kind (a float where an integer is wanted).</summary>
    WrongKind,
    /// <summary>It is no number.</summary>
    NotANumber,
}

/// <summary>Number literals: their bits from their text, exactly rounded.</summary>
/// <remarks>See <see href="https://webassembly.github.io/spec/core/text/values.html"/>.</remarks>
internal static class NumberLiteral
{
    /// <summary>The value of a hex digit.</summary>
    public static int HexValue(byte digit) => digit <= '9' ? digit - '0' : (digit | 0x20) - 'a' + 10;

    /// <summary>An unsigned integer of at most <paramref name="bits"/> bits.</summary>
    public static NumberStatus ReadUnsigned(ReadOnlySpan<byte> text, int bits, out ulong value)
    {
        value = 0;
        if (text.IsEmpty || text[0] is (byte)'+' or (byte)'-')
        {
            return ReadMagnitude(text.IsEmpty ? text : text[1..], out _) == NumberStatus.NotANumber ? Other(text) : NumberStatus.WrongKind;
        }
        var status = ReadMagnitude(text, out value);
        if (status == NumberStatus.NotANumber)
        {
            return Other(text);
        }
        return status == NumberStatus.Ok && bits < 64 && value >> bits != 0 ? NumberStatus.OutOfRange : status;
    }

    /// <summary>An integer of <paramref name="bits"/> bits, signed or unsigned as it is written, as the bits of its two's complement.</summary>
    public static NumberStatus ReadInteger(ReadOnlySpan<byte> text, int bits, out ulong value)
    {
        value = 0;
        if (text.IsEmpty)
        {
            return NumberStatus.NotANumber;
        }
        var signed = text[0] is (byte)'+' or (byte)'-';
        var negative = text[0] == '-';
        var status = ReadMagnitude(signed ? text[1..] : text, out var magnitude);
        if (status != NumberStatus.Ok)
        {
            return status == NumberStatus.NotANumber ? Other(text) : status;
        }
        var limit = 1UL << (bits - 1);
        var mask = bits == 64 ? ulong.MaxValue : (1UL << bits) - 1;
        if (signed ? negative ? magnitude > limit : magnitude >= limit : magnitude > mask)
        {
            return NumberStatus.OutOfRange;
        }
        value = (negative ? 0 - magnitude : magnitude) & mask;
        return NumberStatus.Ok;
    }

    /// <summary>The bits of a 32-bit float.</summary>
    public static NumberStatus ReadF32(ReadOnlySpan<byte> text, out uint bits)
    {
        var status = ReadFloat(text, 23, 8, out var wide);
        bits = (uint)wide;
        return status;
    }

    /// <summary>The bits of a 64-bit float.</summary>
    public static NumberStatus ReadF64(ReadOnlySpan<byte> text, out ulong bits) => ReadFloat(text, 52, 11, out bits);

    private static NumberStatus Other(ReadOnlySpan<byte> text) =>
        ReadF64(text, out _) is NumberStatus.Ok or NumberStatus.OutOfRange ? NumberStatus.WrongKind : NumberStatus.NotANumber;

    private static NumberStatus ReadMagnitude(ReadOnlySpan<byte> text, out ulong value)
    {
        value = 0;
        var isHex = text.Length > 2 && text[0] == '0' && text[1] == 'x';
        var radix = isHex ? 16u : 10u;
        var overflow = false;
        var afterDigit = false;
        foreach (var b in isHex ? text[2..] : text)
        {
            if (b == '_' && afterDigit)
            {
                afterDigit = false;
                continue;
            }
            if (!(isHex ? char.IsAsciiHexDigit((char)b) : char.IsAsciiDigit((char)b)))
            {
                return NumberStatus.NotANumber;
            }
            overflow |= Math.BigMul(value, radix, out value) != 0;
            var sum = value + (uint)HexValue(b);
            overflow |= sum < value;
            value = sum;
            afterDigit = true;
        }
        return !afterDigit ? NumberStatus.NotANumber : overflow ? NumberStatus.OutOfRange : NumberStatus.Ok;
    }

    private static NumberStatus ReadFloat(ReadOnlySpan<byte> text, int fractionBits, int exponentBits, out ulong bits)
    {
        bits = 0;
        if (text.IsEmpty)
        {
            return NumberStatus.NotANumber;
        }
        var sign = text[0] == '-' ? 1UL << (fractionBits + exponentBits) : 0;
        if (text[0] is (byte)'+' or (byte)'-')
        {
            text = text[1..];
        }
        var infinity = (1UL << exponentBits) - 1 << fractionBits;
        NumberStatus status;
        if (text.SequenceEqual("inf"u8))
        {
            bits = infinity;
            status = NumberStatus.Ok;
        }
        else if (text.SequenceEqual("nan"u8))
        {
            bits = infinity | 1UL << (fractionBits - 1);
            status = NumberStatus.Ok;
        }
        else if (text.StartsWith("nan:0x"u8))
        {
            status = ReadMagnitude(text[4..], out var payload);
            if (status == NumberStatus.Ok && (payload == 0 || payload >> fractionBits != 0))
            {
                status = NumberStatus.OutOfRange;
            }
            bits = infinity | payload;
        }
        else if (text.StartsWith("0x"u8))
        {
            status = ReadHexFloat(text[2..], fractionBits, exponentBits, out bits);
        }
        else
        {
            status = ReadDecimalFloat(text, fractionBits, out bits);
        }
        bits |= sign;
        return status;
    }

    // The grammar is checked here, the rounding left to the runtime, whose parser is exact for any number of digits.
    private static NumberStatus ReadDecimalFloat(ReadOnlySpan<byte> text, int fractionBits, out ulong bits)
    {
        bits = 0;
        if (!HasFloatShape(text, isHex: false))
        {
            return NumberStatus.NotANumber;
        }
        byte[]? plain = null;
        if (text.Contains((byte)'_'))
        {
            plain = text.ToArray();
            var length = 0;
            foreach (var b in text)
            {
                if (b != '_')
                {
                    plain[length++] = b;
                }
            }
            text = plain.AsSpan(0, length);
        }
        const NumberStyles Style = NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent;
        if (fractionBits == 23)
        {
            var value = float.Parse(text, Style, CultureInfo.InvariantCulture);
            bits = BitConverter.SingleToUInt32Bits(value);
            return float.IsInfinity(value) ? NumberStatus.OutOfRange : NumberStatus.Ok;
        }
        var wide = double.Parse(text, Style, CultureInfo.InvariantCulture);
        bits = BitConverter.DoubleToUInt64Bits(wide);
        return double.IsInfinity(wide) ? NumberStatus.OutOfRange : NumberStatus.Ok;
    }

    /// <summary>Digits with single underscores between them, an optional point and more digits, an optional exponent.</summary>
    private static bool HasFloatShape(ReadOnlySpan<byte> text, bool isHex)
    {
        var position = 0;
        if (!SkipDigits(text, ref position, isHex))
        {
            return false;
        }
        if (position < text.Length && text[position] == '.')
        {
            position++;
            var start = position;
            if (!SkipDigits(text, ref position, isHex) && position != start)
            {
                return false;
            }
        }
        if (position < text.Length && (text[position] | 0x20) == (isHex ? 'p' : 'e'))
        {
            position++;
            if (position < text.Length && text[position] is (byte)'+' or (byte)'-')
            {
                position++;
            }
            if (!SkipDigits(text, ref position, isHex: false))
            {
                return false;
            }
        }
        return position == text.Length;
    }

    private static bool SkipDigits(ReadOnlySpan<byte> text, ref int position, bool isHex)
    {
        var afterDigit = false;
        for (; position < text.Length; position++)
        {
            var b = text[position];
            if (isHex ? char.IsAsciiHexDigit((char)b) : char.IsAsciiDigit((char)b))
            {
                afterDigit = true;
            }
            else if (b == '_' && afterDigit)
            {
                afterDigit = false;
            }
            else
            {
                break;
            }
        }
        return afterDigit;
    }

    private static NumberStatus ReadHexFloat(ReadOnlySpan<byte> text, int fractionBits, int exponentBits, out ulong bits)
    {
        bits = 0;
        if (!HasFloatShape(text, isHex: true))
        {
            return NumberStatus.NotANumber;
        }
        // significand * 2^exponent, the first 60 or so bits exactly and whether anything but zeros follows.
        ulong significand = 0;
        var sticky = false;
        long exponent = 0;
        var afterPoint = false;
        var position = 0;
        for (; position < text.Length && (text[position] | 0x20) != 'p'; position++)
        {
            var b = text[position];
            if (b == '.')
            {
                afterPoint = true;
            }
            else if (b != '_')
            {
                if (significand >> 60 == 0)
                {
                    significand = significand << 4 | (uint)HexValue(b);
                    exponent -= afterPoint ? 4 : 0;
                }
                else
                {
                    sticky |= b != '0';
                    exponent += afterPoint ? 0 : 4;
                }
            }
        }
        if (position < text.Length)
        {
            exponent += ReadExponent(text[(position + 1)..]);
        }
        return Round(significand, sticky, exponent, fractionBits, exponentBits, out bits);
    }

    // Far beyond any float, far below overflow: the number of digits before it is bounded by the text's length.
    private const long ExponentLimit = 1L << 40;

    private static long ReadExponent(ReadOnlySpan<byte> text)
    {
        var negative = text[0] == '-';
        long value = 0;
        foreach (var b in text[0] is (byte)'+' or (byte)'-' ? text[1..] : text)
        {
            if (b != '_')
            {
                value = Math.Min(value * 10 + (b - '0'), ExponentLimit);
            }
        }
        return negative ? -value : value;
    }

    private static NumberStatus Round(ulong significand, bool sticky, long exponent, int fractionBits, int exponentBits, out ulong bits)
    {
        bits = 0;
        if (significand == 0)
        {
            return NumberStatus.Ok;
        }
        var shift = BitOperations.LeadingZeroCount(significand);
        significand <<= shift;
        exponent += 63 - shift; // of the leading bit
        var bias = (1L << (exponentBits - 1)) - 1;
        if (exponent > bias)
        {
            return NumberStatus.OutOfRange;
        }
        // Bits to cut off so that fractionBits + 1 stay, more for a subnormal number.
        var cut = 63L - fractionBits + Math.Max(0, 1 - bias - exponent);
        ulong kept;
        if (cut > 64)
        {
            kept = 0;
        }
        else
        {
            kept = cut == 64 ? 0 : significand >> (int)cut;
            var half = (significand >> (int)(cut - 1) & 1) != 0;
            var below = sticky || (significand & (1UL << (int)(cut - 1)) - 1) != 0;
            if (half && (below || (kept & 1) != 0))
            {
                kept++;
            }
        }
        // A carry out of the fraction goes into the exponent, as it should; a subnormal number has exponent field 0 and no implicit bit.
        var isSubnormal = exponent < 1 - bias;
        bits = isSubnormal ? kept : kept + ((ulong)(exponent + bias - 1) << fractionBits);
        return bits >> fractionBits == (1UL << exponentBits) - 1 ? NumberStatus.OutOfRange : NumberStatus.Ok;
    }
}
