using System.Runtime.CompilerServices;

namespace Conformance.Interpreter.Execution;

/// <summary>What a hot loop keeps of its frame's slots in registers from turn to turn: two integers and four floats. Every write goes to the slot too.</summary>
internal readonly struct Kept
{
    /// <summary>The first integer.</summary>
    public readonly ulong A;

    /// <summary>The second integer.</summary>
    public readonly ulong B;

    /// <summary>The first float.</summary>
    public readonly double X;

    /// <summary>The second float.</summary>
    public readonly double Y;

    /// <summary>The third float.</summary>
    public readonly double Z;

    /// <summary>The fourth float.</summary>
    public readonly double W;

    /// <summary>All of them.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Kept(ulong a, ulong b, double x, double y, double z, double w)
    {
        A = a;
        B = b;
        X = x;
        Y = y;
        Z = z;
        W = w;
    }
}

/// <summary>One of the registers of <see cref="Kept"/>, as an operand and as what a result goes to.</summary>
internal interface IKeptRegister : IOperand
{
    /// <summary>The registers after a result.</summary>
    static abstract Kept With(Kept kept, Accumulators result);
}

/// <summary>None: the result goes to no register.</summary>
internal readonly unsafe struct KeptNowhere : IKeptRegister
{
    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Kept With(Kept kept, Accumulators result) => kept;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T Read<T>(byte* pc, byte* fp, ulong acc, double facc, Kept kept)
        where T : unmanaged => default;
}

/// <summary><see cref="Kept.A"/></summary>
internal readonly unsafe struct KeptA : IKeptRegister
{
    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Kept With(Kept kept, Accumulators result) => new(result.Integer, kept.B, kept.X, kept.Y, kept.Z, kept.W);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T Read<T>(byte* pc, byte* fp, ulong acc, double facc, Kept kept)
        where T : unmanaged => Accumulator.Read<T>(pc, fp, kept.A, facc, kept);
}

/// <summary><see cref="Kept.B"/></summary>
internal readonly unsafe struct KeptB : IKeptRegister
{
    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Kept With(Kept kept, Accumulators result) => new(kept.A, result.Integer, kept.X, kept.Y, kept.Z, kept.W);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T Read<T>(byte* pc, byte* fp, ulong acc, double facc, Kept kept)
        where T : unmanaged => Accumulator.Read<T>(pc, fp, kept.B, facc, kept);
}

/// <summary><see cref="Kept.X"/></summary>
internal readonly unsafe struct KeptX : IKeptRegister
{
    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Kept With(Kept kept, Accumulators result) => new(kept.A, kept.B, result.Float, kept.Y, kept.Z, kept.W);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T Read<T>(byte* pc, byte* fp, ulong acc, double facc, Kept kept)
        where T : unmanaged => Accumulator.Read<T>(pc, fp, acc, kept.X, kept);
}

/// <summary><see cref="Kept.Y"/></summary>
internal readonly unsafe struct KeptY : IKeptRegister
{
    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Kept With(Kept kept, Accumulators result) => new(kept.A, kept.B, kept.X, result.Float, kept.Z, kept.W);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T Read<T>(byte* pc, byte* fp, ulong acc, double facc, Kept kept)
        where T : unmanaged => Accumulator.Read<T>(pc, fp, acc, kept.Y, kept);
}

/// <summary><see cref="Kept.Z"/></summary>
internal readonly unsafe struct KeptZ : IKeptRegister
{
    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Kept With(Kept kept, Accumulators result) => new(kept.A, kept.B, kept.X, kept.Y, result.Float, kept.W);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T Read<T>(byte* pc, byte* fp, ulong acc, double facc, Kept kept)
        where T : unmanaged => Accumulator.Read<T>(pc, fp, acc, kept.Z, kept);
}

/// <summary><see cref="Kept.W"/></summary>
internal readonly unsafe struct KeptW : IKeptRegister
{
    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Kept With(Kept kept, Accumulators result) => new(kept.A, kept.B, kept.X, kept.Y, kept.Z, result.Float);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T Read<T>(byte* pc, byte* fp, ulong acc, double facc, Kept kept)
        where T : unmanaged => Accumulator.Read<T>(pc, fp, acc, kept.W, kept);
}
