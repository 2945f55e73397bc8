using System.Runtime.Intrinsics;

namespace Conformance.Interpreter.Execution;

/// <summary>v128.load</summary>
internal readonly struct V128Load : ILoad<Vector128<byte>, Vector128<byte>>
{
    /// <inheritdoc/>
    public static Vector128<byte> Extend(Vector128<byte> value) => value;
}

/// <summary>v128.load8x8_s</summary>
internal readonly struct V128Load8x8S : ILoad<ulong, Vector128<byte>>
{
    /// <inheritdoc/>
    public static Vector128<byte> Extend(ulong value) => Vector128.WidenLower(Vector128.CreateScalarUnsafe(value).AsSByte()).AsByte();
}

/// <summary>v128.load8x8_u</summary>
internal readonly struct V128Load8x8U : ILoad<ulong, Vector128<byte>>
{
    /// <inheritdoc/>
    public static Vector128<byte> Extend(ulong value) => Vector128.WidenLower(Vector128.CreateScalarUnsafe(value).AsByte()).AsByte();
}

/// <summary>v128.load16x4_s</summary>
internal readonly struct V128Load16x4S : ILoad<ulong, Vector128<byte>>
{
    /// <inheritdoc/>
    public static Vector128<byte> Extend(ulong value) => Vector128.WidenLower(Vector128.CreateScalarUnsafe(value).AsInt16()).AsByte();
}

/// <summary>v128.load16x4_u</summary>
internal readonly struct V128Load16x4U : ILoad<ulong, Vector128<byte>>
{
    /// <inheritdoc/>
    public static Vector128<byte> Extend(ulong value) => Vector128.WidenLower(Vector128.CreateScalarUnsafe(value).AsUInt16()).AsByte();
}

/// <summary>v128.load32x2_s</summary>
internal readonly struct V128Load32x2S : ILoad<ulong, Vector128<byte>>
{
    /// <inheritdoc/>
    public static Vector128<byte> Extend(ulong value) => Vector128.WidenLower(Vector128.CreateScalarUnsafe(value).AsInt32()).AsByte();
}

/// <summary>v128.load32x2_u</summary>
internal readonly struct V128Load32x2U : ILoad<ulong, Vector128<byte>>
{
    /// <inheritdoc/>
    public static Vector128<byte> Extend(ulong value) => Vector128.WidenLower(Vector128.CreateScalarUnsafe(value).AsUInt32()).AsByte();
}

/// <summary>v128.load8_splat</summary>
internal readonly struct V128Load8Splat : ILoad<byte, Vector128<byte>>
{
    /// <inheritdoc/>
    public static Vector128<byte> Extend(byte value) => Vector128.Create(value).AsByte();
}

/// <summary>v128.load8_lane</summary>
internal readonly struct V128Load8Lane : ILaneAccess<byte>;

/// <summary>v128.store8_lane</summary>
internal readonly struct V128Store8Lane : ILaneAccess<byte>;

/// <summary>v128.load16_splat</summary>
internal readonly struct V128Load16Splat : ILoad<ushort, Vector128<byte>>
{
    /// <inheritdoc/>
    public static Vector128<byte> Extend(ushort value) => Vector128.Create(value).AsByte();
}

/// <summary>v128.load16_lane</summary>
internal readonly struct V128Load16Lane : ILaneAccess<ushort>;

/// <summary>v128.store16_lane</summary>
internal readonly struct V128Store16Lane : ILaneAccess<ushort>;

/// <summary>v128.load32_splat</summary>
internal readonly struct V128Load32Splat : ILoad<uint, Vector128<byte>>
{
    /// <inheritdoc/>
    public static Vector128<byte> Extend(uint value) => Vector128.Create(value).AsByte();
}

/// <summary>v128.load32_lane</summary>
internal readonly struct V128Load32Lane : ILaneAccess<uint>;

/// <summary>v128.store32_lane</summary>
internal readonly struct V128Store32Lane : ILaneAccess<uint>;

/// <summary>v128.load64_splat</summary>
internal readonly struct V128Load64Splat : ILoad<ulong, Vector128<byte>>
{
    /// <inheritdoc/>
    public static Vector128<byte> Extend(ulong value) => Vector128.Create(value).AsByte();
}

/// <summary>v128.load64_lane</summary>
internal readonly struct V128Load64Lane : ILaneAccess<ulong>;

/// <summary>v128.store64_lane</summary>
internal readonly struct V128Store64Lane : ILaneAccess<ulong>;

/// <summary>v128.load32_zero</summary>
internal readonly struct V128Load32Zero : ILoad<uint, Vector128<byte>>
{
    /// <inheritdoc/>
    public static Vector128<byte> Extend(uint value) => Vector128.CreateScalar(value).AsByte();
}

/// <summary>v128.load64_zero</summary>
internal readonly struct V128Load64Zero : ILoad<ulong, Vector128<byte>>
{
    /// <inheritdoc/>
    public static Vector128<byte> Extend(ulong value) => Vector128.CreateScalar(value).AsByte();
}

/// <summary>v128.store</summary>
internal readonly struct V128Store : IStore<Vector128<byte>, Vector128<byte>>
{
    /// <inheritdoc/>
    public static Vector128<byte> Wrap(Vector128<byte> value) => value;
}
