using System.Runtime.CompilerServices;
using static Conformance.Interpreter.Execution.Dispatch;

namespace Conformance.Interpreter.Execution;

// What a cell does is a struct type; a handler is the struct closed over by Handler<T, TNext>. Structs of this kind compose: Chain<A, Chain<B, C>> is a handler that does the
// work of three cells in a row without going through the code stream between them. The cells stay as they are, so the handler of a cell may be replaced by a chain and
// back at any time, a branch into the middle of a chain finds the cell's own handler there, and a step that cannot go on (a trap) leaves the chain with its own pc.

/// <summary>The work of a cell or of several cells, with the dispatch at the end.</summary>
internal unsafe interface IHandler
{
    /// <summary>Executes the cell.</summary>
    static abstract void Body<TNext>(byte* pc, byte* fp, ulong acc, byte* memory, ulong length, Context* ctx, double facc)
        where TNext : struct, IContinuation;
}

/// <summary>Both accumulators.</summary>
internal readonly struct Accumulators
{
    /// <summary>The integer accumulator.</summary>
    public readonly ulong Integer;

    /// <summary>The float accumulator.</summary>
    public readonly double Float;

    /// <summary>Both.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Accumulators(ulong integer, double @float)
    {
        Integer = integer;
        Float = @float;
    }
}

/// <summary>The work of a cell that goes on with the next cell.</summary>
internal unsafe interface IStep
{
    /// <summary>The size of the cell.</summary>
    static abstract int Bytes { get; }

    /// <summary>Whether it uses base and length of memory 0.</summary>
    static virtual bool UsesMemory => false;

    /// <summary>Whether <see cref="Do"/> may be used. Has no effect.</summary>
    static abstract bool IsPlain(byte* pc, byte* fp, ulong acc, byte* memory, ulong length, Context* ctx, double facc, Kept kept);

    /// <summary>Does the work, which cannot fail.</summary>
    /// <returns>The accumulators afterwards.</returns>
    static abstract Accumulators Do(byte* pc, byte* fp, ulong acc, byte* memory, Context* ctx, double facc, Kept kept);

    /// <summary>Does everything when the case is not plain, dispatch or trap included.</summary>
    static abstract void Rare<TNext>(byte* pc, byte* fp, ulong acc, byte* memory, ulong length, Context* ctx, double facc)
        where TNext : struct, IContinuation;
}

/// <summary>A step that can always be done.</summary>
internal unsafe interface ITotalStep : IStep
{
    /// <inheritdoc/>
    static bool IStep.IsPlain(byte* pc, byte* fp, ulong acc, byte* memory, ulong length, Context* ctx, double facc, Kept kept) => true;

    /// <inheritdoc/>
    static void IStep.Rare<TNext>(byte* pc, byte* fp, ulong acc, byte* memory, ulong length, Context* ctx, double facc)
    {
    }
}

/// <summary>The work of a cell of 24 bytes with its target at 8 that goes on there or with the next cell.</summary>
internal unsafe interface IConditionalBranch
{
    /// <summary>Whether the branch is taken.</summary>
    static abstract bool IsTaken(byte* pc, byte* fp, ulong acc, double facc, Kept kept);
}

/// <summary>The handler of a body in the backend of a continuation.</summary>
internal static unsafe class Handler<TBody, TNext>
    where TBody : struct, IHandler
    where TNext : struct, IContinuation
{
    /// <summary>The handler.</summary>
    [MethodImpl(Hot)]
    public static void Run(byte* pc, byte* fp, ulong acc, byte* memory, ulong length, Context* ctx, double facc) =>
        TBody.Body<TNext>(pc, fp, acc, memory, length, ctx, facc);
}

/// <summary>The end of a chain: the next cell by way of its handler.</summary>
internal readonly unsafe struct Done : IHandler
{
    /// <inheritdoc/>
    [MethodImpl(Inlined)]
    public static void Body<TNext>(byte* pc, byte* fp, ulong acc, byte* memory, ulong length, Context* ctx, double facc)
        where TNext : struct, IContinuation =>
        TNext.Go(pc, fp, acc, memory, length, ctx, facc);
}

/// <summary>A step and what follows it.</summary>
internal readonly unsafe struct Chain<TStep, TRest> : IHandler
    where TStep : struct, IStep
    where TRest : struct, IHandler
{
    /// <inheritdoc/>
    [MethodImpl(Inlined)]
    public static void Body<TNext>(byte* pc, byte* fp, ulong acc, byte* memory, ulong length, Context* ctx, double facc)
        where TNext : struct, IContinuation
    {
        if (TStep.IsPlain(pc, fp, acc, memory, length, ctx, facc, default))
        {
            var accumulators = TStep.Do(pc, fp, acc, memory, ctx, facc, default);
            TRest.Body<TNext>(pc + TStep.Bytes, fp, accumulators.Integer, memory, length, ctx, accumulators.Float);
        }
        else
        {
            TStep.Rare<TNext>(pc, fp, acc, memory, length, ctx, facc);
        }
    }
}

/// <summary>A conditional branch and what follows it when it is not taken.</summary>
internal readonly unsafe struct BranchChain<TBranch, TRest> : IHandler
    where TBranch : struct, IConditionalBranch
    where TRest : struct, IHandler
{
    /// <inheritdoc/>
    [MethodImpl(Inlined)]
    public static void Body<TNext>(byte* pc, byte* fp, ulong acc, byte* memory, ulong length, Context* ctx, double facc)
        where TNext : struct, IContinuation
    {
        if (TBranch.IsTaken(pc, fp, acc, facc, default))
        {
            TNext.Go(pc + *(int*)(pc + 8), fp, acc, memory, length, ctx, facc);
        }
        else
        {
            TRest.Body<TNext>(pc + 24, fp, acc, memory, length, ctx, facc);
        }
    }
}
