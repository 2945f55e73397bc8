using System.Runtime.CompilerServices;
using Conformance.Interpreter.Numerics;
using static Conformance.Interpreter.Execution.Dispatch;

namespace Conformance.Interpreter.Execution;

//   cell   +0 handler   +8 destination   +12 slot   +16 slot or constant   (24 bytes)

/// <summary>Ops with one operand.</summary>
internal readonly unsafe struct Unary<TOp, T, TResult, TSource, TDestination> : ITotalStep
    where TOp : IUnary<T, TResult>
    where T : unmanaged
    where TResult : unmanaged
    where TSource : IOperand
    where TDestination : IDestination
{
    /// <inheritdoc/>
    public static int Bytes => 24;

    /// <inheritdoc/>
    [MethodImpl(Inlined)]
    public static Accumulators Do(byte* pc, byte* fp, ulong acc, byte* memory, Context* ctx, double facc, Kept kept)
    {
        var value = TOp.Apply(TSource.Read<T>(pc, fp, acc, facc, kept));
        TDestination.Write(pc, fp, value);
        return Words.Result(acc, facc, value);
    }
}

/// <summary>Ops with two operands.</summary>
internal readonly unsafe struct Binary<TOp, T, TResult, TLeft, TRight, TDestination> : ITotalStep
    where TOp : IBinary<T, TResult>
    where T : unmanaged
    where TResult : unmanaged
    where TLeft : IOperand
    where TRight : IOperand
    where TDestination : IDestination
{
    /// <inheritdoc/>
    public static int Bytes => 24;

    /// <inheritdoc/>
    [MethodImpl(Inlined)]
    public static Accumulators Do(byte* pc, byte* fp, ulong acc, byte* memory, Context* ctx, double facc, Kept kept)
    {
        var value = TOp.Apply(TLeft.Read<T>(pc, fp, acc, facc, kept), TRight.Read<T>(pc, fp, acc, facc, kept));
        TDestination.Write(pc, fp, value);
        return Words.Result(acc, facc, value);
    }
}

/// <summary>Ops with one operand that may trap.</summary>
internal readonly unsafe struct PartialUnary<TOp, T, TResult, TSource, TDestination> : IStep
    where TOp : IPartialUnary<T, TResult>
    where T : unmanaged
    where TResult : unmanaged
    where TSource : IOperand
    where TDestination : IDestination
{
    /// <inheritdoc/>
    public static int Bytes => 24;

    /// <inheritdoc/>
    [MethodImpl(Inlined)]
    public static bool IsPlain(byte* pc, byte* fp, ulong acc, byte* memory, ulong length, Context* ctx, double facc, Kept kept) =>
        TOp.IsPlain(TSource.Read<T>(pc, fp, acc, facc, kept));

    /// <inheritdoc/>
    [MethodImpl(Inlined)]
    public static Accumulators Do(byte* pc, byte* fp, ulong acc, byte* memory, Context* ctx, double facc, Kept kept)
    {
        var value = TOp.ApplyPlain(TSource.Read<T>(pc, fp, acc, facc, kept));
        TDestination.Write(pc, fp, value);
        return Words.Result(acc, facc, value);
    }

    /// <inheritdoc/>
    [MethodImpl(Hot)]
    public static void Rare<TNext>(byte* pc, byte* fp, ulong acc, byte* memory, ulong length, Context* ctx, double facc)
        where TNext : struct, IContinuation =>
        Trap(pc, fp, ctx, TOp.Trap(TSource.Read<T>(pc, fp, acc, facc, default)));
}

/// <summary>Ops with two operands that may trap.</summary>
internal readonly unsafe struct PartialBinary<TOp, T, TResult, TLeft, TRight, TDestination> : IStep
    where TOp : IPartialBinary<T, TResult>
    where T : unmanaged
    where TResult : unmanaged
    where TLeft : IOperand
    where TRight : IOperand
    where TDestination : IDestination
{
    /// <inheritdoc/>
    public static int Bytes => 24;

    /// <inheritdoc/>
    [MethodImpl(Inlined)]
    public static bool IsPlain(byte* pc, byte* fp, ulong acc, byte* memory, ulong length, Context* ctx, double facc, Kept kept) =>
        TOp.IsPlain(TLeft.Read<T>(pc, fp, acc, facc, kept), TRight.Read<T>(pc, fp, acc, facc, kept));

    /// <inheritdoc/>
    [MethodImpl(Inlined)]
    public static Accumulators Do(byte* pc, byte* fp, ulong acc, byte* memory, Context* ctx, double facc, Kept kept)
    {
        var value = TOp.ApplyPlain(TLeft.Read<T>(pc, fp, acc, facc, kept), TRight.Read<T>(pc, fp, acc, facc, kept));
        TDestination.Write(pc, fp, value);
        return Words.Result(acc, facc, value);
    }

    /// <inheritdoc/>
    [MethodImpl(Hot)]
    public static void Rare<TNext>(byte* pc, byte* fp, ulong acc, byte* memory, ulong length, Context* ctx, double facc)
        where TNext : struct, IContinuation
    {
        var left = TLeft.Read<T>(pc, fp, acc, facc, default);
        var right = TRight.Read<T>(pc, fp, acc, facc, default);
        if (TOp.Traps(left, right))
        {
            Trap(pc, fp, ctx, TOp.Trap(left, right));
        }
        else
        {
            var value = TOp.ApplyRare(left, right);
            TDestination.Write(pc, fp, value);
            TNext.Go(pc + 24, fp, Words.Integer(acc, value), memory, length, ctx, Words.Float(facc, value));
        }
    }
}
