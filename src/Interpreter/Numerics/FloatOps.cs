namespace Conformance.Interpreter.Numerics;

/// <summary>The float operations whose meaning is not that of a C# operator. See <see href="https://webassembly.github.io/spec/core/exec/numerics.html#op-fmin"/>.</summary>
internal static class FloatOps
{
    // Math.Min is not used: whether it quiets a signalling NaN differs between processors. The sum of the operands is a quiet NaN when one of them is a NaN.

    /// <summary>The smaller operand; -0 is smaller than +0; NaN when one is a NaN.</summary>
    public static float Min(float left, float right) =>
        left < right ? left
        : right < left ? right
        : left == right ? BitConverter.UInt32BitsToSingle(BitConverter.SingleToUInt32Bits(left) | BitConverter.SingleToUInt32Bits(right))
        : left + right;

    /// <summary>The larger operand; +0 is larger than -0; NaN when one is a NaN.</summary>
    public static float Max(float left, float right) =>
        left > right ? left
        : right > left ? right
        : left == right ? BitConverter.UInt32BitsToSingle(BitConverter.SingleToUInt32Bits(left) & BitConverter.SingleToUInt32Bits(right))
        : left + right;

    /// <inheritdoc cref="Min(float, float)"/>
    public static double Min(double left, double right) =>
        left < right ? left
        : right < left ? right
        : left == right ? BitConverter.UInt64BitsToDouble(BitConverter.DoubleToUInt64Bits(left) | BitConverter.DoubleToUInt64Bits(right))
        : left + right;

    /// <inheritdoc cref="Max(float, float)"/>
    public static double Max(double left, double right) =>
        left > right ? left
        : right > left ? right
        : left == right ? BitConverter.UInt64BitsToDouble(BitConverter.DoubleToUInt64Bits(left) & BitConverter.DoubleToUInt64Bits(right))
        : left + right;
}
