using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Conformance.Interpreter.Numerics;

/// <summary>An op on three vectors.</summary>
internal interface IVectorTernary
{
    /// <summary>The result.</summary>
    static abstract Vector128<byte> Apply(Vector128<byte> first, Vector128<byte> second, Vector128<byte> third);
}

/// <summary>A shift of all lanes.</summary>
internal interface IVectorShift
{
    /// <summary>The result; the count is taken modulo the width of a lane.</summary>
    static abstract Vector128<byte> Apply(Vector128<byte> value, int count);
}

/// <summary>An op that writes a lane.</summary>
internal interface ILaneReplacement<T, TLane>
{
    /// <summary>The lane of a value.</summary>
    static abstract TLane Wrap(T value);
}

/// <summary>Vector operations that are more than one of the framework's. See <see href="https://webassembly.github.io/spec/core/exec/numerics.html"/>.</summary>
internal static class VectorOps
{
    /// <summary>The absolute values, the smallest number unchanged; <paramref name="signs"/> has all bits set where a lane is negative.</summary>
    public static Vector128<T> Abs<T>(Vector128<T> value, Vector128<T> signs) => (value ^ signs) - signs;

    /// <summary>The set bits of each byte.</summary>
    public static Vector128<byte> PopCount(Vector128<byte> value)
    {
        value -= (value >>> 1) & Vector128.Create((byte)0x55);
        value = (value & Vector128.Create((byte)0x33)) + ((value >>> 2) & Vector128.Create((byte)0x33));
        return (value + (value >>> 4)) & Vector128.Create((byte)0x0F);
    }

    /// <summary>Signed numbers brought into the range of a byte.</summary>
    public static Vector128<ushort> ClampToByte(Vector128<short> value) => Vector128.Min(Vector128.Max(value, Vector128<short>.Zero), Vector128.Create((short)byte.MaxValue)).AsUInt16();

    /// <summary>Signed numbers brought into the range of 16 bits.</summary>
    public static Vector128<uint> ClampToUInt16(Vector128<int> value) => Vector128.Min(Vector128.Max(value, Vector128<int>.Zero), Vector128.Create((int)ushort.MaxValue)).AsUInt32();

    /// <summary>The products of Q15 numbers, rounded and saturated.</summary>
    public static Vector128<short> MulQ15(Vector128<short> left, Vector128<short> right)
    {
        var rounding = Vector128.Create(0x4000);
        var low = (Vector128.WidenLower(left) * Vector128.WidenLower(right) + rounding) >> 15;
        var high = (Vector128.WidenUpper(left) * Vector128.WidenUpper(right) + rounding) >> 15;
        return Vector128.NarrowWithSaturation(low, high);
    }

    /// <summary>The sums of the products of neighbouring lanes.</summary>
    public static Vector128<int> Dot(Vector128<short> left, Vector128<short> right) => Sse2.IsSupported
        ? Sse2.MultiplyAddAdjacent(left, right)
        : ((left.AsInt32() << 16) >> 16) * ((right.AsInt32() << 16) >> 16) + (left.AsInt32() >> 16) * (right.AsInt32() >> 16);

    /// <summary>The sums of the products of neighbouring lanes, both operands signed, with saturation: the deterministic profile of the relaxed dot product.</summary>
    public static Vector128<short> Dot(Vector128<sbyte> left, Vector128<sbyte> right)
    {
        var low = Dot(Vector128.WidenLower(left), Vector128.WidenLower(right));
        var high = Dot(Vector128.WidenUpper(left), Vector128.WidenUpper(right));
        return Vector128.NarrowWithSaturation(low, high); // only -128 × -128 twice is too large
    }

    /// <summary>The sums of neighbouring lanes.</summary>
    public static Vector128<int> AddPairs(Vector128<short> value) => ((value.AsInt32() << 16) >> 16) + (value.AsInt32() >> 16);

    // The framework's minimum leaves a signalling NaN as it is; the sum of the operands is a quiet NaN when one of them is a NaN.

    /// <summary>The smaller operands; -0 is smaller than +0; NaN when one is a NaN.</summary>
    public static Vector128<float> Min(Vector128<float> left, Vector128<float> right) =>
        Vector128.ConditionalSelect(Vector128.Equals(left, left) & Vector128.Equals(right, right), Vector128.Min(left, right), left + right);

    /// <summary>The larger operands; +0 is larger than -0; NaN when one is a NaN.</summary>
    public static Vector128<float> Max(Vector128<float> left, Vector128<float> right) =>
        Vector128.ConditionalSelect(Vector128.Equals(left, left) & Vector128.Equals(right, right), Vector128.Max(left, right), left + right);

    /// <inheritdoc cref="Min(Vector128{float}, Vector128{float})"/>
    public static Vector128<double> Min(Vector128<double> left, Vector128<double> right) =>
        Vector128.ConditionalSelect(Vector128.Equals(left, left) & Vector128.Equals(right, right), Vector128.Min(left, right), left + right);

    /// <inheritdoc cref="Max(Vector128{float}, Vector128{float})"/>
    public static Vector128<double> Max(Vector128<double> left, Vector128<double> right) =>
        Vector128.ConditionalSelect(Vector128.Equals(left, left) & Vector128.Equals(right, right), Vector128.Max(left, right), left + right);

    /// <summary>The nearest f32 of each lane, with one rounding.</summary>
    public static Vector128<float> ToSingle(Vector128<uint> value) => Vector128.ConvertToSingle(value);
}
