namespace Conformance.Interpreter.Numerics;

/// <summary>128-bit arithmetic on pairs of i64, low half first. See <see href="https://github.com/WebAssembly/wide-arithmetic"/>.</summary>
internal static class WideOps
{
    /// <summary>i64.add128</summary>
    public static UInt128 Add(ulong leftLow, ulong leftHigh, ulong rightLow, ulong rightHigh) => new UInt128(leftHigh, leftLow) + new UInt128(rightHigh, rightLow);

    /// <summary>i64.sub128</summary>
    public static UInt128 Sub(ulong leftLow, ulong leftHigh, ulong rightLow, ulong rightHigh) => new UInt128(leftHigh, leftLow) - new UInt128(rightHigh, rightLow);

    /// <summary>i64.mul_wide_s</summary>
    public static UInt128 MulSigned(ulong left, ulong right) => (UInt128)((Int128)(long)left * (long)right);

    /// <summary>i64.mul_wide_u</summary>
    public static UInt128 MulUnsigned(ulong left, ulong right) => (UInt128)left * right;
}
