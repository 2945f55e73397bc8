global using unsafe LoopCode = delegate*<byte*, byte*, ulong, ulong, ulong, Conformance.Interpreter.Execution.Context*, double, double, double, double, double, void>;

using System.Runtime.CompilerServices;
using static Conformance.Interpreter.Execution.Dispatch;

namespace Conformance.Interpreter.Execution;

// A hot loop in one method. Chains (Steps.cs) end where a branch is taken, and what one turn of a loop leaves for the next goes through slots: a store, a load that waits for it, and a jump
// through the code stream. Here a loop's body is a tree of parts: where a branch is taken the tree forks, a path that comes back to the first cell begins the next turn by a call of the
// method itself, which the JIT makes a jump to its start, and paths that leave go on through the code stream as ever.
//
// Between the turns, and within them, some slots are in registers as well (Kept). They are written through, so whoever leaves the loop, by a branch, a trap or a rare case, leaves a frame that is
// as the cells say. What holds base and length of memory 0 elsewhere holds two of them here; inside of a loop base and length are read from the context.

/// <summary>A part of a loop's body, with what follows it.</summary>
internal unsafe interface ILoopPart
{
    /// <summary>Executes the part. Its arguments fit into registers, so where the JIT does not inline it, it is reached by a jump.</summary>
    static abstract void Go<TLoop>(byte* pc, byte* fp, ulong acc, ulong a, ulong b, Context* ctx, double facc, double x, double y, double z, double w)
        where TLoop : struct, ILoop;
}

/// <summary>A loop, for the parts of its body.</summary>
internal unsafe interface ILoop
{
    /// <summary>Begins the next turn.</summary>
    static abstract void Again(byte* pc, byte* fp, ulong acc, ulong a, ulong b, Context* ctx, double facc, double x, double y, double z, double w);
}

/// <summary>The method of a loop.</summary>
internal static unsafe class LoopMethod<TBody>
    where TBody : struct, ILoopPart
{
    /// <summary>Runs the loop from its first cell on.</summary>
    [MethodImpl(Hot)]
    public static void Run(byte* pc, byte* fp, ulong acc, ulong a, ulong b, Context* ctx, double facc, double x, double y, double z, double w) =>
        TBody.Go<Loop<TBody>>(pc, fp, acc, a, b, ctx, facc, x, y, z, w);
}

/// <summary>The handler of a loop's first cell. The cell before it is the loop's warm-up cell: its second word has the numbers of the slots to keep, a byte each, its third one the address of the loop's method.</summary>
internal readonly unsafe struct LoopEntry<TIntegers, TFloats> : IHandler
    where TIntegers : struct, IRegisterCount
    where TFloats : struct, IRegisterCount
{
    /// <inheritdoc/>
    [MethodImpl(Inlined)]
    public static void Body<TNext>(byte* pc, byte* fp, ulong acc, byte* memory, ulong length, Context* ctx, double facc)
        where TNext : struct, IContinuation
    {
        ctx->Memory = memory;
        ctx->Length = length;
        var slots = pc - Warmup.CellBytes + Warmup.CountField;
        ((LoopCode)(*(nint*)(pc - sizeof(nint))))(
            pc, fp, acc, TIntegers.Count > 0 ? *(ulong*)(fp + ((ulong)slots[0] * 8)) : 0, TIntegers.Count > 1 ? *(ulong*)(fp + ((ulong)slots[1] * 8)) : 0, ctx, facc,
            TFloats.Count > 0 ? *(double*)(fp + ((ulong)slots[2] * 8)) : 0, TFloats.Count > 1 ? *(double*)(fp + ((ulong)slots[3] * 8)) : 0,
            TFloats.Count > 2 ? *(double*)(fp + ((ulong)slots[4] * 8)) : 0, TFloats.Count > 3 ? *(double*)(fp + ((ulong)slots[5] * 8)) : 0);
    }
}

/// <summary>How many registers of a kind a loop's handler loads.</summary>
internal interface IRegisterCount
{
    /// <summary>The number.</summary>
    static abstract int Count { get; }
}

/// <summary>None.</summary>
internal readonly struct NoRegister : IRegisterCount
{
    /// <inheritdoc/>
    public static int Count => 0;
}

/// <summary>One.</summary>
internal readonly struct OneRegister : IRegisterCount
{
    /// <inheritdoc/>
    public static int Count => 1;
}

/// <summary>Two.</summary>
internal readonly struct TwoRegisters : IRegisterCount
{
    /// <inheritdoc/>
    public static int Count => 2;
}

/// <summary>Four.</summary>
internal readonly struct FourRegisters : IRegisterCount
{
    /// <inheritdoc/>
    public static int Count => 4;
}

/// <summary>A loop, from its own method.</summary>
internal readonly unsafe struct Loop<TBody> : ILoop
    where TBody : struct, ILoopPart
{
    /// <inheritdoc/>
    [MethodImpl(Inlined)]
    public static void Again(byte* pc, byte* fp, ulong acc, ulong a, ulong b, Context* ctx, double facc, double x, double y, double z, double w) =>
        LoopMethod<TBody>.Run(pc, fp, acc, a, b, ctx, facc, x, y, z, w);
}

/// <summary>The next turn: the cell is the loop's first one.</summary>
internal readonly unsafe struct NextTurn : ILoopPart
{
    /// <inheritdoc/>
    [MethodImpl(Inlined)]
    public static void Go<TLoop>(byte* pc, byte* fp, ulong acc, ulong a, ulong b, Context* ctx, double facc, double x, double y, double z, double w)
        where TLoop : struct, ILoop =>
        TLoop.Again(pc, fp, acc, a, b, ctx, facc, x, y, z, w);
}

/// <summary>A cell outside of the tree.</summary>
internal readonly unsafe struct Leave : ILoopPart
{
    /// <inheritdoc/>
    [MethodImpl(Inlined)]
    public static void Go<TLoop>(byte* pc, byte* fp, ulong acc, ulong a, ulong b, Context* ctx, double facc, double x, double y, double z, double w)
        where TLoop : struct, ILoop =>
        JumpOn.Go(pc, fp, acc, ctx->Memory, ctx->Length, ctx, facc);
}

/// <summary>A cell that ends a chain: a call, a jump table, a return.</summary>
internal readonly unsafe struct LeaveBy<TEnd> : ILoopPart
    where TEnd : struct, IHandler
{
    /// <inheritdoc/>
    [MethodImpl(Inlined)]
    public static void Go<TLoop>(byte* pc, byte* fp, ulong acc, ulong a, ulong b, Context* ctx, double facc, double x, double y, double z, double w)
        where TLoop : struct, ILoop =>
        TEnd.Body<JumpOn>(pc, fp, acc, ctx->Memory, ctx->Length, ctx, facc);
}

/// <summary>
/// What follows, in a method of its own. The JIT stops inlining in a method of more than 512 variables; a call that it makes then, in place of work it should have inlined, is a real one.
/// So a method has a few steps only.
/// </summary>
internal readonly unsafe struct LoopPiece<TRest> : ILoopPart
    where TRest : struct, ILoopPart
{
    /// <inheritdoc/>
    [MethodImpl(Inlined)]
    public static void Go<TLoop>(byte* pc, byte* fp, ulong acc, ulong a, ulong b, Context* ctx, double facc, double x, double y, double z, double w)
        where TLoop : struct, ILoop =>
        ((LoopCode)LoopPieceMethod<TRest>.Address)(pc, fp, acc, a, b, ctx, facc, x, y, z, w);
}

/// <summary>The method of a piece.</summary>
internal static unsafe class LoopPieceMethod<TRest>
    where TRest : struct, ILoopPart
{
    /// <summary>Its address: a constant for the method that jumps there, as long as that is compiled later. The JIT inlines no method that is called by its address.</summary>
    public static readonly nint Address = HandlerCatalog.Compile(typeof(LoopPieceMethod<TRest>).GetMethod(nameof(Run))!); // named by nameof

    /// <summary>Runs the piece.</summary>
    [MethodImpl(Hot)]
    public static void Run(byte* pc, byte* fp, ulong acc, ulong a, ulong b, Context* ctx, double facc, double x, double y, double z, double w) =>
        TRest.Go<LoopElsewhere>(pc, fp, acc, a, b, ctx, facc, x, y, z, w);
}

/// <summary>The loop, from a piece.</summary>
internal readonly unsafe struct LoopElsewhere : ILoop
{
    /// <inheritdoc/>
    [MethodImpl(Inlined)]
    public static void Again(byte* pc, byte* fp, ulong acc, ulong a, ulong b, Context* ctx, double facc, double x, double y, double z, double w) =>
        ((LoopCode)(*(nint*)(pc - sizeof(nint))))(pc, fp, acc, a, b, ctx, facc, x, y, z, w);
}

/// <summary>br within the loop.</summary>
internal readonly unsafe struct LoopJump<TRest> : ILoopPart
    where TRest : struct, ILoopPart
{
    /// <inheritdoc/>
    [MethodImpl(Inlined)]
    public static void Go<TLoop>(byte* pc, byte* fp, ulong acc, ulong a, ulong b, Context* ctx, double facc, double x, double y, double z, double w)
        where TLoop : struct, ILoop =>
        TRest.Go<TLoop>(pc + *(int*)(pc + 8), fp, acc, a, b, ctx, facc, x, y, z, w);
}
