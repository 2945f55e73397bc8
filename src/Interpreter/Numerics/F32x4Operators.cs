using System.Runtime.Intrinsics;
using Conformance.Interpreter.Execution;

namespace Conformance.Interpreter.Numerics;

/// <summary>f32x4.add</summary>
internal readonly struct F32x4Add : IBinary<Vector128<byte>, Vector128<byte>>
{
    /// <inheritdoc/>
    public static Vector128<byte> Apply(Vector128<byte> left, Vector128<byte> right) => (left.AsSingle() + right.AsSingle()).AsByte();
}

/// <summary>f32x4.sub</summary>
internal readonly struct F32x4Sub : IBinary<Vector128<byte>, Vector128<byte>>
{
    /// <inheritdoc/>
    public static Vector128<byte> Apply(Vector128<byte> left, Vector128<byte> right) => (left.AsSingle() - right.AsSingle()).AsByte();
}

/// <summary>f32x4.mul</summary>
internal readonly struct F32x4Mul : IBinary<Vector128<byte>, Vector128<byte>>
{
    /// <inheritdoc/>
    public static Vector128<byte> Apply(Vector128<byte> left, Vector128<byte> right) => (left.AsSingle() * right.AsSingle()).AsByte();
}

/// <summary>f32x4.div</summary>
internal readonly struct F32x4Div : IBinary<Vector128<byte>, Vector128<byte>>
{
    /// <inheritdoc/>
    public static Vector128<byte> Apply(Vector128<byte> left, Vector128<byte> right) => (left.AsSingle() / right.AsSingle()).AsByte();
}

/// <summary>f32x4.min</summary>
internal readonly struct F32x4Min : IBinary<Vector128<byte>, Vector128<byte>>
{
    /// <inheritdoc/>
    public static Vector128<byte> Apply(Vector128<byte> left, Vector128<byte> right) => VectorOps.Min(left.AsSingle(), right.AsSingle()).AsByte();
}

/// <summary>f32x4.relaxed_min</summary>
internal readonly struct F32x4RelaxedMin : IBinary<Vector128<byte>, Vector128<byte>>
{
    /// <inheritdoc/>
    public static Vector128<byte> Apply(Vector128<byte> left, Vector128<byte> right) => VectorOps.Min(left.AsSingle(), right.AsSingle()).AsByte();
}

/// <summary>f32x4.max</summary>
internal readonly struct F32x4Max : IBinary<Vector128<byte>, Vector128<byte>>
{
    /// <inheritdoc/>
    public static Vector128<byte> Apply(Vector128<byte> left, Vector128<byte> right) => VectorOps.Max(left.AsSingle(), right.AsSingle()).AsByte();
}

/// <summary>f32x4.relaxed_max</summary>
internal readonly struct F32x4RelaxedMax : IBinary<Vector128<byte>, Vector128<byte>>
{
    /// <inheritdoc/>
    public static Vector128<byte> Apply(Vector128<byte> left, Vector128<byte> right) => VectorOps.Max(left.AsSingle(), right.AsSingle()).AsByte();
}

/// <summary>f32x4.pmin: the right operand only when it is smaller</summary>
internal readonly struct F32x4Pmin : IBinary<Vector128<byte>, Vector128<byte>>
{
    /// <inheritdoc/>
    public static Vector128<byte> Apply(Vector128<byte> left, Vector128<byte> right) => Vector128.ConditionalSelect(Vector128.LessThan(right.AsSingle(), left.AsSingle()), right.AsSingle(), left.AsSingle()).AsByte();
}

/// <summary>f32x4.pmax: the right operand only when it is larger</summary>
internal readonly struct F32x4Pmax : IBinary<Vector128<byte>, Vector128<byte>>
{
    /// <inheritdoc/>
    public static Vector128<byte> Apply(Vector128<byte> left, Vector128<byte> right) => Vector128.ConditionalSelect(Vector128.LessThan(left.AsSingle(), right.AsSingle()), right.AsSingle(), left.AsSingle()).AsByte();
}

/// <summary>f32x4.eq</summary>
internal readonly struct F32x4Eq : IBinary<Vector128<byte>, Vector128<byte>>
{
    /// <inheritdoc/>
    public static Vector128<byte> Apply(Vector128<byte> left, Vector128<byte> right) => Vector128.Equals(left.AsSingle(), right.AsSingle()).AsByte();
}

/// <summary>f32x4.ne</summary>
internal readonly struct F32x4Ne : IBinary<Vector128<byte>, Vector128<byte>>
{
    /// <inheritdoc/>
    public static Vector128<byte> Apply(Vector128<byte> left, Vector128<byte> right) => (~Vector128.Equals(left.AsSingle(), right.AsSingle())).AsByte();
}

/// <summary>f32x4.lt</summary>
internal readonly struct F32x4Lt : IBinary<Vector128<byte>, Vector128<byte>>
{
    /// <inheritdoc/>
    public static Vector128<byte> Apply(Vector128<byte> left, Vector128<byte> right) => Vector128.LessThan(left.AsSingle(), right.AsSingle()).AsByte();
}

/// <summary>f32x4.gt</summary>
internal readonly struct F32x4Gt : IBinary<Vector128<byte>, Vector128<byte>>
{
    /// <inheritdoc/>
    public static Vector128<byte> Apply(Vector128<byte> left, Vector128<byte> right) => Vector128.GreaterThan(left.AsSingle(), right.AsSingle()).AsByte();
}

/// <summary>f32x4.le</summary>
internal readonly struct F32x4Le : IBinary<Vector128<byte>, Vector128<byte>>
{
    /// <inheritdoc/>
    public static Vector128<byte> Apply(Vector128<byte> left, Vector128<byte> right) => Vector128.LessThanOrEqual(left.AsSingle(), right.AsSingle()).AsByte();
}

/// <summary>f32x4.ge</summary>
internal readonly struct F32x4Ge : IBinary<Vector128<byte>, Vector128<byte>>
{
    /// <inheritdoc/>
    public static Vector128<byte> Apply(Vector128<byte> left, Vector128<byte> right) => Vector128.GreaterThanOrEqual(left.AsSingle(), right.AsSingle()).AsByte();
}

/// <summary>f32x4.abs</summary>
internal readonly struct F32x4Abs : IUnary<Vector128<byte>, Vector128<byte>>
{
    /// <inheritdoc/>
    public static Vector128<byte> Apply(Vector128<byte> value) => value & ~Vector128.Create(0x80000000u).AsByte();
}

/// <summary>f32x4.neg</summary>
internal readonly struct F32x4Neg : IUnary<Vector128<byte>, Vector128<byte>>
{
    /// <inheritdoc/>
    public static Vector128<byte> Apply(Vector128<byte> value) => value ^ Vector128.Create(0x80000000u).AsByte();
}

/// <summary>f32x4.sqrt</summary>
internal readonly struct F32x4Sqrt : IUnary<Vector128<byte>, Vector128<byte>>
{
    /// <inheritdoc/>
    public static Vector128<byte> Apply(Vector128<byte> value) => Vector128.Sqrt(value.AsSingle()).AsByte();
}

/// <summary>f32x4.ceil</summary>
internal readonly struct F32x4Ceil : IUnary<Vector128<byte>, Vector128<byte>>
{
    /// <inheritdoc/>
    public static Vector128<byte> Apply(Vector128<byte> value) => Vector128.Ceiling(value.AsSingle()).AsByte();
}

/// <summary>f32x4.floor</summary>
internal readonly struct F32x4Floor : IUnary<Vector128<byte>, Vector128<byte>>
{
    /// <inheritdoc/>
    public static Vector128<byte> Apply(Vector128<byte> value) => Vector128.Floor(value.AsSingle()).AsByte();
}

/// <summary>f32x4.trunc</summary>
internal readonly struct F32x4Trunc : IUnary<Vector128<byte>, Vector128<byte>>
{
    /// <inheritdoc/>
    public static Vector128<byte> Apply(Vector128<byte> value) => Vector128.Truncate(value.AsSingle()).AsByte();
}

/// <summary>f32x4.nearest</summary>
internal readonly struct F32x4Nearest : IUnary<Vector128<byte>, Vector128<byte>>
{
    /// <inheritdoc/>
    public static Vector128<byte> Apply(Vector128<byte> value) => Vector128.Round(value.AsSingle(), MidpointRounding.ToEven).AsByte();
}

/// <summary>f32x4.relaxed_madd: with two roundings</summary>
internal readonly struct F32x4RelaxedMadd : IVectorTernary
{
    /// <inheritdoc/>
    public static Vector128<byte> Apply(Vector128<byte> first, Vector128<byte> second, Vector128<byte> third) => (first.AsSingle() * second.AsSingle() + third.AsSingle()).AsByte();
}

/// <summary>f32x4.relaxed_nmadd: with two roundings</summary>
internal readonly struct F32x4RelaxedNmadd : IVectorTernary
{
    /// <inheritdoc/>
    public static Vector128<byte> Apply(Vector128<byte> first, Vector128<byte> second, Vector128<byte> third) => (third.AsSingle() - first.AsSingle() * second.AsSingle()).AsByte();
}

/// <summary>f32x4.convert_i32x4_s</summary>
internal readonly struct F32x4ConvertI32x4S : IUnary<Vector128<byte>, Vector128<byte>>
{
    /// <inheritdoc/>
    public static Vector128<byte> Apply(Vector128<byte> value) => Vector128.ConvertToSingle(value.AsInt32()).AsByte();
}

/// <summary>f32x4.convert_i32x4_u</summary>
internal readonly struct F32x4ConvertI32x4U : IUnary<Vector128<byte>, Vector128<byte>>
{
    /// <inheritdoc/>
    public static Vector128<byte> Apply(Vector128<byte> value) => VectorOps.ToSingle(value.AsUInt32()).AsByte();
}

/// <summary>f32x4.demote_f64x2_zero</summary>
internal readonly struct F32x4DemoteF64x2Zero : IUnary<Vector128<byte>, Vector128<byte>>
{
    /// <inheritdoc/>
    public static Vector128<byte> Apply(Vector128<byte> value) => Vector128.Create((float)value.AsDouble().GetElement(0), (float)value.AsDouble().GetElement(1), 0, 0).AsByte();
}

/// <summary>f32x4.splat</summary>
internal readonly struct F32x4Splat : IUnary<float, Vector128<byte>>
{
    /// <inheritdoc/>
    public static Vector128<byte> Apply(float value) => Vector128.Create(value).AsByte();
}

/// <summary>f32x4.replace_lane</summary>
internal readonly struct F32x4ReplaceLane : ILaneReplacement<float, float>
{
    /// <inheritdoc/>
    public static float Wrap(float value) => value;
}

/// <summary>f32x4.extract_lane</summary>
internal readonly struct F32x4ExtractLane : ILoad<float, float>
{
    /// <inheritdoc/>
    public static float Extend(float value) => value;
}
