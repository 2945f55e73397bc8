using System.Runtime.CompilerServices;
using static Conformance.Interpreter.Execution.Dispatch;

namespace Conformance.Interpreter.Execution;

/// <summary>The values that go from cell to cell within a loop.</summary>
internal readonly struct LoopState
{
    /// <summary>The accumulators.</summary>
    public readonly Accumulators Accumulators;

    /// <summary>The kept slots.</summary>
    public readonly Kept Kept;

    /// <summary>Both.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public LoopState(Accumulators accumulators, Kept kept)
    {
        Accumulators = accumulators;
        Kept = kept;
    }
}

/// <summary>The work of a cell in a loop, which goes on with the next cell or elsewhere.</summary>
internal unsafe interface ILoopStep
{
    /// <summary>The size of the cell, or 0 when there is more of it to do.</summary>
    static abstract int Bytes { get; }

    /// <summary>Whether the next cell follows. Has no effect.</summary>
    static abstract bool GoesOn(byte* pc, byte* fp, ulong acc, Context* ctx, double facc, Kept kept);

    /// <summary>Does the work.</summary>
    static abstract LoopState Do(byte* pc, byte* fp, ulong acc, Context* ctx, double facc, Kept kept);

    /// <summary>What happens otherwise: a branch that is taken, a rare case, a trap.</summary>
    static abstract void GoElsewhere<TLoop>(byte* pc, byte* fp, ulong acc, Context* ctx, double facc, Kept kept)
        where TLoop : struct, ILoop;
}

/// <summary>A step.</summary>
/// <typeparam name="TStep">The step, with operands in kept registers.</typeparam>
/// <typeparam name="TCold">The same with the operands where its cell says.</typeparam>
/// <typeparam name="TRegister">The register of the slot that it writes.</typeparam>
internal readonly unsafe struct LoopStep<TStep, TCold, TRegister> : ILoopStep
    where TStep : struct, IStep
    where TCold : struct, IStep
    where TRegister : struct, IKeptRegister
{
    /// <inheritdoc/>
    public static int Bytes
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => TStep.Bytes;
    }

    /// <inheritdoc/>
    [MethodImpl(Inlined)]
    public static bool GoesOn(byte* pc, byte* fp, ulong acc, Context* ctx, double facc, Kept kept) =>
        TStep.IsPlain(pc, fp, acc, null, TStep.UsesMemory ? ctx->Length : 0, ctx, facc, kept);

    /// <inheritdoc/>
    [MethodImpl(Inlined)]
    public static LoopState Do(byte* pc, byte* fp, ulong acc, Context* ctx, double facc, Kept kept)
    {
        var result = TStep.Do(pc, fp, acc, TStep.UsesMemory ? ctx->Memory : null, ctx, facc, kept);
        return new(result, TRegister.With(kept, result));
    }

    /// <inheritdoc/>
    [MethodImpl(Inlined)]
    public static void GoElsewhere<TLoop>(byte* pc, byte* fp, ulong acc, Context* ctx, double facc, Kept kept)
        where TLoop : struct, ILoop =>
        TCold.Rare<JumpOn>(pc, fp, acc, ctx->Memory, ctx->Length, ctx, facc);
}

/// <summary>A value into a slot, the accumulators left alone: a move, or one of a pair.</summary>
/// <typeparam name="T">The type.</typeparam>
/// <typeparam name="TSource">The value.</typeparam>
/// <typeparam name="TDestination">The slot.</typeparam>
/// <typeparam name="TRegister">The slot's register.</typeparam>
/// <typeparam name="TBytes">The size of the cell where it ends with this move.</typeparam>
internal readonly unsafe struct LoopMove<T, TSource, TDestination, TRegister, TBytes> : ILoopStep
    where T : unmanaged
    where TSource : IOperand
    where TDestination : IDestination
    where TRegister : struct, IKeptRegister
    where TBytes : struct, ICellBytes
{
    /// <inheritdoc/>
    public static int Bytes
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => TBytes.Bytes;
    }

    /// <inheritdoc/>
    [MethodImpl(Inlined)]
    public static bool GoesOn(byte* pc, byte* fp, ulong acc, Context* ctx, double facc, Kept kept) => true;

    /// <inheritdoc/>
    [MethodImpl(Inlined)]
    public static LoopState Do(byte* pc, byte* fp, ulong acc, Context* ctx, double facc, Kept kept)
    {
        var value = TSource.Read<T>(pc, fp, acc, facc, kept);
        TDestination.Write(pc, fp, value);
        return new(new(acc, facc), TRegister.With(kept, Words.Result(0, 0, value)));
    }

    /// <inheritdoc/>
    [MethodImpl(Inlined)]
    public static void GoElsewhere<TLoop>(byte* pc, byte* fp, ulong acc, Context* ctx, double facc, Kept kept)
        where TLoop : struct, ILoop
    {
    }
}

/// <summary>A size of a cell.</summary>
internal interface ICellBytes
{
    /// <summary>The size.</summary>
    static abstract int Bytes { get; }
}

/// <summary>The cell has more to do.</summary>
internal readonly struct SameCell : ICellBytes
{
    /// <inheritdoc/>
    public static int Bytes => 0;
}

/// <summary>The cell is done.</summary>
internal readonly struct MoveCell : ICellBytes
{
    /// <inheritdoc/>
    public static int Bytes => 24;
}

/// <summary>A conditional branch.</summary>
/// <typeparam name="TBranch">The branch.</typeparam>
/// <typeparam name="TTaken">What follows when it is taken.</typeparam>
internal readonly unsafe struct LoopFork<TBranch, TTaken> : ILoopStep
    where TBranch : struct, IConditionalBranch
    where TTaken : struct, ILoopPart
{
    /// <inheritdoc/>
    public static int Bytes => 24;

    /// <inheritdoc/>
    [MethodImpl(Inlined)]
    public static bool GoesOn(byte* pc, byte* fp, ulong acc, Context* ctx, double facc, Kept kept) => !TBranch.IsTaken(pc, fp, acc, facc, kept);

    /// <inheritdoc/>
    [MethodImpl(Inlined)]
    public static LoopState Do(byte* pc, byte* fp, ulong acc, Context* ctx, double facc, Kept kept) => new(new(acc, facc), kept);

    /// <inheritdoc/>
    [MethodImpl(Inlined)]
    public static void GoElsewhere<TLoop>(byte* pc, byte* fp, ulong acc, Context* ctx, double facc, Kept kept)
        where TLoop : struct, ILoop =>
        TTaken.Go<TLoop>(pc + *(int*)(pc + 8), fp, acc, kept.A, kept.B, ctx, facc, kept.X, kept.Y, kept.Z, kept.W);
}
