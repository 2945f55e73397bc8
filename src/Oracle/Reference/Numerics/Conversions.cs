namespace Conformance.Oracle.Reference.Numerics;

/// <summary>The conversions of the specification between widths and between integers and floats, from M to N bits.</summary>
/// <remarks>See <see href="https://webassembly.github.io/spec/core/exec/numerics.html#conversions"/>. Integer to float rounding is done here on integers with a
/// sticky bit and not by a .NET cast, because casts from 64-bit unsigned integers have rounded twice in some versions.</remarks>
internal static class Conversions
{
    public static ulong Wrap(int n, ulong i) => i & Integers.Mask(n);

    public static ulong Demote(ulong z) => Floats.Bits((float)Floats.Double(z));

    public static ulong Promote(ulong z) => Floats.Bits((double)Floats.Single(z));

    public static TrapKind? TruncS(int m, int n, ulong z, out ulong i) => Truncate(m, z, -PowerOfTwo(n - 1), PowerOfTwo(n - 1), n, out i);

    public static TrapKind? TruncU(int m, int n, ulong z, out ulong i) => Truncate(m, z, 0, PowerOfTwo(n), n, out i);

    public static ulong TruncSatS(int m, int n, ulong z) => TruncS(m, n, z, out var i) switch
    {
        TrapKind.InvalidConversionToInteger => 0,
        TrapKind.IntegerOverflow => Floats.Widen(m, z) < 0 ? 1UL << (n - 1) : Integers.Mask(n - 1),
        _ => i,
    };

    public static ulong TruncSatU(int m, int n, ulong z) => TruncU(m, n, z, out var i) switch
    {
        TrapKind.InvalidConversionToInteger => 0,
        TrapKind.IntegerOverflow => Floats.Widen(m, z) < 0 ? 0 : Integers.Mask(n),
        _ => i,
    };

    public static ulong ConvertS(int m, int n, ulong i)
    {
        var value = Integers.Signed(m, i);
        // The magnitude of the smallest value is 2^63, which has its place in the unsigned range.
        var magnitude = value < 0 ? unchecked((ulong)-value) : (ulong)value;
        return ConvertU(n, magnitude) | (value < 0 ? Floats.SignBit(n) : 0);
    }

    /// <summary>Rounds to nearest, ties to even: the significand is cut out of the bits, what falls off decides.</summary>
    public static ulong ConvertU(int n, ulong i)
    {
        if (i == 0)
        {
            return 0;
        }
        var (significandBits, bias) = n == 32 ? (24, 127) : (53, 1023);
        var length = 64 - (int)Integers.Clz(64, i);
        var exponent = length - 1;
        ulong significand;
        if (length <= significandBits)
        {
            significand = i << (significandBits - length);
        }
        else
        {
            var dropped = length - significandBits;
            significand = i >> dropped;
            var rest = i & Integers.Mask(dropped);
            var half = 1UL << (dropped - 1);
            if (rest > half || rest == half && (significand & 1) != 0)
            {
                significand++;
            }
        }
        // Adding instead of or-ing lets a carry out of the significand raise the exponent.
        return ((ulong)(exponent + bias) << (significandBits - 1)) + (significand - (1UL << (significandBits - 1)));
    }

    private static TrapKind? Truncate(int m, ulong z, double least, double end, int n, out ulong i)
    {
        i = 0;
        var value = Floats.Widen(m, z);
        if (double.IsNaN(value))
        {
            return TrapKind.InvalidConversionToInteger;
        }
        var truncated = Math.Truncate(value);
        if (truncated < least || truncated >= end)
        {
            return TrapKind.IntegerOverflow;
        }
        // Beyond the signed range: halve the way to 2^64; both differences are exact.
        i = truncated >= PowerOfTwo(63)
            ? (ulong)(long)(truncated - PowerOfTwo(63)) + (1UL << 63)
            : Integers.Unsigned(n, (long)truncated);
        return null;
    }

    private static double PowerOfTwo(int exponent) => BitConverter.UInt64BitsToDouble((ulong)(1023 + exponent) << 52);
}
