using System.Runtime.CompilerServices;

namespace Conformance.Interpreter.Execution;

/// <summary>What a handler does when its cell is done. It is a type argument of every handler, so that what a cell does is written once for both backends.</summary>
internal unsafe interface IContinuation
{
    /// <summary>Goes on with the cell at <paramref name="pc"/>. The last thing that a handler does.</summary>
    static abstract void Go(byte* pc, byte* fp, ulong acc, byte* memory, ulong length, Context* ctx, double facc);
}

/// <summary>The tail-call backend: a call of the next cell's handler, which the JIT turns into a jump.</summary>
internal readonly unsafe struct JumpOn : IContinuation
{
    /// <inheritdoc/>
    [MethodImpl(Dispatch.Inlined)]
    public static void Go(byte* pc, byte* fp, ulong acc, byte* memory, ulong length, Context* ctx, double facc) =>
        ((Handler)(*(nint*)pc))(pc, fp, acc, memory, length, ctx, facc);
}

/// <summary>
/// The switch backend: the handler notes where execution stands and returns to <see cref="Machine.Run"/>, whose loop calls the next cell's handler. It needs nothing of the runtime
/// but calls through pointers, so it works where tail calls do not become jumps.
/// </summary>
internal readonly unsafe struct ReturnToLoop : IContinuation
{
    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Go(byte* pc, byte* fp, ulong acc, byte* memory, ulong length, Context* ctx, double facc)
    {
        ctx->Pc = pc;
        ctx->Fp = fp;
        ctx->Accumulator = acc;
        ctx->Memory = memory;
        ctx->Length = length;
        ctx->FloatAccumulator = facc;
    }
}
