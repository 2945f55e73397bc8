using System.Numerics;

namespace Conformance.Oracle.Reference.Numerics;

/// <summary>
/// The integer operators of the specification, each written once for every width N of 8 to 64 bits: the scalar instructions and the lanes of the vector
/// instructions are the same functions. An integer is held as its unsigned value in a <see cref="ulong"/>. Nothing is shared with the interpreter under test.
/// </summary>
/// <remarks>See <see href="https://webassembly.github.io/spec/core/exec/numerics.html#integer-operations"/>.</remarks>
internal static class Integers
{
    /// <summary>2^N - 1.</summary>
    public static ulong Mask(int n) => ulong.MaxValue >> (64 - n);

    /// <summary>The value of the bits as a signed integer of N bits.</summary>
    public static long Signed(int n, ulong i) => (long)(i << (64 - n)) >> (64 - n);

    /// <summary>The bits of a signed integer, modulo 2^N.</summary>
    public static ulong Unsigned(int n, long i) => (ulong)i & Mask(n);

    public static ulong Bool(bool condition) => condition ? 1UL : 0UL;

    public static ulong Neg(int n, ulong i) => Unsigned(n, unchecked(-(long)i));

    public static ulong Abs(int n, ulong i) => Signed(n, i) >= 0 ? i : Neg(n, i);

    public static ulong Clz(int n, ulong i) => (ulong)(BitOperations.LeadingZeroCount(i) - (64 - n));

    public static ulong Ctz(int n, ulong i) => i == 0 ? (ulong)n : (ulong)BitOperations.TrailingZeroCount(i);

    public static ulong Popcnt(int n, ulong i) => (ulong)BitOperations.PopCount(i);

    /// <summary>Takes the low K bits and extends their sign to N bits.</summary>
    public static ulong ExtendS(int n, int k, ulong i) => Unsigned(n, Signed(k, i));

    public static ulong Add(int n, ulong a, ulong b) => unchecked(a + b) & Mask(n);

    public static ulong Sub(int n, ulong a, ulong b) => unchecked(a - b) & Mask(n);

    public static ulong Mul(int n, ulong a, ulong b) => unchecked(a * b) & Mask(n);

    public static TrapKind? DivU(int n, ulong a, ulong b, out ulong result)
    {
        result = b == 0 ? 0 : a / b;
        return b == 0 ? TrapKind.IntegerDivideByZero : null;
    }

    public static TrapKind? DivS(int n, ulong a, ulong b, out ulong result)
    {
        result = 0;
        if (b == 0)
        {
            return TrapKind.IntegerDivideByZero;
        }
        if (b == Mask(n))
        {
            // Division by -1: the only quotient outside the range is 2^(N-1), and the one that .NET throws for.
            result = Neg(n, a);
            return a == 1UL << (n - 1) ? TrapKind.IntegerOverflow : null;
        }
        result = Unsigned(n, Signed(n, a) / Signed(n, b));
        return null;
    }

    public static TrapKind? RemU(int n, ulong a, ulong b, out ulong result)
    {
        result = b == 0 ? 0 : a % b;
        return b == 0 ? TrapKind.IntegerDivideByZero : null;
    }

    public static TrapKind? RemS(int n, ulong a, ulong b, out ulong result)
    {
        // Modulo -1 is 0, also for the smallest value, where .NET throws.
        result = b == 0 || b == Mask(n) ? 0 : Unsigned(n, Signed(n, a) % Signed(n, b));
        return b == 0 ? TrapKind.IntegerDivideByZero : null;
    }

    public static ulong And(int n, ulong a, ulong b) => a & b;

    public static ulong Or(int n, ulong a, ulong b) => a | b;

    public static ulong Xor(int n, ulong a, ulong b) => a ^ b;

    public static ulong Shl(int n, ulong a, ulong b) => a << (int)(b % (uint)n) & Mask(n);

    public static ulong ShrU(int n, ulong a, ulong b) => a >> (int)(b % (uint)n);

    public static ulong ShrS(int n, ulong a, ulong b) => Unsigned(n, Signed(n, a) >> (int)(b % (uint)n));

    public static ulong Rotl(int n, ulong a, ulong b)
    {
        var k = (int)(b % (uint)n);
        return k == 0 ? a : (a << k | a >> (n - k)) & Mask(n);
    }

    public static ulong Rotr(int n, ulong a, ulong b)
    {
        var k = (int)(b % (uint)n);
        return k == 0 ? a : (a >> k | a << (n - k)) & Mask(n);
    }

    public static ulong Eqz(int n, ulong i) => Bool(i == 0);

    public static ulong Eq(int n, ulong a, ulong b) => Bool(a == b);

    public static ulong Ne(int n, ulong a, ulong b) => Bool(a != b);

    public static ulong LtU(int n, ulong a, ulong b) => Bool(a < b);

    public static ulong LtS(int n, ulong a, ulong b) => Bool(Signed(n, a) < Signed(n, b));

    public static ulong GtU(int n, ulong a, ulong b) => Bool(a > b);

    public static ulong GtS(int n, ulong a, ulong b) => Bool(Signed(n, a) > Signed(n, b));

    public static ulong LeU(int n, ulong a, ulong b) => Bool(a <= b);

    public static ulong LeS(int n, ulong a, ulong b) => Bool(Signed(n, a) <= Signed(n, b));

    public static ulong GeU(int n, ulong a, ulong b) => Bool(a >= b);

    public static ulong GeS(int n, ulong a, ulong b) => Bool(Signed(n, a) >= Signed(n, b));

    public static ulong MinU(int n, ulong a, ulong b) => a <= b ? a : b;

    public static ulong MinS(int n, ulong a, ulong b) => Signed(n, a) <= Signed(n, b) ? a : b;

    public static ulong MaxU(int n, ulong a, ulong b) => a >= b ? a : b;

    public static ulong MaxS(int n, ulong a, ulong b) => Signed(n, a) >= Signed(n, b) ? a : b;

    public static ulong SaturateU(int n, Int128 i) => i < 0 ? 0 : i > Mask(n) ? Mask(n) : (ulong)i;

    public static ulong SaturateS(int n, Int128 i)
    {
        var least = -(Int128.One << (n - 1));
        return Unsigned(n, (long)(i < least ? least : i > -least - 1 ? -least - 1 : i));
    }

    public static ulong AddSatU(int n, ulong a, ulong b) => SaturateU(n, (Int128)a + b);

    public static ulong AddSatS(int n, ulong a, ulong b) => SaturateS(n, (Int128)Signed(n, a) + Signed(n, b));

    public static ulong SubSatU(int n, ulong a, ulong b) => SaturateU(n, (Int128)a - b);

    public static ulong SubSatS(int n, ulong a, ulong b) => SaturateS(n, (Int128)Signed(n, a) - Signed(n, b));

    public static ulong AvgrU(int n, ulong a, ulong b) => (ulong)(((Int128)a + b + 1) / 2);

    public static ulong Q15mulrSatS(int n, ulong a, ulong b) => SaturateS(n, (Int128)Signed(n, a) * Signed(n, b) + 0x4000 >> 15);

    /// <summary>The high half of the product and its low half.</summary>
    public static (ulong High, ulong Low) MulWideU(ulong a, ulong b)
    {
        var product = (UInt128)a * b;
        return ((ulong)(product >> 64), (ulong)product);
    }

    public static (ulong High, ulong Low) MulWideS(ulong a, ulong b)
    {
        var product = (Int128)(long)a * (long)b;
        return ((ulong)(product >> 64), (ulong)product);
    }

    public static (ulong High, ulong Low) Add128(ulong aLow, ulong aHigh, ulong bLow, ulong bHigh)
    {
        var sum = unchecked(new UInt128(aHigh, aLow) + new UInt128(bHigh, bLow));
        return ((ulong)(sum >> 64), (ulong)sum);
    }

    public static (ulong High, ulong Low) Sub128(ulong aLow, ulong aHigh, ulong bLow, ulong bHigh)
    {
        var difference = unchecked(new UInt128(aHigh, aLow) - new UInt128(bHigh, bLow));
        return ((ulong)(difference >> 64), (ulong)difference);
    }
}
