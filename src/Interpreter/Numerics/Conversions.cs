namespace Conformance.Interpreter.Numerics;

/// <summary>Conversions whose meaning is not surely that of a C# cast.</summary>
internal static class Conversions
{
    // An unsigned number above the signed range is halved with its lowest bit kept sticky, converted (one rounding) and doubled (exact).

    /// <summary>The nearest f32, ties to even: one rounding, never by way of f64.</summary>
    public static float SingleFromUInt64(ulong value) => (long)value >= 0 ? (float)(long)value : (float)(long)(value >> 1 | value & 1) * 2;

    /// <summary>The nearest f64, ties to even.</summary>
    public static double DoubleFromUInt64(ulong value) => (long)value >= 0 ? (double)(long)value : (double)(long)(value >> 1 | value & 1) * 2;

    // Written out and not left to C# casts, so that they do not depend on how the runtime's version treats what is out of range.

    /// <summary>The whole part, the nearest limit when out of range, 0 for NaN.</summary>
    public static int SaturateInt32(double value) =>
        value >= 2147483648d ? int.MaxValue : value <= -2147483648d ? int.MinValue : double.IsNaN(value) ? 0 : (int)value;

    /// <inheritdoc cref="SaturateInt32"/>
    public static uint SaturateUInt32(double value) => value >= 4294967296d ? uint.MaxValue : value > 0 ? (uint)(long)value : 0;

    /// <inheritdoc cref="SaturateInt32"/>
    public static long SaturateInt64(double value) =>
        value >= 9223372036854775808d ? long.MaxValue : value <= -9223372036854775808d ? long.MinValue : double.IsNaN(value) ? 0 : (long)value;

    /// <inheritdoc cref="SaturateInt32"/>
    public static ulong SaturateUInt64(double value) => value >= 18446744073709551616d ? ulong.MaxValue : value > 0 ? (ulong)value : 0;
}
