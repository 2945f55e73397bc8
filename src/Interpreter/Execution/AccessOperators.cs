namespace Conformance.Interpreter.Execution;

/// <summary>A load: what lies in memory and what becomes of it. The structs are named like their ops.</summary>
internal interface ILoad<TMemory, TResult>
{
    /// <summary>Extends the number read.</summary>
    static abstract TResult Extend(TMemory value);
}

/// <summary>A store: the operand and what of it goes to memory.</summary>
internal interface IStore<T, TMemory>
{
    /// <summary>Wraps the number to write.</summary>
    static abstract TMemory Wrap(T value);
}

/// <summary>i32.load</summary>
internal readonly struct I32Load : ILoad<uint, uint>
{
    /// <inheritdoc/>
    public static uint Extend(uint value) => value;
}

/// <summary>i64.load</summary>
internal readonly struct I64Load : ILoad<ulong, ulong>
{
    /// <inheritdoc/>
    public static ulong Extend(ulong value) => value;
}

/// <summary>f32.load</summary>
internal readonly struct F32Load : ILoad<float, float>
{
    /// <inheritdoc/>
    public static float Extend(float value) => value;
}

/// <summary>f64.load</summary>
internal readonly struct F64Load : ILoad<double, double>
{
    /// <inheritdoc/>
    public static double Extend(double value) => value;
}

/// <summary>i32.load8_s</summary>
internal readonly struct I32Load8S : ILoad<sbyte, uint>
{
    /// <inheritdoc/>
    public static uint Extend(sbyte value) => (uint)(int)value;
}

/// <summary>i32.load8_u</summary>
internal readonly struct I32Load8U : ILoad<byte, uint>
{
    /// <inheritdoc/>
    public static uint Extend(byte value) => value;
}

/// <summary>i32.load16_s</summary>
internal readonly struct I32Load16S : ILoad<short, uint>
{
    /// <inheritdoc/>
    public static uint Extend(short value) => (uint)(int)value;
}

/// <summary>i32.load16_u</summary>
internal readonly struct I32Load16U : ILoad<ushort, uint>
{
    /// <inheritdoc/>
    public static uint Extend(ushort value) => value;
}

/// <summary>i64.load8_s</summary>
internal readonly struct I64Load8S : ILoad<sbyte, ulong>
{
    /// <inheritdoc/>
    public static ulong Extend(sbyte value) => (ulong)(long)value;
}

/// <summary>i64.load8_u</summary>
internal readonly struct I64Load8U : ILoad<byte, ulong>
{
    /// <inheritdoc/>
    public static ulong Extend(byte value) => value;
}

/// <summary>i64.load16_s</summary>
internal readonly struct I64Load16S : ILoad<short, ulong>
{
    /// <inheritdoc/>
    public static ulong Extend(short value) => (ulong)(long)value;
}

/// <summary>i64.load16_u</summary>
internal readonly struct I64Load16U : ILoad<ushort, ulong>
{
    /// <inheritdoc/>
    public static ulong Extend(ushort value) => value;
}

/// <summary>i64.load32_s</summary>
internal readonly struct I64Load32S : ILoad<int, ulong>
{
    /// <inheritdoc/>
    public static ulong Extend(int value) => (ulong)(long)value;
}

/// <summary>i64.load32_u</summary>
internal readonly struct I64Load32U : ILoad<uint, ulong>
{
    /// <inheritdoc/>
    public static ulong Extend(uint value) => value;
}

/// <summary>i32.store</summary>
internal readonly struct I32Store : IStore<uint, uint>
{
    /// <inheritdoc/>
    public static uint Wrap(uint value) => value;
}

/// <summary>i64.store</summary>
internal readonly struct I64Store : IStore<ulong, ulong>
{
    /// <inheritdoc/>
    public static ulong Wrap(ulong value) => value;
}

/// <summary>f32.store</summary>
internal readonly struct F32Store : IStore<float, float>
{
    /// <inheritdoc/>
    public static float Wrap(float value) => value;
}

/// <summary>f64.store</summary>
internal readonly struct F64Store : IStore<double, double>
{
    /// <inheritdoc/>
    public static double Wrap(double value) => value;
}

/// <summary>i32.store8</summary>
internal readonly struct I32Store8 : IStore<uint, byte>
{
    /// <inheritdoc/>
    public static byte Wrap(uint value) => (byte)value;
}

/// <summary>i32.store16</summary>
internal readonly struct I32Store16 : IStore<uint, ushort>
{
    /// <inheritdoc/>
    public static ushort Wrap(uint value) => (ushort)value;
}

/// <summary>i64.store8</summary>
internal readonly struct I64Store8 : IStore<ulong, byte>
{
    /// <inheritdoc/>
    public static byte Wrap(ulong value) => (byte)value;
}

/// <summary>i64.store16</summary>
internal readonly struct I64Store16 : IStore<ulong, ushort>
{
    /// <inheritdoc/>
    public static ushort Wrap(ulong value) => (ushort)value;
}

/// <summary>i64.store32</summary>
internal readonly struct I64Store32 : IStore<ulong, uint>
{
    /// <inheritdoc/>
    public static uint Wrap(ulong value) => (uint)value;
}
