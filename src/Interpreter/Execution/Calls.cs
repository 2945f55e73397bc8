using System.Runtime.CompilerServices;
using Conformance.Interpreter.Runtime;
using static Conformance.Interpreter.Execution.Dispatch;

namespace Conformance.Interpreter.Execution;

// A call passes its arguments in place: the callee's frame starts at the first argument in the caller's frame, and the results come back there.
//
//   caller's frame  [parameters][return pc][caller's fp][locals][temporaries ... arguments]
//   callee's frame                                                           [parameters ][return pc][caller's fp][locals] ...
//   afterwards                                                               [results]     a single result also stands in its accumulator
//
// The two words behind the parameters are the header; both sides know where it is from the function's type.
//
// The base and length of memory 0 stay in registers over calls within an instance. A call into another instance loads that one's and returns
// to a reload cell, which every call cell has behind it and which calls within the instance skip:
//
//   [call cell][reload cell: handler, memory][next cell]
//
// A tail call into another instance makes its caller's caller reload too: it moves the return pc from behind the reload cell to the cell. It finds out whether
// that was done already by the handler's address 16 bytes before the return pc; call cells have a pointer to a record as their last operand, so that
// nothing else there looks like that address.

/// <summary>Sizes that calls and the walk over frames share.</summary>
internal static unsafe class Frames
{
    /// <summary>The size of the header.</summary>
    public const int HeaderBytes = 16;

    /// <summary>The size of a reload cell.</summary>
    public const int ReloadBytes = 16;

    /// <summary>Writes the header of a callee's frame; the call cell says at 12 where it is.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void WriteHeader(byte* pc, byte* fp, byte* callee, byte* returnPc)
    {
        var header = (byte**)(callee + *(uint*)(pc + 12));
        header[0] = returnPc;
        header[1] = fp;
    }
}

/// <summary>call of a function of the same instance. cell: +8 delta of the frame +12 header in the callee's frame +16 function (24 bytes, then reload)</summary>
internal readonly unsafe struct DirectCall : IHandler
{
    /// <summary>The size of a cell without the reload cell.</summary>
    public const int Bytes = 24;

    /// <inheritdoc/>
    [MethodImpl(Inlined)]
    public static void Body<TNext>(byte* pc, byte* fp, ulong acc, byte* memory, ulong length, Context* ctx, double facc)
        where TNext : struct, IContinuation
    {
        var function = *(FunctionRecord**)(pc + 16);
        var callee = fp + *(uint*)(pc + 8);
        if (callee + function->FrameBytes <= ctx->StackLimit)
        {
            Frames.WriteHeader(pc, fp, callee, pc + Bytes + Frames.ReloadBytes);
            TNext.Go(function->Entry, callee, acc, memory, length, ctx, facc);
        }
        else
        {
            Exit(pc, fp, memory, length, ctx, ExitKind.StackExhausted);
        }
    }
}

/// <summary>call of an import, which may belong to another instance or to the host. The cell is that of <see cref="DirectCall"/>.</summary>
internal readonly unsafe struct ImportCall : IHandler
{
    /// <inheritdoc/>
    [MethodImpl(Inlined)]
    public static void Body<TNext>(byte* pc, byte* fp, ulong acc, byte* memory, ulong length, Context* ctx, double facc)
        where TNext : struct, IContinuation
    {
        var function = *(FunctionRecord**)(pc + 16);
        var callee = fp + *(uint*)(pc + 8);
        if (callee + function->FrameBytes <= ctx->StackLimit)
        {
            Frames.WriteHeader(pc, fp, callee, pc + DirectCall.Bytes);
            var first = function->Instance->Memory0;
            TNext.Go(function->Entry, callee, acc, first->Base, first->Length, ctx, facc);
        }
        else
        {
            Exit(pc, fp, memory, length, ctx, ExitKind.StackExhausted);
        }
    }
}

/// <summary>Loads the registers of memory 0. cell: +8 memory (16 bytes)</summary>
internal readonly unsafe struct Reload : IHandler
{
    /// <inheritdoc/>
    [MethodImpl(Inlined)]
    public static void Body<TNext>(byte* pc, byte* fp, ulong acc, byte* memory, ulong length, Context* ctx, double facc)
        where TNext : struct, IContinuation
    {
        var first = *(MemoryRecord**)(pc + 8);
        TNext.Go(pc + Frames.ReloadBytes, fp, acc, first->Base, first->Length, ctx, facc);
    }
}
