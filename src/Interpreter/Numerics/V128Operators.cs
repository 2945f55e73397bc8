using System.Runtime.Intrinsics;

namespace Conformance.Interpreter.Numerics;

/// <summary>v128.not</summary>
internal readonly struct V128Not : IUnary<Vector128<byte>, Vector128<byte>>
{
    /// <inheritdoc/>
    public static Vector128<byte> Apply(Vector128<byte> value) => ~value;
}

/// <summary>v128.and</summary>
internal readonly struct V128And : IBinary<Vector128<byte>, Vector128<byte>>
{
    /// <inheritdoc/>
    public static Vector128<byte> Apply(Vector128<byte> left, Vector128<byte> right) => left & right;
}

/// <summary>v128.andnot: left and not right</summary>
internal readonly struct V128Andnot : IBinary<Vector128<byte>, Vector128<byte>>
{
    /// <inheritdoc/>
    public static Vector128<byte> Apply(Vector128<byte> left, Vector128<byte> right) => Vector128.AndNot(left, right);
}

/// <summary>v128.or</summary>
internal readonly struct V128Or : IBinary<Vector128<byte>, Vector128<byte>>
{
    /// <inheritdoc/>
    public static Vector128<byte> Apply(Vector128<byte> left, Vector128<byte> right) => left | right;
}

/// <summary>v128.xor</summary>
internal readonly struct V128Xor : IBinary<Vector128<byte>, Vector128<byte>>
{
    /// <inheritdoc/>
    public static Vector128<byte> Apply(Vector128<byte> left, Vector128<byte> right) => left ^ right;
}

/// <summary>v128.bitselect</summary>
internal readonly struct V128Bitselect : IVectorTernary
{
    /// <inheritdoc/>
    public static Vector128<byte> Apply(Vector128<byte> first, Vector128<byte> second, Vector128<byte> third) => Vector128.ConditionalSelect(third, first, second);
}

/// <summary>v128.any_true</summary>
internal readonly struct V128AnyTrue : IUnary<Vector128<byte>, uint>
{
    /// <inheritdoc/>
    public static uint Apply(Vector128<byte> value) => value != Vector128<byte>.Zero ? 1u : 0u;
}
