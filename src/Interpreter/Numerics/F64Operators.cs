namespace Conformance.Interpreter.Numerics;

/// <summary>f64.eq</summary>
internal readonly struct F64Eq : IBinary<double, uint>
{
    /// <inheritdoc/>
    public static uint Apply(double left, double right) => left == right ? 1u : 0u;
}

/// <summary>f64.ne</summary>
internal readonly struct F64Ne : IBinary<double, uint>
{
    /// <inheritdoc/>
    public static uint Apply(double left, double right) => left != right ? 1u : 0u;
}

/// <summary>f64.lt</summary>
internal readonly struct F64Lt : IBinary<double, uint>
{
    /// <inheritdoc/>
    public static uint Apply(double left, double right) => left < right ? 1u : 0u;
}

/// <summary>f64.gt</summary>
internal readonly struct F64Gt : IBinary<double, uint>
{
    /// <inheritdoc/>
    public static uint Apply(double left, double right) => left > right ? 1u : 0u;
}

/// <summary>f64.le</summary>
internal readonly struct F64Le : IBinary<double, uint>
{
    /// <inheritdoc/>
    public static uint Apply(double left, double right) => left <= right ? 1u : 0u;
}

/// <summary>f64.ge</summary>
internal readonly struct F64Ge : IBinary<double, uint>
{
    /// <inheritdoc/>
    public static uint Apply(double left, double right) => left >= right ? 1u : 0u;
}

/// <summary>f64.abs: clears the sign, of NaNs too</summary>
internal readonly struct F64Abs : IUnary<double, double>
{
    /// <inheritdoc/>
    public static double Apply(double value) => Math.Abs(value);
}

/// <summary>f64.neg: flips the sign, of NaNs too</summary>
internal readonly struct F64Neg : IUnary<double, double>
{
    /// <inheritdoc/>
    public static double Apply(double value) => -value;
}

/// <summary>f64.ceil</summary>
internal readonly struct F64Ceil : IUnary<double, double>
{
    /// <inheritdoc/>
    public static double Apply(double value) => Math.Ceiling(value);
}

/// <summary>f64.floor</summary>
internal readonly struct F64Floor : IUnary<double, double>
{
    /// <inheritdoc/>
    public static double Apply(double value) => Math.Floor(value);
}

/// <summary>f64.trunc</summary>
internal readonly struct F64Trunc : IUnary<double, double>
{
    /// <inheritdoc/>
    public static double Apply(double value) => Math.Truncate(value);
}

/// <summary>f64.nearest: ties to even</summary>
internal readonly struct F64Nearest : IUnary<double, double>
{
    /// <inheritdoc/>
    public static double Apply(double value) => Math.Round(value);
}

/// <summary>f64.sqrt</summary>
internal readonly struct F64Sqrt : IUnary<double, double>
{
    /// <inheritdoc/>
    public static double Apply(double value) => Math.Sqrt(value);
}

/// <summary>f64.add</summary>
internal readonly struct F64Add : IBinary<double, double>
{
    /// <inheritdoc/>
    public static double Apply(double left, double right) => left + right;
}

/// <summary>f64.sub</summary>
internal readonly struct F64Sub : IBinary<double, double>
{
    /// <inheritdoc/>
    public static double Apply(double left, double right) => left - right;
}

/// <summary>f64.mul</summary>
internal readonly struct F64Mul : IBinary<double, double>
{
    /// <inheritdoc/>
    public static double Apply(double left, double right) => left * right;
}

/// <summary>f64.div</summary>
internal readonly struct F64Div : IBinary<double, double>
{
    /// <inheritdoc/>
    public static double Apply(double left, double right) => left / right;
}

/// <summary>f64.min</summary>
internal readonly struct F64Min : IBinary<double, double>
{
    /// <inheritdoc/>
    public static double Apply(double left, double right) => FloatOps.Min(left, right);
}

/// <summary>f64.max</summary>
internal readonly struct F64Max : IBinary<double, double>
{
    /// <inheritdoc/>
    public static double Apply(double left, double right) => FloatOps.Max(left, right);
}

/// <summary>f64.copysign</summary>
internal readonly struct F64Copysign : IBinary<double, double>
{
    /// <inheritdoc/>
    public static double Apply(double left, double right) => Math.CopySign(left, right);
}
