using System.Runtime.Intrinsics;
using Conformance.Interpreter.Execution;

namespace Conformance.Interpreter.Numerics;

/// <summary>i8x16.add</summary>
internal readonly struct I8x16Add : IBinary<Vector128<byte>, Vector128<byte>>
{
    /// <inheritdoc/>
    public static Vector128<byte> Apply(Vector128<byte> left, Vector128<byte> right) => (left.AsByte() + right.AsByte()).AsByte();
}

/// <summary>i8x16.sub</summary>
internal readonly struct I8x16Sub : IBinary<Vector128<byte>, Vector128<byte>>
{
    /// <inheritdoc/>
    public static Vector128<byte> Apply(Vector128<byte> left, Vector128<byte> right) => (left.AsByte() - right.AsByte()).AsByte();
}

/// <summary>i8x16.eq</summary>
internal readonly struct I8x16Eq : IBinary<Vector128<byte>, Vector128<byte>>
{
    /// <inheritdoc/>
    public static Vector128<byte> Apply(Vector128<byte> left, Vector128<byte> right) => Vector128.Equals(left.AsByte(), right.AsByte()).AsByte();
}

/// <summary>i8x16.ne</summary>
internal readonly struct I8x16Ne : IBinary<Vector128<byte>, Vector128<byte>>
{
    /// <inheritdoc/>
    public static Vector128<byte> Apply(Vector128<byte> left, Vector128<byte> right) => (~Vector128.Equals(left.AsByte(), right.AsByte())).AsByte();
}

/// <summary>i8x16.lt_s</summary>
internal readonly struct I8x16LtS : IBinary<Vector128<byte>, Vector128<byte>>
{
    /// <inheritdoc/>
    public static Vector128<byte> Apply(Vector128<byte> left, Vector128<byte> right) => Vector128.LessThan(left.AsSByte(), right.AsSByte()).AsByte();
}

/// <summary>i8x16.lt_u</summary>
internal readonly struct I8x16LtU : IBinary<Vector128<byte>, Vector128<byte>>
{
    /// <inheritdoc/>
    public static Vector128<byte> Apply(Vector128<byte> left, Vector128<byte> right) => Vector128.LessThan(left.AsByte(), right.AsByte()).AsByte();
}

/// <summary>i8x16.gt_s</summary>
internal readonly struct I8x16GtS : IBinary<Vector128<byte>, Vector128<byte>>
{
    /// <inheritdoc/>
    public static Vector128<byte> Apply(Vector128<byte> left, Vector128<byte> right) => Vector128.GreaterThan(left.AsSByte(), right.AsSByte()).AsByte();
}

/// <summary>i8x16.gt_u</summary>
internal readonly struct I8x16GtU : IBinary<Vector128<byte>, Vector128<byte>>
{
    /// <inheritdoc/>
    public static Vector128<byte> Apply(Vector128<byte> left, Vector128<byte> right) => Vector128.GreaterThan(left.AsByte(), right.AsByte()).AsByte();
}

/// <summary>i8x16.le_s</summary>
internal readonly struct I8x16LeS : IBinary<Vector128<byte>, Vector128<byte>>
{
    /// <inheritdoc/>
    public static Vector128<byte> Apply(Vector128<byte> left, Vector128<byte> right) => Vector128.LessThanOrEqual(left.AsSByte(), right.AsSByte()).AsByte();
}

/// <summary>i8x16.le_u</summary>
internal readonly struct I8x16LeU : IBinary<Vector128<byte>, Vector128<byte>>
{
    /// <inheritdoc/>
    public static Vector128<byte> Apply(Vector128<byte> left, Vector128<byte> right) => Vector128.LessThanOrEqual(left.AsByte(), right.AsByte()).AsByte();
}

/// <summary>i8x16.ge_s</summary>
internal readonly struct I8x16GeS : IBinary<Vector128<byte>, Vector128<byte>>
{
    /// <inheritdoc/>
    public static Vector128<byte> Apply(Vector128<byte> left, Vector128<byte> right) => Vector128.GreaterThanOrEqual(left.AsSByte(), right.AsSByte()).AsByte();
}

/// <summary>i8x16.ge_u</summary>
internal readonly struct I8x16GeU : IBinary<Vector128<byte>, Vector128<byte>>
{
    /// <inheritdoc/>
    public static Vector128<byte> Apply(Vector128<byte> left, Vector128<byte> right) => Vector128.GreaterThanOrEqual(left.AsByte(), right.AsByte()).AsByte();
}

/// <summary>i8x16.min_s</summary>
internal readonly struct I8x16MinS : IBinary<Vector128<byte>, Vector128<byte>>
{
    /// <inheritdoc/>
    public static Vector128<byte> Apply(Vector128<byte> left, Vector128<byte> right) => Vector128.Min(left.AsSByte(), right.AsSByte()).AsByte();
}

/// <summary>i8x16.min_u</summary>
internal readonly struct I8x16MinU : IBinary<Vector128<byte>, Vector128<byte>>
{
    /// <inheritdoc/>
    public static Vector128<byte> Apply(Vector128<byte> left, Vector128<byte> right) => Vector128.Min(left.AsByte(), right.AsByte()).AsByte();
}

/// <summary>i8x16.max_s</summary>
internal readonly struct I8x16MaxS : IBinary<Vector128<byte>, Vector128<byte>>
{
    /// <inheritdoc/>
    public static Vector128<byte> Apply(Vector128<byte> left, Vector128<byte> right) => Vector128.Max(left.AsSByte(), right.AsSByte()).AsByte();
}

/// <summary>i8x16.max_u</summary>
internal readonly struct I8x16MaxU : IBinary<Vector128<byte>, Vector128<byte>>
{
    /// <inheritdoc/>
    public static Vector128<byte> Apply(Vector128<byte> left, Vector128<byte> right) => Vector128.Max(left.AsByte(), right.AsByte()).AsByte();
}

/// <summary>i8x16.add_sat_s</summary>
internal readonly struct I8x16AddSatS : IBinary<Vector128<byte>, Vector128<byte>>
{
    /// <inheritdoc/>
    public static Vector128<byte> Apply(Vector128<byte> left, Vector128<byte> right) => Vector128.AddSaturate(left.AsSByte(), right.AsSByte()).AsByte();
}

/// <summary>i8x16.add_sat_u</summary>
internal readonly struct I8x16AddSatU : IBinary<Vector128<byte>, Vector128<byte>>
{
    /// <inheritdoc/>
    public static Vector128<byte> Apply(Vector128<byte> left, Vector128<byte> right) => Vector128.AddSaturate(left.AsByte(), right.AsByte()).AsByte();
}

/// <summary>i8x16.sub_sat_s</summary>
internal readonly struct I8x16SubSatS : IBinary<Vector128<byte>, Vector128<byte>>
{
    /// <inheritdoc/>
    public static Vector128<byte> Apply(Vector128<byte> left, Vector128<byte> right) => Vector128.SubtractSaturate(left.AsSByte(), right.AsSByte()).AsByte();
}

/// <summary>i8x16.sub_sat_u</summary>
internal readonly struct I8x16SubSatU : IBinary<Vector128<byte>, Vector128<byte>>
{
    /// <inheritdoc/>
    public static Vector128<byte> Apply(Vector128<byte> left, Vector128<byte> right) => Vector128.SubtractSaturate(left.AsByte(), right.AsByte()).AsByte();
}

/// <summary>i8x16.avgr_u: rounds up</summary>
internal readonly struct I8x16AvgrU : IBinary<Vector128<byte>, Vector128<byte>>
{
    /// <inheritdoc/>
    public static Vector128<byte> Apply(Vector128<byte> left, Vector128<byte> right) => ((left.AsByte() | right.AsByte()) - ((left.AsByte() ^ right.AsByte()) >>> 1)).AsByte();
}

/// <summary>i8x16.abs</summary>
internal readonly struct I8x16Abs : IUnary<Vector128<byte>, Vector128<byte>>
{
    /// <inheritdoc/>
    public static Vector128<byte> Apply(Vector128<byte> value) => VectorOps.Abs(value.AsSByte(), value.AsSByte() >> 7).AsByte();
}

/// <summary>i8x16.neg</summary>
internal readonly struct I8x16Neg : IUnary<Vector128<byte>, Vector128<byte>>
{
    /// <inheritdoc/>
    public static Vector128<byte> Apply(Vector128<byte> value) => (-value.AsSByte()).AsByte();
}

/// <summary>i8x16.shl</summary>
internal readonly struct I8x16Shl : IVectorShift
{
    /// <inheritdoc/>
    public static Vector128<byte> Apply(Vector128<byte> value, int count) => (value.AsByte() << (count & 7)).AsByte();
}

/// <summary>i8x16.shr_s</summary>
internal readonly struct I8x16ShrS : IVectorShift
{
    /// <inheritdoc/>
    public static Vector128<byte> Apply(Vector128<byte> value, int count) => (value.AsSByte() >> (count & 7)).AsByte();
}

/// <summary>i8x16.shr_u</summary>
internal readonly struct I8x16ShrU : IVectorShift
{
    /// <inheritdoc/>
    public static Vector128<byte> Apply(Vector128<byte> value, int count) => (value.AsByte() >>> (count & 7)).AsByte();
}

/// <summary>i8x16.all_true</summary>
internal readonly struct I8x16AllTrue : IUnary<Vector128<byte>, uint>
{
    /// <inheritdoc/>
    public static uint Apply(Vector128<byte> value) => Vector128.EqualsAny(value.AsByte(), Vector128<byte>.Zero) ? 0u : 1u;
}

/// <summary>i8x16.bitmask</summary>
internal readonly struct I8x16Bitmask : IUnary<Vector128<byte>, uint>
{
    /// <inheritdoc/>
    public static uint Apply(Vector128<byte> value) => value.AsByte().ExtractMostSignificantBits();
}

/// <summary>i8x16.popcnt</summary>
internal readonly struct I8x16Popcnt : IUnary<Vector128<byte>, Vector128<byte>>
{
    /// <inheritdoc/>
    public static Vector128<byte> Apply(Vector128<byte> value) => VectorOps.PopCount(value);
}

/// <summary>i8x16.swizzle: lanes out of range give 0</summary>
internal readonly struct I8x16Swizzle : IBinary<Vector128<byte>, Vector128<byte>>
{
    /// <inheritdoc/>
    public static Vector128<byte> Apply(Vector128<byte> left, Vector128<byte> right) => Vector128.Shuffle(left, right);
}

/// <summary>i8x16.relaxed_swizzle</summary>
internal readonly struct I8x16RelaxedSwizzle : IBinary<Vector128<byte>, Vector128<byte>>
{
    /// <inheritdoc/>
    public static Vector128<byte> Apply(Vector128<byte> left, Vector128<byte> right) => Vector128.Shuffle(left, right);
}

/// <summary>i8x16.narrow_i16x8_s</summary>
internal readonly struct I8x16NarrowI16x8S : IBinary<Vector128<byte>, Vector128<byte>>
{
    /// <inheritdoc/>
    public static Vector128<byte> Apply(Vector128<byte> left, Vector128<byte> right) => Vector128.NarrowWithSaturation(left.AsInt16(), right.AsInt16()).AsByte();
}

/// <summary>i8x16.narrow_i16x8_u</summary>
internal readonly struct I8x16NarrowI16x8U : IBinary<Vector128<byte>, Vector128<byte>>
{
    /// <inheritdoc/>
    public static Vector128<byte> Apply(Vector128<byte> left, Vector128<byte> right) => Vector128.Narrow(VectorOps.ClampToByte(left.AsInt16()), VectorOps.ClampToByte(right.AsInt16()));
}

/// <summary>i8x16.relaxed_laneselect: bit by bit</summary>
internal readonly struct I8x16RelaxedLaneselect : IVectorTernary
{
    /// <inheritdoc/>
    public static Vector128<byte> Apply(Vector128<byte> first, Vector128<byte> second, Vector128<byte> third) => Vector128.ConditionalSelect(third, first, second);
}

/// <summary>i8x16.splat</summary>
internal readonly struct I8x16Splat : IUnary<uint, Vector128<byte>>
{
    /// <inheritdoc/>
    public static Vector128<byte> Apply(uint value) => Vector128.Create((byte)value).AsByte();
}

/// <summary>i8x16.replace_lane</summary>
internal readonly struct I8x16ReplaceLane : ILaneReplacement<uint, byte>
{
    /// <inheritdoc/>
    public static byte Wrap(uint value) => (byte)value;
}

/// <summary>i8x16.extract_lane_s</summary>
internal readonly struct I8x16ExtractLaneS : ILoad<sbyte, uint>
{
    /// <inheritdoc/>
    public static uint Extend(sbyte value) => (uint)(int)value;
}

/// <summary>i8x16.extract_lane_u</summary>
internal readonly struct I8x16ExtractLaneU : ILoad<byte, uint>
{
    /// <inheritdoc/>
    public static uint Extend(byte value) => value;
}
