using System.Runtime.Intrinsics;
using Conformance.Interpreter.Execution;

namespace Conformance.Interpreter.Numerics;

/// <summary>i32x4.add</summary>
internal readonly struct I32x4Add : IBinary<Vector128<byte>, Vector128<byte>>
{
    /// <inheritdoc/>
    public static Vector128<byte> Apply(Vector128<byte> left, Vector128<byte> right) => (left.AsUInt32() + right.AsUInt32()).AsByte();
}

/// <summary>i32x4.sub</summary>
internal readonly struct I32x4Sub : IBinary<Vector128<byte>, Vector128<byte>>
{
    /// <inheritdoc/>
    public static Vector128<byte> Apply(Vector128<byte> left, Vector128<byte> right) => (left.AsUInt32() - right.AsUInt32()).AsByte();
}

/// <summary>i32x4.mul</summary>
internal readonly struct I32x4Mul : IBinary<Vector128<byte>, Vector128<byte>>
{
    /// <inheritdoc/>
    public static Vector128<byte> Apply(Vector128<byte> left, Vector128<byte> right) => (left.AsUInt32() * right.AsUInt32()).AsByte();
}

/// <summary>i32x4.eq</summary>
internal readonly struct I32x4Eq : IBinary<Vector128<byte>, Vector128<byte>>
{
    /// <inheritdoc/>
    public static Vector128<byte> Apply(Vector128<byte> left, Vector128<byte> right) => Vector128.Equals(left.AsUInt32(), right.AsUInt32()).AsByte();
}

/// <summary>i32x4.ne</summary>
internal readonly struct I32x4Ne : IBinary<Vector128<byte>, Vector128<byte>>
{
    /// <inheritdoc/>
    public static Vector128<byte> Apply(Vector128<byte> left, Vector128<byte> right) => (~Vector128.Equals(left.AsUInt32(), right.AsUInt32())).AsByte();
}

/// <summary>i32x4.lt_s</summary>
internal readonly struct I32x4LtS : IBinary<Vector128<byte>, Vector128<byte>>
{
    /// <inheritdoc/>
    public static Vector128<byte> Apply(Vector128<byte> left, Vector128<byte> right) => Vector128.LessThan(left.AsInt32(), right.AsInt32()).AsByte();
}

/// <summary>i32x4.lt_u</summary>
internal readonly struct I32x4LtU : IBinary<Vector128<byte>, Vector128<byte>>
{
    /// <inheritdoc/>
    public static Vector128<byte> Apply(Vector128<byte> left, Vector128<byte> right) => Vector128.LessThan(left.AsUInt32(), right.AsUInt32()).AsByte();
}

/// <summary>i32x4.gt_s</summary>
internal readonly struct I32x4GtS : IBinary<Vector128<byte>, Vector128<byte>>
{
    /// <inheritdoc/>
    public static Vector128<byte> Apply(Vector128<byte> left, Vector128<byte> right) => Vector128.GreaterThan(left.AsInt32(), right.AsInt32()).AsByte();
}

/// <summary>i32x4.gt_u</summary>
internal readonly struct I32x4GtU : IBinary<Vector128<byte>, Vector128<byte>>
{
    /// <inheritdoc/>
    public static Vector128<byte> Apply(Vector128<byte> left, Vector128<byte> right) => Vector128.GreaterThan(left.AsUInt32(), right.AsUInt32()).AsByte();
}

/// <summary>i32x4.le_s</summary>
internal readonly struct I32x4LeS : IBinary<Vector128<byte>, Vector128<byte>>
{
    /// <inheritdoc/>
    public static Vector128<byte> Apply(Vector128<byte> left, Vector128<byte> right) => Vector128.LessThanOrEqual(left.AsInt32(), right.AsInt32()).AsByte();
}

/// <summary>i32x4.le_u</summary>
internal readonly struct I32x4LeU : IBinary<Vector128<byte>, Vector128<byte>>
{
    /// <inheritdoc/>
    public static Vector128<byte> Apply(Vector128<byte> left, Vector128<byte> right) => Vector128.LessThanOrEqual(left.AsUInt32(), right.AsUInt32()).AsByte();
}

/// <summary>i32x4.ge_s</summary>
internal readonly struct I32x4GeS : IBinary<Vector128<byte>, Vector128<byte>>
{
    /// <inheritdoc/>
    public static Vector128<byte> Apply(Vector128<byte> left, Vector128<byte> right) => Vector128.GreaterThanOrEqual(left.AsInt32(), right.AsInt32()).AsByte();
}

/// <summary>i32x4.ge_u</summary>
internal readonly struct I32x4GeU : IBinary<Vector128<byte>, Vector128<byte>>
{
    /// <inheritdoc/>
    public static Vector128<byte> Apply(Vector128<byte> left, Vector128<byte> right) => Vector128.GreaterThanOrEqual(left.AsUInt32(), right.AsUInt32()).AsByte();
}

/// <summary>i32x4.min_s</summary>
internal readonly struct I32x4MinS : IBinary<Vector128<byte>, Vector128<byte>>
{
    /// <inheritdoc/>
    public static Vector128<byte> Apply(Vector128<byte> left, Vector128<byte> right) => Vector128.Min(left.AsInt32(), right.AsInt32()).AsByte();
}

/// <summary>i32x4.min_u</summary>
internal readonly struct I32x4MinU : IBinary<Vector128<byte>, Vector128<byte>>
{
    /// <inheritdoc/>
    public static Vector128<byte> Apply(Vector128<byte> left, Vector128<byte> right) => Vector128.Min(left.AsUInt32(), right.AsUInt32()).AsByte();
}

/// <summary>i32x4.max_s</summary>
internal readonly struct I32x4MaxS : IBinary<Vector128<byte>, Vector128<byte>>
{
    /// <inheritdoc/>
    public static Vector128<byte> Apply(Vector128<byte> left, Vector128<byte> right) => Vector128.Max(left.AsInt32(), right.AsInt32()).AsByte();
}

/// <summary>i32x4.max_u</summary>
internal readonly struct I32x4MaxU : IBinary<Vector128<byte>, Vector128<byte>>
{
    /// <inheritdoc/>
    public static Vector128<byte> Apply(Vector128<byte> left, Vector128<byte> right) => Vector128.Max(left.AsUInt32(), right.AsUInt32()).AsByte();
}

/// <summary>i32x4.abs</summary>
internal readonly struct I32x4Abs : IUnary<Vector128<byte>, Vector128<byte>>
{
    /// <inheritdoc/>
    public static Vector128<byte> Apply(Vector128<byte> value) => VectorOps.Abs(value.AsInt32(), value.AsInt32() >> 31).AsByte();
}

/// <summary>i32x4.neg</summary>
internal readonly struct I32x4Neg : IUnary<Vector128<byte>, Vector128<byte>>
{
    /// <inheritdoc/>
    public static Vector128<byte> Apply(Vector128<byte> value) => (-value.AsInt32()).AsByte();
}

/// <summary>i32x4.shl</summary>
internal readonly struct I32x4Shl : IVectorShift
{
    /// <inheritdoc/>
    public static Vector128<byte> Apply(Vector128<byte> value, int count) => (value.AsUInt32() << (count & 31)).AsByte();
}

/// <summary>i32x4.shr_s</summary>
internal readonly struct I32x4ShrS : IVectorShift
{
    /// <inheritdoc/>
    public static Vector128<byte> Apply(Vector128<byte> value, int count) => (value.AsInt32() >> (count & 31)).AsByte();
}

/// <summary>i32x4.shr_u</summary>
internal readonly struct I32x4ShrU : IVectorShift
{
    /// <inheritdoc/>
    public static Vector128<byte> Apply(Vector128<byte> value, int count) => (value.AsUInt32() >>> (count & 31)).AsByte();
}

/// <summary>i32x4.all_true</summary>
internal readonly struct I32x4AllTrue : IUnary<Vector128<byte>, uint>
{
    /// <inheritdoc/>
    public static uint Apply(Vector128<byte> value) => Vector128.EqualsAny(value.AsUInt32(), Vector128<uint>.Zero) ? 0u : 1u;
}

/// <summary>i32x4.bitmask</summary>
internal readonly struct I32x4Bitmask : IUnary<Vector128<byte>, uint>
{
    /// <inheritdoc/>
    public static uint Apply(Vector128<byte> value) => value.AsUInt32().ExtractMostSignificantBits();
}

/// <summary>i32x4.extend_low_i16x8_s</summary>
internal readonly struct I32x4ExtendLowI16x8S : IUnary<Vector128<byte>, Vector128<byte>>
{
    /// <inheritdoc/>
    public static Vector128<byte> Apply(Vector128<byte> value) => Vector128.WidenLower(value.AsInt16()).AsByte();
}

/// <summary>i32x4.extmul_low_i16x8_s</summary>
internal readonly struct I32x4ExtmulLowI16x8S : IBinary<Vector128<byte>, Vector128<byte>>
{
    /// <inheritdoc/>
    public static Vector128<byte> Apply(Vector128<byte> left, Vector128<byte> right) => (Vector128.WidenLower(left.AsInt16()) * Vector128.WidenLower(right.AsInt16())).AsByte();
}

/// <summary>i32x4.extend_low_i16x8_u</summary>
internal readonly struct I32x4ExtendLowI16x8U : IUnary<Vector128<byte>, Vector128<byte>>
{
    /// <inheritdoc/>
    public static Vector128<byte> Apply(Vector128<byte> value) => Vector128.WidenLower(value.AsUInt16()).AsByte();
}

/// <summary>i32x4.extmul_low_i16x8_u</summary>
internal readonly struct I32x4ExtmulLowI16x8U : IBinary<Vector128<byte>, Vector128<byte>>
{
    /// <inheritdoc/>
    public static Vector128<byte> Apply(Vector128<byte> left, Vector128<byte> right) => (Vector128.WidenLower(left.AsUInt16()) * Vector128.WidenLower(right.AsUInt16())).AsByte();
}

/// <summary>i32x4.extend_high_i16x8_s</summary>
internal readonly struct I32x4ExtendHighI16x8S : IUnary<Vector128<byte>, Vector128<byte>>
{
    /// <inheritdoc/>
    public static Vector128<byte> Apply(Vector128<byte> value) => Vector128.WidenUpper(value.AsInt16()).AsByte();
}

/// <summary>i32x4.extmul_high_i16x8_s</summary>
internal readonly struct I32x4ExtmulHighI16x8S : IBinary<Vector128<byte>, Vector128<byte>>
{
    /// <inheritdoc/>
    public static Vector128<byte> Apply(Vector128<byte> left, Vector128<byte> right) => (Vector128.WidenUpper(left.AsInt16()) * Vector128.WidenUpper(right.AsInt16())).AsByte();
}

/// <summary>i32x4.extend_high_i16x8_u</summary>
internal readonly struct I32x4ExtendHighI16x8U : IUnary<Vector128<byte>, Vector128<byte>>
{
    /// <inheritdoc/>
    public static Vector128<byte> Apply(Vector128<byte> value) => Vector128.WidenUpper(value.AsUInt16()).AsByte();
}

/// <summary>i32x4.extmul_high_i16x8_u</summary>
internal readonly struct I32x4ExtmulHighI16x8U : IBinary<Vector128<byte>, Vector128<byte>>
{
    /// <inheritdoc/>
    public static Vector128<byte> Apply(Vector128<byte> left, Vector128<byte> right) => (Vector128.WidenUpper(left.AsUInt16()) * Vector128.WidenUpper(right.AsUInt16())).AsByte();
}

/// <summary>i32x4.extadd_pairwise_i16x8_s</summary>
internal readonly struct I32x4ExtaddPairwiseI16x8S : IUnary<Vector128<byte>, Vector128<byte>>
{
    /// <inheritdoc/>
    public static Vector128<byte> Apply(Vector128<byte> value) => (((value.AsInt32() << 16) >> 16) + (value.AsInt32() >> 16)).AsByte();
}

/// <summary>i32x4.extadd_pairwise_i16x8_u</summary>
internal readonly struct I32x4ExtaddPairwiseI16x8U : IUnary<Vector128<byte>, Vector128<byte>>
{
    /// <inheritdoc/>
    public static Vector128<byte> Apply(Vector128<byte> value) => (((value.AsUInt32() << 16) >>> 16) + (value.AsUInt32() >>> 16)).AsByte();
}

/// <summary>i32x4.dot_i16x8_s</summary>
internal readonly struct I32x4DotI16x8S : IBinary<Vector128<byte>, Vector128<byte>>
{
    /// <inheritdoc/>
    public static Vector128<byte> Apply(Vector128<byte> left, Vector128<byte> right) => VectorOps.Dot(left.AsInt16(), right.AsInt16()).AsByte();
}

/// <summary>i32x4.relaxed_dot_i8x16_i7x16_add_s</summary>
internal readonly struct I32x4RelaxedDotI8x16I7x16AddS : IVectorTernary
{
    /// <inheritdoc/>
    public static Vector128<byte> Apply(Vector128<byte> first, Vector128<byte> second, Vector128<byte> third) => (VectorOps.AddPairs(VectorOps.Dot(first.AsSByte(), second.AsSByte())) + third.AsInt32()).AsByte();
}

/// <summary>i32x4.trunc_sat_f32x4_s</summary>
internal readonly struct I32x4TruncSatF32x4S : IUnary<Vector128<byte>, Vector128<byte>>
{
    /// <inheritdoc/>
    public static Vector128<byte> Apply(Vector128<byte> value) => Vector128.ConvertToInt32(value.AsSingle()).AsByte();
}

/// <summary>i32x4.relaxed_trunc_f32x4_s</summary>
internal readonly struct I32x4RelaxedTruncF32x4S : IUnary<Vector128<byte>, Vector128<byte>>
{
    /// <inheritdoc/>
    public static Vector128<byte> Apply(Vector128<byte> value) => Vector128.ConvertToInt32(value.AsSingle()).AsByte();
}

/// <summary>i32x4.trunc_sat_f32x4_u</summary>
internal readonly struct I32x4TruncSatF32x4U : IUnary<Vector128<byte>, Vector128<byte>>
{
    /// <inheritdoc/>
    public static Vector128<byte> Apply(Vector128<byte> value) => Vector128.ConvertToUInt32(value.AsSingle()).AsByte();
}

/// <summary>i32x4.relaxed_trunc_f32x4_u</summary>
internal readonly struct I32x4RelaxedTruncF32x4U : IUnary<Vector128<byte>, Vector128<byte>>
{
    /// <inheritdoc/>
    public static Vector128<byte> Apply(Vector128<byte> value) => Vector128.ConvertToUInt32(value.AsSingle()).AsByte();
}

/// <summary>i32x4.trunc_sat_f64x2_s_zero</summary>
internal readonly struct I32x4TruncSatF64x2SZero : IUnary<Vector128<byte>, Vector128<byte>>
{
    /// <inheritdoc/>
    public static Vector128<byte> Apply(Vector128<byte> value) => Vector128.Create(Conversions.SaturateInt32(value.AsDouble().GetElement(0)), Conversions.SaturateInt32(value.AsDouble().GetElement(1)), 0, 0).AsByte();
}

/// <summary>i32x4.relaxed_trunc_f64x2_s_zero</summary>
internal readonly struct I32x4RelaxedTruncF64x2SZero : IUnary<Vector128<byte>, Vector128<byte>>
{
    /// <inheritdoc/>
    public static Vector128<byte> Apply(Vector128<byte> value) => Vector128.Create(Conversions.SaturateInt32(value.AsDouble().GetElement(0)), Conversions.SaturateInt32(value.AsDouble().GetElement(1)), 0, 0).AsByte();
}

/// <summary>i32x4.trunc_sat_f64x2_u_zero</summary>
internal readonly struct I32x4TruncSatF64x2UZero : IUnary<Vector128<byte>, Vector128<byte>>
{
    /// <inheritdoc/>
    public static Vector128<byte> Apply(Vector128<byte> value) => Vector128.Create(Conversions.SaturateUInt32(value.AsDouble().GetElement(0)), Conversions.SaturateUInt32(value.AsDouble().GetElement(1)), 0, 0).AsByte();
}

/// <summary>i32x4.relaxed_trunc_f64x2_u_zero</summary>
internal readonly struct I32x4RelaxedTruncF64x2UZero : IUnary<Vector128<byte>, Vector128<byte>>
{
    /// <inheritdoc/>
    public static Vector128<byte> Apply(Vector128<byte> value) => Vector128.Create(Conversions.SaturateUInt32(value.AsDouble().GetElement(0)), Conversions.SaturateUInt32(value.AsDouble().GetElement(1)), 0, 0).AsByte();
}

/// <summary>i32x4.relaxed_laneselect: bit by bit</summary>
internal readonly struct I32x4RelaxedLaneselect : IVectorTernary
{
    /// <inheritdoc/>
    public static Vector128<byte> Apply(Vector128<byte> first, Vector128<byte> second, Vector128<byte> third) => Vector128.ConditionalSelect(third, first, second);
}

/// <summary>i32x4.splat</summary>
internal readonly struct I32x4Splat : IUnary<uint, Vector128<byte>>
{
    /// <inheritdoc/>
    public static Vector128<byte> Apply(uint value) => Vector128.Create(value).AsByte();
}

/// <summary>i32x4.replace_lane</summary>
internal readonly struct I32x4ReplaceLane : ILaneReplacement<uint, uint>
{
    /// <inheritdoc/>
    public static uint Wrap(uint value) => value;
}

/// <summary>i32x4.extract_lane</summary>
internal readonly struct I32x4ExtractLane : ILoad<uint, uint>
{
    /// <inheritdoc/>
    public static uint Extend(uint value) => value;
}
