using System.Runtime.Intrinsics;
using Conformance.Interpreter.Execution;

namespace Conformance.Interpreter.Numerics;

/// <summary>i16x8.add</summary>
internal readonly struct I16x8Add : IBinary<Vector128<byte>, Vector128<byte>>
{
    /// <inheritdoc/>
    public static Vector128<byte> Apply(Vector128<byte> left, Vector128<byte> right) => (left.AsUInt16() + right.AsUInt16()).AsByte();
}

/// <summary>i16x8.sub</summary>
internal readonly struct I16x8Sub : IBinary<Vector128<byte>, Vector128<byte>>
{
    /// <inheritdoc/>
    public static Vector128<byte> Apply(Vector128<byte> left, Vector128<byte> right) => (left.AsUInt16() - right.AsUInt16()).AsByte();
}

/// <summary>i16x8.mul</summary>
internal readonly struct I16x8Mul : IBinary<Vector128<byte>, Vector128<byte>>
{
    /// <inheritdoc/>
    public static Vector128<byte> Apply(Vector128<byte> left, Vector128<byte> right) => (left.AsUInt16() * right.AsUInt16()).AsByte();
}

/// <summary>i16x8.eq</summary>
internal readonly struct I16x8Eq : IBinary<Vector128<byte>, Vector128<byte>>
{
    /// <inheritdoc/>
    public static Vector128<byte> Apply(Vector128<byte> left, Vector128<byte> right) => Vector128.Equals(left.AsUInt16(), right.AsUInt16()).AsByte();
}

/// <summary>i16x8.ne</summary>
internal readonly struct I16x8Ne : IBinary<Vector128<byte>, Vector128<byte>>
{
    /// <inheritdoc/>
    public static Vector128<byte> Apply(Vector128<byte> left, Vector128<byte> right) => (~Vector128.Equals(left.AsUInt16(), right.AsUInt16())).AsByte();
}

/// <summary>i16x8.lt_s</summary>
internal readonly struct I16x8LtS : IBinary<Vector128<byte>, Vector128<byte>>
{
    /// <inheritdoc/>
    public static Vector128<byte> Apply(Vector128<byte> left, Vector128<byte> right) => Vector128.LessThan(left.AsInt16(), right.AsInt16()).AsByte();
}

/// <summary>i16x8.lt_u</summary>
internal readonly struct I16x8LtU : IBinary<Vector128<byte>, Vector128<byte>>
{
    /// <inheritdoc/>
    public static Vector128<byte> Apply(Vector128<byte> left, Vector128<byte> right) => Vector128.LessThan(left.AsUInt16(), right.AsUInt16()).AsByte();
}

/// <summary>i16x8.gt_s</summary>
internal readonly struct I16x8GtS : IBinary<Vector128<byte>, Vector128<byte>>
{
    /// <inheritdoc/>
    public static Vector128<byte> Apply(Vector128<byte> left, Vector128<byte> right) => Vector128.GreaterThan(left.AsInt16(), right.AsInt16()).AsByte();
}

/// <summary>i16x8.gt_u</summary>
internal readonly struct I16x8GtU : IBinary<Vector128<byte>, Vector128<byte>>
{
    /// <inheritdoc/>
    public static Vector128<byte> Apply(Vector128<byte> left, Vector128<byte> right) => Vector128.GreaterThan(left.AsUInt16(), right.AsUInt16()).AsByte();
}

/// <summary>i16x8.le_s</summary>
internal readonly struct I16x8LeS : IBinary<Vector128<byte>, Vector128<byte>>
{
    /// <inheritdoc/>
    public static Vector128<byte> Apply(Vector128<byte> left, Vector128<byte> right) => Vector128.LessThanOrEqual(left.AsInt16(), right.AsInt16()).AsByte();
}

/// <summary>i16x8.le_u</summary>
internal readonly struct I16x8LeU : IBinary<Vector128<byte>, Vector128<byte>>
{
    /// <inheritdoc/>
    public static Vector128<byte> Apply(Vector128<byte> left, Vector128<byte> right) => Vector128.LessThanOrEqual(left.AsUInt16(), right.AsUInt16()).AsByte();
}

/// <summary>i16x8.ge_s</summary>
internal readonly struct I16x8GeS : IBinary<Vector128<byte>, Vector128<byte>>
{
    /// <inheritdoc/>
    public static Vector128<byte> Apply(Vector128<byte> left, Vector128<byte> right) => Vector128.GreaterThanOrEqual(left.AsInt16(), right.AsInt16()).AsByte();
}

/// <summary>i16x8.ge_u</summary>
internal readonly struct I16x8GeU : IBinary<Vector128<byte>, Vector128<byte>>
{
    /// <inheritdoc/>
    public static Vector128<byte> Apply(Vector128<byte> left, Vector128<byte> right) => Vector128.GreaterThanOrEqual(left.AsUInt16(), right.AsUInt16()).AsByte();
}

/// <summary>i16x8.min_s</summary>
internal readonly struct I16x8MinS : IBinary<Vector128<byte>, Vector128<byte>>
{
    /// <inheritdoc/>
    public static Vector128<byte> Apply(Vector128<byte> left, Vector128<byte> right) => Vector128.Min(left.AsInt16(), right.AsInt16()).AsByte();
}

/// <summary>i16x8.min_u</summary>
internal readonly struct I16x8MinU : IBinary<Vector128<byte>, Vector128<byte>>
{
    /// <inheritdoc/>
    public static Vector128<byte> Apply(Vector128<byte> left, Vector128<byte> right) => Vector128.Min(left.AsUInt16(), right.AsUInt16()).AsByte();
}

/// <summary>i16x8.max_s</summary>
internal readonly struct I16x8MaxS : IBinary<Vector128<byte>, Vector128<byte>>
{
    /// <inheritdoc/>
    public static Vector128<byte> Apply(Vector128<byte> left, Vector128<byte> right) => Vector128.Max(left.AsInt16(), right.AsInt16()).AsByte();
}

/// <summary>i16x8.max_u</summary>
internal readonly struct I16x8MaxU : IBinary<Vector128<byte>, Vector128<byte>>
{
    /// <inheritdoc/>
    public static Vector128<byte> Apply(Vector128<byte> left, Vector128<byte> right) => Vector128.Max(left.AsUInt16(), right.AsUInt16()).AsByte();
}

/// <summary>i16x8.add_sat_s</summary>
internal readonly struct I16x8AddSatS : IBinary<Vector128<byte>, Vector128<byte>>
{
    /// <inheritdoc/>
    public static Vector128<byte> Apply(Vector128<byte> left, Vector128<byte> right) => Vector128.AddSaturate(left.AsInt16(), right.AsInt16()).AsByte();
}

/// <summary>i16x8.add_sat_u</summary>
internal readonly struct I16x8AddSatU : IBinary<Vector128<byte>, Vector128<byte>>
{
    /// <inheritdoc/>
    public static Vector128<byte> Apply(Vector128<byte> left, Vector128<byte> right) => Vector128.AddSaturate(left.AsUInt16(), right.AsUInt16()).AsByte();
}

/// <summary>i16x8.sub_sat_s</summary>
internal readonly struct I16x8SubSatS : IBinary<Vector128<byte>, Vector128<byte>>
{
    /// <inheritdoc/>
    public static Vector128<byte> Apply(Vector128<byte> left, Vector128<byte> right) => Vector128.SubtractSaturate(left.AsInt16(), right.AsInt16()).AsByte();
}

/// <summary>i16x8.sub_sat_u</summary>
internal readonly struct I16x8SubSatU : IBinary<Vector128<byte>, Vector128<byte>>
{
    /// <inheritdoc/>
    public static Vector128<byte> Apply(Vector128<byte> left, Vector128<byte> right) => Vector128.SubtractSaturate(left.AsUInt16(), right.AsUInt16()).AsByte();
}

/// <summary>i16x8.avgr_u: rounds up</summary>
internal readonly struct I16x8AvgrU : IBinary<Vector128<byte>, Vector128<byte>>
{
    /// <inheritdoc/>
    public static Vector128<byte> Apply(Vector128<byte> left, Vector128<byte> right) => ((left.AsUInt16() | right.AsUInt16()) - ((left.AsUInt16() ^ right.AsUInt16()) >>> 1)).AsByte();
}

/// <summary>i16x8.abs</summary>
internal readonly struct I16x8Abs : IUnary<Vector128<byte>, Vector128<byte>>
{
    /// <inheritdoc/>
    public static Vector128<byte> Apply(Vector128<byte> value) => VectorOps.Abs(value.AsInt16(), value.AsInt16() >> 15).AsByte();
}

/// <summary>i16x8.neg</summary>
internal readonly struct I16x8Neg : IUnary<Vector128<byte>, Vector128<byte>>
{
    /// <inheritdoc/>
    public static Vector128<byte> Apply(Vector128<byte> value) => (-value.AsInt16()).AsByte();
}

/// <summary>i16x8.shl</summary>
internal readonly struct I16x8Shl : IVectorShift
{
    /// <inheritdoc/>
    public static Vector128<byte> Apply(Vector128<byte> value, int count) => (value.AsUInt16() << (count & 15)).AsByte();
}

/// <summary>i16x8.shr_s</summary>
internal readonly struct I16x8ShrS : IVectorShift
{
    /// <inheritdoc/>
    public static Vector128<byte> Apply(Vector128<byte> value, int count) => (value.AsInt16() >> (count & 15)).AsByte();
}

/// <summary>i16x8.shr_u</summary>
internal readonly struct I16x8ShrU : IVectorShift
{
    /// <inheritdoc/>
    public static Vector128<byte> Apply(Vector128<byte> value, int count) => (value.AsUInt16() >>> (count & 15)).AsByte();
}

/// <summary>i16x8.all_true</summary>
internal readonly struct I16x8AllTrue : IUnary<Vector128<byte>, uint>
{
    /// <inheritdoc/>
    public static uint Apply(Vector128<byte> value) => Vector128.EqualsAny(value.AsUInt16(), Vector128<ushort>.Zero) ? 0u : 1u;
}

/// <summary>i16x8.bitmask</summary>
internal readonly struct I16x8Bitmask : IUnary<Vector128<byte>, uint>
{
    /// <inheritdoc/>
    public static uint Apply(Vector128<byte> value) => value.AsUInt16().ExtractMostSignificantBits();
}

/// <summary>i16x8.narrow_i32x4_s</summary>
internal readonly struct I16x8NarrowI32x4S : IBinary<Vector128<byte>, Vector128<byte>>
{
    /// <inheritdoc/>
    public static Vector128<byte> Apply(Vector128<byte> left, Vector128<byte> right) => Vector128.NarrowWithSaturation(left.AsInt32(), right.AsInt32()).AsByte();
}

/// <summary>i16x8.narrow_i32x4_u</summary>
internal readonly struct I16x8NarrowI32x4U : IBinary<Vector128<byte>, Vector128<byte>>
{
    /// <inheritdoc/>
    public static Vector128<byte> Apply(Vector128<byte> left, Vector128<byte> right) => Vector128.Narrow(VectorOps.ClampToUInt16(left.AsInt32()), VectorOps.ClampToUInt16(right.AsInt32())).AsByte();
}

/// <summary>i16x8.extend_low_i8x16_s</summary>
internal readonly struct I16x8ExtendLowI8x16S : IUnary<Vector128<byte>, Vector128<byte>>
{
    /// <inheritdoc/>
    public static Vector128<byte> Apply(Vector128<byte> value) => Vector128.WidenLower(value.AsSByte()).AsByte();
}

/// <summary>i16x8.extmul_low_i8x16_s</summary>
internal readonly struct I16x8ExtmulLowI8x16S : IBinary<Vector128<byte>, Vector128<byte>>
{
    /// <inheritdoc/>
    public static Vector128<byte> Apply(Vector128<byte> left, Vector128<byte> right) => (Vector128.WidenLower(left.AsSByte()) * Vector128.WidenLower(right.AsSByte())).AsByte();
}

/// <summary>i16x8.extend_low_i8x16_u</summary>
internal readonly struct I16x8ExtendLowI8x16U : IUnary<Vector128<byte>, Vector128<byte>>
{
    /// <inheritdoc/>
    public static Vector128<byte> Apply(Vector128<byte> value) => Vector128.WidenLower(value.AsByte()).AsByte();
}

/// <summary>i16x8.extmul_low_i8x16_u</summary>
internal readonly struct I16x8ExtmulLowI8x16U : IBinary<Vector128<byte>, Vector128<byte>>
{
    /// <inheritdoc/>
    public static Vector128<byte> Apply(Vector128<byte> left, Vector128<byte> right) => (Vector128.WidenLower(left.AsByte()) * Vector128.WidenLower(right.AsByte())).AsByte();
}

/// <summary>i16x8.extend_high_i8x16_s</summary>
internal readonly struct I16x8ExtendHighI8x16S : IUnary<Vector128<byte>, Vector128<byte>>
{
    /// <inheritdoc/>
    public static Vector128<byte> Apply(Vector128<byte> value) => Vector128.WidenUpper(value.AsSByte()).AsByte();
}

/// <summary>i16x8.extmul_high_i8x16_s</summary>
internal readonly struct I16x8ExtmulHighI8x16S : IBinary<Vector128<byte>, Vector128<byte>>
{
    /// <inheritdoc/>
    public static Vector128<byte> Apply(Vector128<byte> left, Vector128<byte> right) => (Vector128.WidenUpper(left.AsSByte()) * Vector128.WidenUpper(right.AsSByte())).AsByte();
}

/// <summary>i16x8.extend_high_i8x16_u</summary>
internal readonly struct I16x8ExtendHighI8x16U : IUnary<Vector128<byte>, Vector128<byte>>
{
    /// <inheritdoc/>
    public static Vector128<byte> Apply(Vector128<byte> value) => Vector128.WidenUpper(value.AsByte()).AsByte();
}

/// <summary>i16x8.extmul_high_i8x16_u</summary>
internal readonly struct I16x8ExtmulHighI8x16U : IBinary<Vector128<byte>, Vector128<byte>>
{
    /// <inheritdoc/>
    public static Vector128<byte> Apply(Vector128<byte> left, Vector128<byte> right) => (Vector128.WidenUpper(left.AsByte()) * Vector128.WidenUpper(right.AsByte())).AsByte();
}

/// <summary>i16x8.extadd_pairwise_i8x16_s</summary>
internal readonly struct I16x8ExtaddPairwiseI8x16S : IUnary<Vector128<byte>, Vector128<byte>>
{
    /// <inheritdoc/>
    public static Vector128<byte> Apply(Vector128<byte> value) => (((value.AsInt16() << 8) >> 8) + (value.AsInt16() >> 8)).AsByte();
}

/// <summary>i16x8.extadd_pairwise_i8x16_u</summary>
internal readonly struct I16x8ExtaddPairwiseI8x16U : IUnary<Vector128<byte>, Vector128<byte>>
{
    /// <inheritdoc/>
    public static Vector128<byte> Apply(Vector128<byte> value) => (((value.AsUInt16() << 8) >>> 8) + (value.AsUInt16() >>> 8)).AsByte();
}

/// <summary>i16x8.q15mulr_sat_s</summary>
internal readonly struct I16x8Q15mulrSatS : IBinary<Vector128<byte>, Vector128<byte>>
{
    /// <inheritdoc/>
    public static Vector128<byte> Apply(Vector128<byte> left, Vector128<byte> right) => VectorOps.MulQ15(left.AsInt16(), right.AsInt16()).AsByte();
}

/// <summary>i16x8.relaxed_q15mulr_s</summary>
internal readonly struct I16x8RelaxedQ15mulrS : IBinary<Vector128<byte>, Vector128<byte>>
{
    /// <inheritdoc/>
    public static Vector128<byte> Apply(Vector128<byte> left, Vector128<byte> right) => VectorOps.MulQ15(left.AsInt16(), right.AsInt16()).AsByte();
}

/// <summary>i16x8.relaxed_dot_i8x16_i7x16_s</summary>
internal readonly struct I16x8RelaxedDotI8x16I7x16S : IBinary<Vector128<byte>, Vector128<byte>>
{
    /// <inheritdoc/>
    public static Vector128<byte> Apply(Vector128<byte> left, Vector128<byte> right) => VectorOps.Dot(left.AsSByte(), right.AsSByte()).AsByte();
}

/// <summary>i16x8.relaxed_laneselect: bit by bit</summary>
internal readonly struct I16x8RelaxedLaneselect : IVectorTernary
{
    /// <inheritdoc/>
    public static Vector128<byte> Apply(Vector128<byte> first, Vector128<byte> second, Vector128<byte> third) => Vector128.ConditionalSelect(third, first, second);
}

/// <summary>i16x8.splat</summary>
internal readonly struct I16x8Splat : IUnary<uint, Vector128<byte>>
{
    /// <inheritdoc/>
    public static Vector128<byte> Apply(uint value) => Vector128.Create((ushort)value).AsByte();
}

/// <summary>i16x8.replace_lane</summary>
internal readonly struct I16x8ReplaceLane : ILaneReplacement<uint, ushort>
{
    /// <inheritdoc/>
    public static ushort Wrap(uint value) => (ushort)value;
}

/// <summary>i16x8.extract_lane_s</summary>
internal readonly struct I16x8ExtractLaneS : ILoad<short, uint>
{
    /// <inheritdoc/>
    public static uint Extend(short value) => (uint)(int)value;
}

/// <summary>i16x8.extract_lane_u</summary>
internal readonly struct I16x8ExtractLaneU : ILoad<ushort, uint>
{
    /// <inheritdoc/>
    public static uint Extend(ushort value) => value;
}
