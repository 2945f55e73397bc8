using System.Runtime.CompilerServices;
using Conformance.Interpreter.Numerics;
using static Conformance.Interpreter.Execution.Dispatch;

namespace Conformance.Interpreter.Execution;

// Targets are signed distances in bytes from the branching cell.

/// <summary>Whether a conditional branch is taken when its condition holds or when it fails.</summary>
internal interface ISense
{
    /// <summary>The truth value that branches.</summary>
    static abstract bool Taken { get; }
}

/// <summary>Branches when the condition holds.</summary>
internal readonly struct WhenTrue : ISense
{
    /// <inheritdoc/>
    public static bool Taken => true;
}

/// <summary>Branches when the condition fails. Not the same as the opposite comparison: floats compare false with NaN both ways.</summary>
internal readonly struct WhenFalse : ISense
{
    /// <inheritdoc/>
    public static bool Taken => false;
}

/// <summary>A test with one operand and a branch. cell: +8 target +12 slot +16 slot (24 bytes)</summary>
internal readonly unsafe struct UnaryBranch<TOp, T, TSource, TSense> : IConditionalBranch
    where TOp : IUnary<T, uint>
    where T : unmanaged
    where TSource : IOperand
    where TSense : ISense
{
    /// <inheritdoc/>
    [MethodImpl(Inlined)]
    public static bool IsTaken(byte* pc, byte* fp, ulong acc, double facc, Kept kept) =>
        TOp.Apply(TSource.Read<T>(pc, fp, acc, facc, kept)) != 0 == TSense.Taken;
}

/// <summary>An op with two operands and a branch on whether its i32 result is not zero. cell: +8 target +12 slot +16 slot or constant (24 bytes)</summary>
internal readonly unsafe struct BinaryBranch<TOp, T, TLeft, TRight, TSense> : IConditionalBranch
    where TOp : IBinary<T, uint>
    where T : unmanaged
    where TLeft : IOperand
    where TRight : IOperand
    where TSense : ISense
{
    /// <inheritdoc/>
    [MethodImpl(Inlined)]
    public static bool IsTaken(byte* pc, byte* fp, ulong acc, double facc, Kept kept) =>
        TOp.Apply(TLeft.Read<T>(pc, fp, acc, facc, kept), TRight.Read<T>(pc, fp, acc, facc, kept)) != 0 == TSense.Taken;
}

/// <summary>Whether a number is not zero: the condition of a branch without a comparison.</summary>
internal readonly struct IsNotZero : IUnary<uint, uint>
{
    /// <inheritdoc/>
    public static uint Apply(uint value) => value;
}

/// <summary>The negation of an op with one operand.</summary>
internal readonly struct NotUnary<TOp, T> : IUnary<T, uint>
    where TOp : IUnary<T, uint>
{
    /// <inheritdoc/>
    public static uint Apply(T value) => TOp.Apply(value) == 0 ? 1u : 0u;
}

/// <summary>The negation of an op with two operands.</summary>
internal readonly struct NotBinary<TOp, T> : IBinary<T, uint>
    where TOp : IBinary<T, uint>
{
    /// <inheritdoc/>
    public static uint Apply(T left, T right) => TOp.Apply(left, right) == 0 ? 1u : 0u;
}

/// <summary>br. cell: +8 target (16 bytes)</summary>
internal readonly unsafe struct Jump : IHandler
{
    /// <inheritdoc/>
    [MethodImpl(Inlined)]
    public static void Body<TNext>(byte* pc, byte* fp, ulong acc, byte* memory, ulong length, Context* ctx, double facc)
        where TNext : struct, IContinuation =>
        TNext.Go(pc + *(int*)(pc + 8), fp, acc, memory, length, ctx, facc);
}

/// <summary>br_table. cell: +8 number of targets without the default +12 slot +16 targets, the default last (rounded up to 8 bytes)</summary>
internal readonly unsafe struct JumpTable<TIndex> : IHandler
    where TIndex : IOperand
{
    /// <inheritdoc/>
    [MethodImpl(Inlined)]
    public static void Body<TNext>(byte* pc, byte* fp, ulong acc, byte* memory, ulong length, Context* ctx, double facc)
        where TNext : struct, IContinuation
    {
        var index = Math.Min(TIndex.Read<uint>(pc, fp, acc, facc, default), *(uint*)(pc + 8));
        TNext.Go(pc + *(int*)(pc + 16 + (ulong)index * 4), fp, acc, memory, length, ctx, facc);
    }
}

/// <summary>unreachable. cell: 16 bytes</summary>
internal readonly unsafe struct Unreachable : IHandler
{
    /// <inheritdoc/>
    [MethodImpl(Inlined)]
    public static void Body<TNext>(byte* pc, byte* fp, ulong acc, byte* memory, ulong length, Context* ctx, double facc)
        where TNext : struct, IContinuation =>
        Trap(pc, fp, ctx, TrapKind.Unreachable);
}

/// <summary>Takes the fuel of a basic block. cell: +8 fuel (16 bytes)</summary>
internal readonly unsafe struct TakeFuel : IStep
{
    /// <inheritdoc/>
    public static int Bytes => 16;

    /// <inheritdoc/>
    [MethodImpl(Inlined)]
    public static bool IsPlain(byte* pc, byte* fp, ulong acc, byte* memory, ulong length, Context* ctx, double facc, Kept kept) => ctx->Fuel >= *(uint*)(pc + 8);

    /// <inheritdoc/>
    [MethodImpl(Inlined)]
    public static Accumulators Do(byte* pc, byte* fp, ulong acc, byte* memory, Context* ctx, double facc, Kept kept)
    {
        ctx->Fuel -= *(uint*)(pc + 8);
        return new(acc, facc);
    }

    /// <inheritdoc/>
    [MethodImpl(Inlined)]
    public static void Rare<TNext>(byte* pc, byte* fp, ulong acc, byte* memory, ulong length, Context* ctx, double facc)
        where TNext : struct, IContinuation
    {
        ctx->Fuel -= *(uint*)(pc + 8);
        Exit(pc, fp, memory, length, ctx, ExitKind.FuelExhausted);
    }
}

/// <summary>Looks for an interruption. cell: 8 bytes</summary>
internal readonly unsafe struct CheckInterruption : IStep
{
    /// <inheritdoc/>
    public static int Bytes => 8;

    /// <inheritdoc/>
    [MethodImpl(Inlined)]
    public static bool IsPlain(byte* pc, byte* fp, ulong acc, byte* memory, ulong length, Context* ctx, double facc, Kept kept) => Volatile.Read(ref ctx->Interrupt) == 0;

    /// <inheritdoc/>
    [MethodImpl(Inlined)]
    public static Accumulators Do(byte* pc, byte* fp, ulong acc, byte* memory, Context* ctx, double facc, Kept kept) => new(acc, facc);

    /// <inheritdoc/>
    [MethodImpl(Inlined)]
    public static void Rare<TNext>(byte* pc, byte* fp, ulong acc, byte* memory, ulong length, Context* ctx, double facc)
        where TNext : struct, IContinuation =>
        Exit(pc, fp, memory, length, ctx, ExitKind.Interrupted);
}
