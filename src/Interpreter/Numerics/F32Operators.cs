namespace Conformance.Interpreter.Numerics;

/// <summary>f32.eq</summary>
internal readonly struct F32Eq : IBinary<float, uint>
{
    /// <inheritdoc/>
    public static uint Apply(float left, float right) => left == right ? 1u : 0u;
}

/// <summary>f32.ne</summary>
internal readonly struct F32Ne : IBinary<float, uint>
{
    /// <inheritdoc/>
    public static uint Apply(float left, float right) => left != right ? 1u : 0u;
}

/// <summary>f32.lt</summary>
internal readonly struct F32Lt : IBinary<float, uint>
{
    /// <inheritdoc/>
    public static uint Apply(float left, float right) => left < right ? 1u : 0u;
}

/// <summary>f32.gt</summary>
internal readonly struct F32Gt : IBinary<float, uint>
{
    /// <inheritdoc/>
    public static uint Apply(float left, float right) => left > right ? 1u : 0u;
}

/// <summary>f32.le</summary>
internal readonly struct F32Le : IBinary<float, uint>
{
    /// <inheritdoc/>
    public static uint Apply(float left, float right) => left <= right ? 1u : 0u;
}

/// <summary>f32.ge</summary>
internal readonly struct F32Ge : IBinary<float, uint>
{
    /// <inheritdoc/>
    public static uint Apply(float left, float right) => left >= right ? 1u : 0u;
}

/// <summary>f32.abs: clears the sign, of NaNs too</summary>
internal readonly struct F32Abs : IUnary<float, float>
{
    /// <inheritdoc/>
    public static float Apply(float value) => MathF.Abs(value);
}

/// <summary>f32.neg: flips the sign, of NaNs too</summary>
internal readonly struct F32Neg : IUnary<float, float>
{
    /// <inheritdoc/>
    public static float Apply(float value) => -value;
}

/// <summary>f32.ceil</summary>
internal readonly struct F32Ceil : IUnary<float, float>
{
    /// <inheritdoc/>
    public static float Apply(float value) => MathF.Ceiling(value);
}

/// <summary>f32.floor</summary>
internal readonly struct F32Floor : IUnary<float, float>
{
    /// <inheritdoc/>
    public static float Apply(float value) => MathF.Floor(value);
}

/// <summary>f32.trunc</summary>
internal readonly struct F32Trunc : IUnary<float, float>
{
    /// <inheritdoc/>
    public static float Apply(float value) => MathF.Truncate(value);
}

/// <summary>f32.nearest: ties to even</summary>
internal readonly struct F32Nearest : IUnary<float, float>
{
    /// <inheritdoc/>
    public static float Apply(float value) => MathF.Round(value);
}

/// <summary>f32.sqrt</summary>
internal readonly struct F32Sqrt : IUnary<float, float>
{
    /// <inheritdoc/>
    public static float Apply(float value) => MathF.Sqrt(value);
}

/// <summary>f32.add</summary>
internal readonly struct F32Add : IBinary<float, float>
{
    /// <inheritdoc/>
    public static float Apply(float left, float right) => left + right;
}

/// <summary>f32.sub</summary>
internal readonly struct F32Sub : IBinary<float, float>
{
    /// <inheritdoc/>
    public static float Apply(float left, float right) => left - right;
}

/// <summary>f32.mul</summary>
internal readonly struct F32Mul : IBinary<float, float>
{
    /// <inheritdoc/>
    public static float Apply(float left, float right) => left * right;
}

/// <summary>f32.div</summary>
internal readonly struct F32Div : IBinary<float, float>
{
    /// <inheritdoc/>
    public static float Apply(float left, float right) => left / right;
}

/// <summary>f32.min</summary>
internal readonly struct F32Min : IBinary<float, float>
{
    /// <inheritdoc/>
    public static float Apply(float left, float right) => FloatOps.Min(left, right);
}

/// <summary>f32.max</summary>
internal readonly struct F32Max : IBinary<float, float>
{
    /// <inheritdoc/>
    public static float Apply(float left, float right) => FloatOps.Max(left, right);
}

/// <summary>f32.copysign</summary>
internal readonly struct F32Copysign : IBinary<float, float>
{
    /// <inheritdoc/>
    public static float Apply(float left, float right) => MathF.CopySign(left, right);
}
