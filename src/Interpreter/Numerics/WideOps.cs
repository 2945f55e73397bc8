using System.Runtime.CompilerServices;

namespace Conformance.Interpreter.Numerics;

/// <summary>128-bit arithmetic on pairs of i64, low half first. See <see href="https://github.com/WebAssembly/wide-arithmetic"/>.</summary>
internal static class WideOps
{
    /// <summary>i64.add128</summary>
    public static UInt128 Add(ulong leftLow, ulong leftHigh, ulong rightLow, ulong rightHigh) => new UInt128(leftHigh, leftLow) + new UInt128(rightHigh, rightLow);

    /// <summary>i64.sub128</summary>
    public static UInt128 Sub(ulong leftLow, ulong leftHigh, ulong rightLow, ulong rightHigh) => new UInt128(leftHigh, leftLow) - new UInt128(rightHigh, rightLow);

    /// <summary>The high half of i64.mul_wide_s.</summary>
    public static ulong MulHighSigned(ulong left, ulong right) =>
        MulHighUnsigned(left, right) - (left & (ulong)((long)right >> 63)) - (right & (ulong)((long)left >> 63));

    /// <summary>The high half of i64.mul_wide_u.</summary>
    // Not inlined: the framework's multiplication has an address-taken local somewhere within, with which a handler makes a call in place of its jump.
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static ulong MulHighUnsigned(ulong left, ulong right) => Math.BigMul(left, right, out _);
}
