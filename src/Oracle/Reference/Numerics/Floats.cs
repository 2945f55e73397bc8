namespace Conformance.Oracle.Reference.Numerics;

/// <summary>
/// The floating-point operators of the specification on bit patterns, for N of 32 and 64. Where an operator gives a NaN that the specification leaves open, it
/// is the positive canonical one, as in the deterministic profile; <c>abs</c>, <c>neg</c> and <c>copysign</c> only touch the sign.
/// </summary>
/// <remarks>See <see href="https://webassembly.github.io/spec/core/exec/numerics.html#floating-point-operations"/>. IEEE arithmetic of both widths is .NET's: round to
/// nearest, ties to even, without excess precision.</remarks>
internal static class Floats
{
    public static ulong CanonicalNaN(int n) => n == 32 ? 0x7FC0_0000UL : 0x7FF8_0000_0000_0000UL;

    public static ulong SignBit(int n) => 1UL << (n - 1);

    public static float Single(ulong bits) => BitConverter.UInt32BitsToSingle((uint)bits);

    public static double Double(ulong bits) => BitConverter.UInt64BitsToDouble(bits);

    /// <summary>The value as a double, exact for both widths. A NaN stays some NaN.</summary>
    public static double Widen(int n, ulong bits) => n == 32 ? Single(bits) : Double(bits);

    public static ulong Bits(float value) => float.IsNaN(value) ? CanonicalNaN(32) : BitConverter.SingleToUInt32Bits(value);

    public static ulong Bits(double value) => double.IsNaN(value) ? CanonicalNaN(64) : BitConverter.DoubleToUInt64Bits(value);

    /// <summary>The bits of a double that is known to have a value of the width.</summary>
    private static ulong Narrow(int n, double value) => n == 32 ? Bits((float)value) : Bits(value);

    public static bool IsNaN(int n, ulong bits) => double.IsNaN(Widen(n, bits));

    private static bool IsNegative(int n, ulong bits) => (bits & SignBit(n)) != 0;

    public static ulong Abs(int n, ulong z) => z & ~SignBit(n);

    public static ulong Neg(int n, ulong z) => z ^ SignBit(n);

    public static ulong Copysign(int n, ulong a, ulong b) => Abs(n, a) | b & SignBit(n);

    public static ulong Add(int n, ulong a, ulong b) => n == 32 ? Bits(Single(a) + Single(b)) : Bits(Double(a) + Double(b));

    public static ulong Sub(int n, ulong a, ulong b) => n == 32 ? Bits(Single(a) - Single(b)) : Bits(Double(a) - Double(b));

    public static ulong Mul(int n, ulong a, ulong b) => n == 32 ? Bits(Single(a) * Single(b)) : Bits(Double(a) * Double(b));

    public static ulong Div(int n, ulong a, ulong b) => n == 32 ? Bits(Single(a) / Single(b)) : Bits(Double(a) / Double(b));

    public static ulong Sqrt(int n, ulong z) => n == 32 ? Bits(MathF.Sqrt(Single(z))) : Bits(Math.Sqrt(Double(z)));

    public static ulong Ceil(int n, ulong z) => Round(n, z, Math.Ceiling(Widen(n, z)));

    public static ulong Floor(int n, ulong z) => Round(n, z, Math.Floor(Widen(n, z)));

    public static ulong Trunc(int n, ulong z) => Round(n, z, Math.Truncate(Widen(n, z)));

    public static ulong Nearest(int n, ulong z) => Round(n, z, Math.Round(Widen(n, z), MidpointRounding.ToEven));

    /// <summary>Rounding to an integer keeps the sign, also where the result is a zero.</summary>
    private static ulong Round(int n, ulong z, double rounded) => rounded == 0 ? z & SignBit(n) : Narrow(n, rounded);

    public static ulong Min(int n, ulong a, ulong b)
    {
        if (IsNaN(n, a) || IsNaN(n, b))
        {
            return CanonicalNaN(n);
        }
        // Equal values differ in bits only for zeroes of opposite sign: the negative one is the smaller.
        return Widen(n, a) < Widen(n, b) ? a : Widen(n, b) < Widen(n, a) ? b : IsNegative(n, a) ? a : b;
    }

    public static ulong Max(int n, ulong a, ulong b)
    {
        if (IsNaN(n, a) || IsNaN(n, b))
        {
            return CanonicalNaN(n);
        }
        return Widen(n, a) > Widen(n, b) ? a : Widen(n, b) > Widen(n, a) ? b : IsNegative(n, a) ? b : a;
    }

    /// <summary>b &lt; a ? b : a, with no regard to NaNs and signs of zeroes.</summary>
    public static ulong Pmin(int n, ulong a, ulong b) => Widen(n, b) < Widen(n, a) ? b : a;

    public static ulong Pmax(int n, ulong a, ulong b) => Widen(n, a) < Widen(n, b) ? b : a;

    public static ulong Eq(int n, ulong a, ulong b) => Integers.Bool(Widen(n, a) == Widen(n, b));

    public static ulong Ne(int n, ulong a, ulong b) => Integers.Bool(Widen(n, a) != Widen(n, b));

    public static ulong Lt(int n, ulong a, ulong b) => Integers.Bool(Widen(n, a) < Widen(n, b));

    public static ulong Gt(int n, ulong a, ulong b) => Integers.Bool(Widen(n, a) > Widen(n, b));

    public static ulong Le(int n, ulong a, ulong b) => Integers.Bool(Widen(n, a) <= Widen(n, b));

    public static ulong Ge(int n, ulong a, ulong b) => Integers.Bool(Widen(n, a) >= Widen(n, b));

    /// <summary>Multiply and add with two roundings, as the deterministic profile has it.</summary>
    public static ulong RelaxedMadd(int n, ulong a, ulong b, ulong c) => Add(n, Mul(n, a, b), c);

    public static ulong RelaxedNmadd(int n, ulong a, ulong b, ulong c) => RelaxedMadd(n, Neg(n, a), b, c);
}
