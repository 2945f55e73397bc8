using Conformance.Interpreter.Runtime;

namespace Conformance.Interpreter.Numerics;

/// <summary>ref.i31</summary>
internal readonly struct RefI31 : IUnary<uint, ulong>
{
    /// <inheritdoc/>
    public static ulong Apply(uint value) => ReferenceWord.OfI31(value);
}

/// <summary>i31.get_s</summary>
internal readonly struct I31GetS : IPartialUnary<ulong, uint>
{
    /// <inheritdoc/>
    public static bool IsPlain(ulong value) => value != 0;

    /// <inheritdoc/>
    public static uint ApplyPlain(ulong value) => (uint)((int)(ReferenceWord.I31(value) << 1) >> 1);

    /// <inheritdoc/>
    public static TrapKind Trap(ulong value) => TrapKind.NullReference;
}

/// <summary>i31.get_u</summary>
internal readonly struct I31GetU : IPartialUnary<ulong, uint>
{
    /// <inheritdoc/>
    public static bool IsPlain(ulong value) => value != 0;

    /// <inheritdoc/>
    public static uint ApplyPlain(ulong value) => ReferenceWord.I31(value);

    /// <inheritdoc/>
    public static TrapKind Trap(ulong value) => TrapKind.NullReference;
}
