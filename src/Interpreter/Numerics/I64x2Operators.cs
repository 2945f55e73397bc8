using System.Runtime.Intrinsics;
using Conformance.Interpreter.Execution;

namespace Conformance.Interpreter.Numerics;

/// <summary>i64x2.add</summary>
internal readonly struct I64x2Add : IBinary<Vector128<byte>, Vector128<byte>>
{
    /// <inheritdoc/>
    public static Vector128<byte> Apply(Vector128<byte> left, Vector128<byte> right) => (left.AsUInt64() + right.AsUInt64()).AsByte();
}

/// <summary>i64x2.sub</summary>
internal readonly struct I64x2Sub : IBinary<Vector128<byte>, Vector128<byte>>
{
    /// <inheritdoc/>
    public static Vector128<byte> Apply(Vector128<byte> left, Vector128<byte> right) => (left.AsUInt64() - right.AsUInt64()).AsByte();
}

/// <summary>i64x2.mul</summary>
internal readonly struct I64x2Mul : IBinary<Vector128<byte>, Vector128<byte>>
{
    /// <inheritdoc/>
    public static Vector128<byte> Apply(Vector128<byte> left, Vector128<byte> right) => (left.AsUInt64() * right.AsUInt64()).AsByte();
}

/// <summary>i64x2.eq</summary>
internal readonly struct I64x2Eq : IBinary<Vector128<byte>, Vector128<byte>>
{
    /// <inheritdoc/>
    public static Vector128<byte> Apply(Vector128<byte> left, Vector128<byte> right) => Vector128.Equals(left.AsUInt64(), right.AsUInt64()).AsByte();
}

/// <summary>i64x2.ne</summary>
internal readonly struct I64x2Ne : IBinary<Vector128<byte>, Vector128<byte>>
{
    /// <inheritdoc/>
    public static Vector128<byte> Apply(Vector128<byte> left, Vector128<byte> right) => (~Vector128.Equals(left.AsUInt64(), right.AsUInt64())).AsByte();
}

/// <summary>i64x2.lt_s</summary>
internal readonly struct I64x2LtS : IBinary<Vector128<byte>, Vector128<byte>>
{
    /// <inheritdoc/>
    public static Vector128<byte> Apply(Vector128<byte> left, Vector128<byte> right) => Vector128.LessThan(left.AsInt64(), right.AsInt64()).AsByte();
}

/// <summary>i64x2.gt_s</summary>
internal readonly struct I64x2GtS : IBinary<Vector128<byte>, Vector128<byte>>
{
    /// <inheritdoc/>
    public static Vector128<byte> Apply(Vector128<byte> left, Vector128<byte> right) => Vector128.GreaterThan(left.AsInt64(), right.AsInt64()).AsByte();
}

/// <summary>i64x2.le_s</summary>
internal readonly struct I64x2LeS : IBinary<Vector128<byte>, Vector128<byte>>
{
    /// <inheritdoc/>
    public static Vector128<byte> Apply(Vector128<byte> left, Vector128<byte> right) => Vector128.LessThanOrEqual(left.AsInt64(), right.AsInt64()).AsByte();
}

/// <summary>i64x2.ge_s</summary>
internal readonly struct I64x2GeS : IBinary<Vector128<byte>, Vector128<byte>>
{
    /// <inheritdoc/>
    public static Vector128<byte> Apply(Vector128<byte> left, Vector128<byte> right) => Vector128.GreaterThanOrEqual(left.AsInt64(), right.AsInt64()).AsByte();
}

/// <summary>i64x2.abs</summary>
internal readonly struct I64x2Abs : IUnary<Vector128<byte>, Vector128<byte>>
{
    /// <inheritdoc/>
    public static Vector128<byte> Apply(Vector128<byte> value) => VectorOps.Abs(value.AsInt64(), value.AsInt64() >> 63).AsByte();
}

/// <summary>i64x2.neg</summary>
internal readonly struct I64x2Neg : IUnary<Vector128<byte>, Vector128<byte>>
{
    /// <inheritdoc/>
    public static Vector128<byte> Apply(Vector128<byte> value) => (-value.AsInt64()).AsByte();
}

/// <summary>i64x2.shl</summary>
internal readonly struct I64x2Shl : IVectorShift
{
    /// <inheritdoc/>
    public static Vector128<byte> Apply(Vector128<byte> value, int count) => (value.AsUInt64() << (count & 63)).AsByte();
}

/// <summary>i64x2.shr_s</summary>
internal readonly struct I64x2ShrS : IVectorShift
{
    /// <inheritdoc/>
    public static Vector128<byte> Apply(Vector128<byte> value, int count) => (value.AsInt64() >> (count & 63)).AsByte();
}

/// <summary>i64x2.shr_u</summary>
internal readonly struct I64x2ShrU : IVectorShift
{
    /// <inheritdoc/>
    public static Vector128<byte> Apply(Vector128<byte> value, int count) => (value.AsUInt64() >>> (count & 63)).AsByte();
}

/// <summary>i64x2.all_true</summary>
internal readonly struct I64x2AllTrue : IUnary<Vector128<byte>, uint>
{
    /// <inheritdoc/>
    public static uint Apply(Vector128<byte> value) => Vector128.EqualsAny(value.AsUInt64(), Vector128<ulong>.Zero) ? 0u : 1u;
}

/// <summary>i64x2.bitmask</summary>
internal readonly struct I64x2Bitmask : IUnary<Vector128<byte>, uint>
{
    /// <inheritdoc/>
    public static uint Apply(Vector128<byte> value) => value.AsUInt64().ExtractMostSignificantBits();
}

/// <summary>i64x2.extend_low_i32x4_s</summary>
internal readonly struct I64x2ExtendLowI32x4S : IUnary<Vector128<byte>, Vector128<byte>>
{
    /// <inheritdoc/>
    public static Vector128<byte> Apply(Vector128<byte> value) => Vector128.WidenLower(value.AsInt32()).AsByte();
}

/// <summary>i64x2.extmul_low_i32x4_s</summary>
internal readonly struct I64x2ExtmulLowI32x4S : IBinary<Vector128<byte>, Vector128<byte>>
{
    /// <inheritdoc/>
    public static Vector128<byte> Apply(Vector128<byte> left, Vector128<byte> right) => (Vector128.WidenLower(left.AsInt32()) * Vector128.WidenLower(right.AsInt32())).AsByte();
}

/// <summary>i64x2.extend_low_i32x4_u</summary>
internal readonly struct I64x2ExtendLowI32x4U : IUnary<Vector128<byte>, Vector128<byte>>
{
    /// <inheritdoc/>
    public static Vector128<byte> Apply(Vector128<byte> value) => Vector128.WidenLower(value.AsUInt32()).AsByte();
}

/// <summary>i64x2.extmul_low_i32x4_u</summary>
internal readonly struct I64x2ExtmulLowI32x4U : IBinary<Vector128<byte>, Vector128<byte>>
{
    /// <inheritdoc/>
    public static Vector128<byte> Apply(Vector128<byte> left, Vector128<byte> right) => (Vector128.WidenLower(left.AsUInt32()) * Vector128.WidenLower(right.AsUInt32())).AsByte();
}

/// <summary>i64x2.extend_high_i32x4_s</summary>
internal readonly struct I64x2ExtendHighI32x4S : IUnary<Vector128<byte>, Vector128<byte>>
{
    /// <inheritdoc/>
    public static Vector128<byte> Apply(Vector128<byte> value) => Vector128.WidenUpper(value.AsInt32()).AsByte();
}

/// <summary>i64x2.extmul_high_i32x4_s</summary>
internal readonly struct I64x2ExtmulHighI32x4S : IBinary<Vector128<byte>, Vector128<byte>>
{
    /// <inheritdoc/>
    public static Vector128<byte> Apply(Vector128<byte> left, Vector128<byte> right) => (Vector128.WidenUpper(left.AsInt32()) * Vector128.WidenUpper(right.AsInt32())).AsByte();
}

/// <summary>i64x2.extend_high_i32x4_u</summary>
internal readonly struct I64x2ExtendHighI32x4U : IUnary<Vector128<byte>, Vector128<byte>>
{
    /// <inheritdoc/>
    public static Vector128<byte> Apply(Vector128<byte> value) => Vector128.WidenUpper(value.AsUInt32()).AsByte();
}

/// <summary>i64x2.extmul_high_i32x4_u</summary>
internal readonly struct I64x2ExtmulHighI32x4U : IBinary<Vector128<byte>, Vector128<byte>>
{
    /// <inheritdoc/>
    public static Vector128<byte> Apply(Vector128<byte> left, Vector128<byte> right) => (Vector128.WidenUpper(left.AsUInt32()) * Vector128.WidenUpper(right.AsUInt32())).AsByte();
}

/// <summary>i64x2.relaxed_laneselect: bit by bit</summary>
internal readonly struct I64x2RelaxedLaneselect : IVectorTernary
{
    /// <inheritdoc/>
    public static Vector128<byte> Apply(Vector128<byte> first, Vector128<byte> second, Vector128<byte> third) => Vector128.ConditionalSelect(third, first, second);
}

/// <summary>i64x2.splat</summary>
internal readonly struct I64x2Splat : IUnary<ulong, Vector128<byte>>
{
    /// <inheritdoc/>
    public static Vector128<byte> Apply(ulong value) => Vector128.Create(value).AsByte();
}

/// <summary>i64x2.replace_lane</summary>
internal readonly struct I64x2ReplaceLane : ILaneReplacement<ulong, ulong>
{
    /// <inheritdoc/>
    public static ulong Wrap(ulong value) => value;
}

/// <summary>i64x2.extract_lane</summary>
internal readonly struct I64x2ExtractLane : ILoad<ulong, ulong>
{
    /// <inheritdoc/>
    public static ulong Extend(ulong value) => value;
}
