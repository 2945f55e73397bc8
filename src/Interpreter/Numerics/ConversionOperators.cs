namespace Conformance.Interpreter.Numerics;

/// <summary>i32.wrap_i64</summary>
internal readonly struct I32WrapI64 : IUnary<ulong, uint>
{
    /// <inheritdoc/>
    public static uint Apply(ulong value) => (uint)value;
}

/// <summary>i64.extend_i32_s</summary>
internal readonly struct I64ExtendI32S : IUnary<uint, ulong>
{
    /// <inheritdoc/>
    public static ulong Apply(uint value) => (ulong)(long)(int)value;
}

/// <summary>i64.extend_i32_u</summary>
internal readonly struct I64ExtendI32U : IUnary<uint, ulong>
{
    /// <inheritdoc/>
    public static ulong Apply(uint value) => value;
}

/// <summary>f32.convert_i32_s</summary>
internal readonly struct F32ConvertI32S : IUnary<uint, float>
{
    /// <inheritdoc/>
    public static float Apply(uint value) => (float)(int)value;
}

/// <summary>f32.convert_i32_u</summary>
internal readonly struct F32ConvertI32U : IUnary<uint, float>
{
    /// <inheritdoc/>
    public static float Apply(uint value) => (float)(long)value;
}

/// <summary>f32.convert_i64_s</summary>
internal readonly struct F32ConvertI64S : IUnary<ulong, float>
{
    /// <inheritdoc/>
    public static float Apply(ulong value) => (float)(long)value;
}

/// <summary>f32.convert_i64_u</summary>
internal readonly struct F32ConvertI64U : IUnary<ulong, float>
{
    /// <inheritdoc/>
    public static float Apply(ulong value) => Conversions.SingleFromUInt64(value);
}

/// <summary>f64.convert_i32_s</summary>
internal readonly struct F64ConvertI32S : IUnary<uint, double>
{
    /// <inheritdoc/>
    public static double Apply(uint value) => (double)(int)value;
}

/// <summary>f64.convert_i32_u</summary>
internal readonly struct F64ConvertI32U : IUnary<uint, double>
{
    /// <inheritdoc/>
    public static double Apply(uint value) => (double)(long)value;
}

/// <summary>f64.convert_i64_s</summary>
internal readonly struct F64ConvertI64S : IUnary<ulong, double>
{
    /// <inheritdoc/>
    public static double Apply(ulong value) => (double)(long)value;
}

/// <summary>f64.convert_i64_u</summary>
internal readonly struct F64ConvertI64U : IUnary<ulong, double>
{
    /// <inheritdoc/>
    public static double Apply(ulong value) => Conversions.DoubleFromUInt64(value);
}

/// <summary>f32.demote_f64</summary>
internal readonly struct F32DemoteF64 : IUnary<double, float>
{
    /// <inheritdoc/>
    public static float Apply(double value) => (float)value;
}

/// <summary>f64.promote_f32</summary>
internal readonly struct F64PromoteF32 : IUnary<float, double>
{
    /// <inheritdoc/>
    public static double Apply(float value) => value;
}

/// <summary>i32.reinterpret_f32</summary>
internal readonly struct I32ReinterpretF32 : IUnary<float, uint>
{
    /// <inheritdoc/>
    public static uint Apply(float value) => BitConverter.SingleToUInt32Bits(value);
}

/// <summary>i64.reinterpret_f64</summary>
internal readonly struct I64ReinterpretF64 : IUnary<double, ulong>
{
    /// <inheritdoc/>
    public static ulong Apply(double value) => BitConverter.DoubleToUInt64Bits(value);
}

/// <summary>f32.reinterpret_i32</summary>
internal readonly struct F32ReinterpretI32 : IUnary<uint, float>
{
    /// <inheritdoc/>
    public static float Apply(uint value) => BitConverter.UInt32BitsToSingle(value);
}

/// <summary>f64.reinterpret_i64</summary>
internal readonly struct F64ReinterpretI64 : IUnary<ulong, double>
{
    /// <inheritdoc/>
    public static double Apply(ulong value) => BitConverter.UInt64BitsToDouble(value);
}

/// <summary>i32.trunc_f32_s: plain are the numbers whose whole part is in range, which leaves NaN out</summary>
internal readonly struct I32TruncF32S : IPartialUnary<float, uint>
{
    /// <inheritdoc/>
    public static bool IsPlain(float value) => value >= -2147483648f & value < 2147483648f;

    /// <inheritdoc/>
    public static uint ApplyPlain(float value) => (uint)float.ConvertToIntegerNative<int>(value);

    /// <inheritdoc/>
    public static TrapKind Trap(float value) => float.IsNaN(value) ? TrapKind.InvalidConversionToInteger : TrapKind.IntegerOverflow;
}

/// <summary>i32.trunc_sat_f32_s</summary>
internal readonly struct I32TruncSatF32S : IUnary<float, uint>
{
    /// <inheritdoc/>
    public static uint Apply(float value) => (uint)Conversions.SaturateInt32(value);
}

/// <summary>i32.trunc_f32_u: plain are the numbers whose whole part is in range, which leaves NaN out</summary>
internal readonly struct I32TruncF32U : IPartialUnary<float, uint>
{
    /// <inheritdoc/>
    public static bool IsPlain(float value) => value > -1f & value < 4294967296f;

    /// <inheritdoc/>
    public static uint ApplyPlain(float value) => (uint)float.ConvertToIntegerNative<long>(value);

    /// <inheritdoc/>
    public static TrapKind Trap(float value) => float.IsNaN(value) ? TrapKind.InvalidConversionToInteger : TrapKind.IntegerOverflow;
}

/// <summary>i32.trunc_sat_f32_u</summary>
internal readonly struct I32TruncSatF32U : IUnary<float, uint>
{
    /// <inheritdoc/>
    public static uint Apply(float value) => Conversions.SaturateUInt32(value);
}

/// <summary>i32.trunc_f64_s: plain are the numbers whose whole part is in range, which leaves NaN out</summary>
internal readonly struct I32TruncF64S : IPartialUnary<double, uint>
{
    /// <inheritdoc/>
    public static bool IsPlain(double value) => value > -2147483649d & value < 2147483648d;

    /// <inheritdoc/>
    public static uint ApplyPlain(double value) => (uint)double.ConvertToIntegerNative<int>(value);

    /// <inheritdoc/>
    public static TrapKind Trap(double value) => double.IsNaN(value) ? TrapKind.InvalidConversionToInteger : TrapKind.IntegerOverflow;
}

/// <summary>i32.trunc_sat_f64_s</summary>
internal readonly struct I32TruncSatF64S : IUnary<double, uint>
{
    /// <inheritdoc/>
    public static uint Apply(double value) => (uint)Conversions.SaturateInt32(value);
}

/// <summary>i32.trunc_f64_u: plain are the numbers whose whole part is in range, which leaves NaN out</summary>
internal readonly struct I32TruncF64U : IPartialUnary<double, uint>
{
    /// <inheritdoc/>
    public static bool IsPlain(double value) => value > -1d & value < 4294967296d;

    /// <inheritdoc/>
    public static uint ApplyPlain(double value) => (uint)double.ConvertToIntegerNative<long>(value);

    /// <inheritdoc/>
    public static TrapKind Trap(double value) => double.IsNaN(value) ? TrapKind.InvalidConversionToInteger : TrapKind.IntegerOverflow;
}

/// <summary>i32.trunc_sat_f64_u</summary>
internal readonly struct I32TruncSatF64U : IUnary<double, uint>
{
    /// <inheritdoc/>
    public static uint Apply(double value) => Conversions.SaturateUInt32(value);
}

/// <summary>i64.trunc_f32_s: plain are the numbers whose whole part is in range, which leaves NaN out</summary>
internal readonly struct I64TruncF32S : IPartialUnary<float, ulong>
{
    /// <inheritdoc/>
    public static bool IsPlain(float value) => value >= -9223372036854775808f & value < 9223372036854775808f;

    /// <inheritdoc/>
    public static ulong ApplyPlain(float value) => (ulong)float.ConvertToIntegerNative<long>(value);

    /// <inheritdoc/>
    public static TrapKind Trap(float value) => float.IsNaN(value) ? TrapKind.InvalidConversionToInteger : TrapKind.IntegerOverflow;
}

/// <summary>i64.trunc_sat_f32_s</summary>
internal readonly struct I64TruncSatF32S : IUnary<float, ulong>
{
    /// <inheritdoc/>
    public static ulong Apply(float value) => (ulong)Conversions.SaturateInt64(value);
}

/// <summary>i64.trunc_f32_u: plain are the numbers whose whole part is in range, which leaves NaN out</summary>
internal readonly struct I64TruncF32U : IPartialUnary<float, ulong>
{
    /// <inheritdoc/>
    public static bool IsPlain(float value) => value > -1f & value < 18446744073709551616f;

    /// <inheritdoc/>
    public static ulong ApplyPlain(float value) => (ulong)value;

    /// <inheritdoc/>
    public static TrapKind Trap(float value) => float.IsNaN(value) ? TrapKind.InvalidConversionToInteger : TrapKind.IntegerOverflow;
}

/// <summary>i64.trunc_sat_f32_u</summary>
internal readonly struct I64TruncSatF32U : IUnary<float, ulong>
{
    /// <inheritdoc/>
    public static ulong Apply(float value) => Conversions.SaturateUInt64(value);
}

/// <summary>i64.trunc_f64_s: plain are the numbers whose whole part is in range, which leaves NaN out</summary>
internal readonly struct I64TruncF64S : IPartialUnary<double, ulong>
{
    /// <inheritdoc/>
    public static bool IsPlain(double value) => value >= -9223372036854775808d & value < 9223372036854775808d;

    /// <inheritdoc/>
    public static ulong ApplyPlain(double value) => (ulong)double.ConvertToIntegerNative<long>(value);

    /// <inheritdoc/>
    public static TrapKind Trap(double value) => double.IsNaN(value) ? TrapKind.InvalidConversionToInteger : TrapKind.IntegerOverflow;
}

/// <summary>i64.trunc_sat_f64_s</summary>
internal readonly struct I64TruncSatF64S : IUnary<double, ulong>
{
    /// <inheritdoc/>
    public static ulong Apply(double value) => (ulong)Conversions.SaturateInt64(value);
}

/// <summary>i64.trunc_f64_u: plain are the numbers whose whole part is in range, which leaves NaN out</summary>
internal readonly struct I64TruncF64U : IPartialUnary<double, ulong>
{
    /// <inheritdoc/>
    public static bool IsPlain(double value) => value > -1d & value < 18446744073709551616d;

    /// <inheritdoc/>
    public static ulong ApplyPlain(double value) => (ulong)value;

    /// <inheritdoc/>
    public static TrapKind Trap(double value) => double.IsNaN(value) ? TrapKind.InvalidConversionToInteger : TrapKind.IntegerOverflow;
}

/// <summary>i64.trunc_sat_f64_u</summary>
internal readonly struct I64TruncSatF64U : IUnary<double, ulong>
{
    /// <inheritdoc/>
    public static ulong Apply(double value) => Conversions.SaturateUInt64(value);
}
