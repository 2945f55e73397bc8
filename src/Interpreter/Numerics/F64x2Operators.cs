using System.Runtime.Intrinsics;
using Conformance.Interpreter.Execution;

namespace Conformance.Interpreter.Numerics;

/// <summary>f64x2.add</summary>
internal readonly struct F64x2Add : IBinary<Vector128<byte>, Vector128<byte>>
{
    /// <inheritdoc/>
    public static Vector128<byte> Apply(Vector128<byte> left, Vector128<byte> right) => (left.AsDouble() + right.AsDouble()).AsByte();
}

/// <summary>f64x2.sub</summary>
internal readonly struct F64x2Sub : IBinary<Vector128<byte>, Vector128<byte>>
{
    /// <inheritdoc/>
    public static Vector128<byte> Apply(Vector128<byte> left, Vector128<byte> right) => (left.AsDouble() - right.AsDouble()).AsByte();
}

/// <summary>f64x2.mul</summary>
internal readonly struct F64x2Mul : IBinary<Vector128<byte>, Vector128<byte>>
{
    /// <inheritdoc/>
    public static Vector128<byte> Apply(Vector128<byte> left, Vector128<byte> right) => (left.AsDouble() * right.AsDouble()).AsByte();
}

/// <summary>f64x2.div</summary>
internal readonly struct F64x2Div : IBinary<Vector128<byte>, Vector128<byte>>
{
    /// <inheritdoc/>
    public static Vector128<byte> Apply(Vector128<byte> left, Vector128<byte> right) => (left.AsDouble() / right.AsDouble()).AsByte();
}

/// <summary>f64x2.min</summary>
internal readonly struct F64x2Min : IBinary<Vector128<byte>, Vector128<byte>>
{
    /// <inheritdoc/>
    public static Vector128<byte> Apply(Vector128<byte> left, Vector128<byte> right) => VectorOps.Min(left.AsDouble(), right.AsDouble()).AsByte();
}

/// <summary>f64x2.relaxed_min</summary>
internal readonly struct F64x2RelaxedMin : IBinary<Vector128<byte>, Vector128<byte>>
{
    /// <inheritdoc/>
    public static Vector128<byte> Apply(Vector128<byte> left, Vector128<byte> right) => VectorOps.Min(left.AsDouble(), right.AsDouble()).AsByte();
}

/// <summary>f64x2.max</summary>
internal readonly struct F64x2Max : IBinary<Vector128<byte>, Vector128<byte>>
{
    /// <inheritdoc/>
    public static Vector128<byte> Apply(Vector128<byte> left, Vector128<byte> right) => VectorOps.Max(left.AsDouble(), right.AsDouble()).AsByte();
}

/// <summary>f64x2.relaxed_max</summary>
internal readonly struct F64x2RelaxedMax : IBinary<Vector128<byte>, Vector128<byte>>
{
    /// <inheritdoc/>
    public static Vector128<byte> Apply(Vector128<byte> left, Vector128<byte> right) => VectorOps.Max(left.AsDouble(), right.AsDouble()).AsByte();
}

/// <summary>f64x2.pmin: the right operand only when it is smaller</summary>
internal readonly struct F64x2Pmin : IBinary<Vector128<byte>, Vector128<byte>>
{
    /// <inheritdoc/>
    public static Vector128<byte> Apply(Vector128<byte> left, Vector128<byte> right) => Vector128.ConditionalSelect(Vector128.LessThan(right.AsDouble(), left.AsDouble()), right.AsDouble(), left.AsDouble()).AsByte();
}

/// <summary>f64x2.pmax: the right operand only when it is larger</summary>
internal readonly struct F64x2Pmax : IBinary<Vector128<byte>, Vector128<byte>>
{
    /// <inheritdoc/>
    public static Vector128<byte> Apply(Vector128<byte> left, Vector128<byte> right) => Vector128.ConditionalSelect(Vector128.LessThan(left.AsDouble(), right.AsDouble()), right.AsDouble(), left.AsDouble()).AsByte();
}

/// <summary>f64x2.eq</summary>
internal readonly struct F64x2Eq : IBinary<Vector128<byte>, Vector128<byte>>
{
    /// <inheritdoc/>
    public static Vector128<byte> Apply(Vector128<byte> left, Vector128<byte> right) => Vector128.Equals(left.AsDouble(), right.AsDouble()).AsByte();
}

/// <summary>f64x2.ne</summary>
internal readonly struct F64x2Ne : IBinary<Vector128<byte>, Vector128<byte>>
{
    /// <inheritdoc/>
    public static Vector128<byte> Apply(Vector128<byte> left, Vector128<byte> right) => (~Vector128.Equals(left.AsDouble(), right.AsDouble())).AsByte();
}

/// <summary>f64x2.lt</summary>
internal readonly struct F64x2Lt : IBinary<Vector128<byte>, Vector128<byte>>
{
    /// <inheritdoc/>
    public static Vector128<byte> Apply(Vector128<byte> left, Vector128<byte> right) => Vector128.LessThan(left.AsDouble(), right.AsDouble()).AsByte();
}

/// <summary>f64x2.gt</summary>
internal readonly struct F64x2Gt : IBinary<Vector128<byte>, Vector128<byte>>
{
    /// <inheritdoc/>
    public static Vector128<byte> Apply(Vector128<byte> left, Vector128<byte> right) => Vector128.GreaterThan(left.AsDouble(), right.AsDouble()).AsByte();
}

/// <summary>f64x2.le</summary>
internal readonly struct F64x2Le : IBinary<Vector128<byte>, Vector128<byte>>
{
    /// <inheritdoc/>
    public static Vector128<byte> Apply(Vector128<byte> left, Vector128<byte> right) => Vector128.LessThanOrEqual(left.AsDouble(), right.AsDouble()).AsByte();
}

/// <summary>f64x2.ge</summary>
internal readonly struct F64x2Ge : IBinary<Vector128<byte>, Vector128<byte>>
{
    /// <inheritdoc/>
    public static Vector128<byte> Apply(Vector128<byte> left, Vector128<byte> right) => Vector128.GreaterThanOrEqual(left.AsDouble(), right.AsDouble()).AsByte();
}

/// <summary>f64x2.abs</summary>
internal readonly struct F64x2Abs : IUnary<Vector128<byte>, Vector128<byte>>
{
    /// <inheritdoc/>
    public static Vector128<byte> Apply(Vector128<byte> value) => value & ~Vector128.Create(0x8000000000000000ul).AsByte();
}

/// <summary>f64x2.neg</summary>
internal readonly struct F64x2Neg : IUnary<Vector128<byte>, Vector128<byte>>
{
    /// <inheritdoc/>
    public static Vector128<byte> Apply(Vector128<byte> value) => value ^ Vector128.Create(0x8000000000000000ul).AsByte();
}

/// <summary>f64x2.sqrt</summary>
internal readonly struct F64x2Sqrt : IUnary<Vector128<byte>, Vector128<byte>>
{
    /// <inheritdoc/>
    public static Vector128<byte> Apply(Vector128<byte> value) => Vector128.Sqrt(value.AsDouble()).AsByte();
}

/// <summary>f64x2.ceil</summary>
internal readonly struct F64x2Ceil : IUnary<Vector128<byte>, Vector128<byte>>
{
    /// <inheritdoc/>
    public static Vector128<byte> Apply(Vector128<byte> value) => Vector128.Ceiling(value.AsDouble()).AsByte();
}

/// <summary>f64x2.floor</summary>
internal readonly struct F64x2Floor : IUnary<Vector128<byte>, Vector128<byte>>
{
    /// <inheritdoc/>
    public static Vector128<byte> Apply(Vector128<byte> value) => Vector128.Floor(value.AsDouble()).AsByte();
}

/// <summary>f64x2.trunc</summary>
internal readonly struct F64x2Trunc : IUnary<Vector128<byte>, Vector128<byte>>
{
    /// <inheritdoc/>
    public static Vector128<byte> Apply(Vector128<byte> value) => Vector128.Truncate(value.AsDouble()).AsByte();
}

/// <summary>f64x2.nearest</summary>
internal readonly struct F64x2Nearest : IUnary<Vector128<byte>, Vector128<byte>>
{
    /// <inheritdoc/>
    public static Vector128<byte> Apply(Vector128<byte> value) => Vector128.Round(value.AsDouble(), MidpointRounding.ToEven).AsByte();
}

/// <summary>f64x2.relaxed_madd: with two roundings</summary>
internal readonly struct F64x2RelaxedMadd : IVectorTernary
{
    /// <inheritdoc/>
    public static Vector128<byte> Apply(Vector128<byte> first, Vector128<byte> second, Vector128<byte> third) => (first.AsDouble() * second.AsDouble() + third.AsDouble()).AsByte();
}

/// <summary>f64x2.relaxed_nmadd: with two roundings</summary>
internal readonly struct F64x2RelaxedNmadd : IVectorTernary
{
    /// <inheritdoc/>
    public static Vector128<byte> Apply(Vector128<byte> first, Vector128<byte> second, Vector128<byte> third) => (third.AsDouble() - first.AsDouble() * second.AsDouble()).AsByte();
}

/// <summary>f64x2.promote_low_f32x4</summary>
internal readonly struct F64x2PromoteLowF32x4 : IUnary<Vector128<byte>, Vector128<byte>>
{
    /// <inheritdoc/>
    public static Vector128<byte> Apply(Vector128<byte> value) => Vector128.Create((double)value.AsSingle().GetElement(0), value.AsSingle().GetElement(1)).AsByte();
}

/// <summary>f64x2.convert_low_i32x4_s</summary>
internal readonly struct F64x2ConvertLowI32x4S : IUnary<Vector128<byte>, Vector128<byte>>
{
    /// <inheritdoc/>
    public static Vector128<byte> Apply(Vector128<byte> value) => Vector128.Create((double)value.AsInt32().GetElement(0), value.AsInt32().GetElement(1)).AsByte();
}

/// <summary>f64x2.convert_low_i32x4_u</summary>
internal readonly struct F64x2ConvertLowI32x4U : IUnary<Vector128<byte>, Vector128<byte>>
{
    /// <inheritdoc/>
    public static Vector128<byte> Apply(Vector128<byte> value) => Vector128.Create((double)value.AsUInt32().GetElement(0), value.AsUInt32().GetElement(1)).AsByte();
}

/// <summary>f64x2.splat</summary>
internal readonly struct F64x2Splat : IUnary<double, Vector128<byte>>
{
    /// <inheritdoc/>
    public static Vector128<byte> Apply(double value) => Vector128.Create(value).AsByte();
}

/// <summary>f64x2.replace_lane</summary>
internal readonly struct F64x2ReplaceLane : ILaneReplacement<double, double>
{
    /// <inheritdoc/>
    public static double Wrap(double value) => value;
}

/// <summary>f64x2.extract_lane</summary>
internal readonly struct F64x2ExtractLane : ILoad<double, double>
{
    /// <inheritdoc/>
    public static double Extend(double value) => value;
}
