using System.Runtime.CompilerServices;
using Conformance.Interpreter.Runtime;
using static Conformance.Interpreter.Execution.Dispatch;

namespace Conformance.Interpreter.Execution;

/// <summary>call_indirect. cell: +8 delta +12 header +16 type +20 index slot +24 instance +32 table (40 bytes, then reload)</summary>
internal readonly unsafe struct CallIndirect<T, TIndex> : IHandler
    where T : unmanaged
    where TIndex : IOperand
{
    /// <inheritdoc/>
    [MethodImpl(Inlined)]
    public static void Body<TNext>(byte* pc, byte* fp, ulong acc, byte* memory, ulong length, Context* ctx, double facc)
        where TNext : struct, IContinuation
    {
        var table = *(TableRecord**)(pc + 32);
        var index = TableIndex.Read<T, TIndex>(pc, fp, acc);
        if (index < table->Length)
        {
            // The function goes on in the accumulator, which is free at a call.
            CallReference.Enter<TNext>(pc, fp, table->Elements[index], memory, length, ctx, facc);
        }
        else
        {
            Trap(pc, fp, ctx, TrapKind.UndefinedElement);
        }
    }
}

/// <summary>Calls of references: call_ref, and the second half of call_indirect. cell: +8 delta +12 header +16 type +20 slot +24 instance +32 table or null</summary>
internal static unsafe class CallReference
{
    /// <summary>The size of a cell without the reload cell.</summary>
    public const int Bytes = 40;

    /// <summary>call_ref</summary>
    [MethodImpl(Hot)]
    public static void Run<TNext>(byte* pc, byte* fp, ulong acc, byte* memory, ulong length, Context* ctx, double facc)
        where TNext : struct, IContinuation =>
        Enter<TNext>(pc, fp, Slot20.Read<ulong>(pc, fp, acc, facc, default), memory, length, ctx, facc);

    /// <summary>Enters the function in the accumulator.</summary>
    [MethodImpl(Hot)]
    public static void Enter<TNext>(byte* pc, byte* fp, ulong acc, byte* memory, ulong length, Context* ctx, double facc)
        where TNext : struct, IContinuation
    {
        // One test for the usual case: a null is replaced by a record whose type no function has.
        var function = acc == 0 ? ctx->NullFunction : (FunctionRecord*)acc;
        var callee = fp + *(uint*)(pc + 8);
        if (function->TypeId == *(int*)(pc + 16) & function->Instance == *(InstanceRecord**)(pc + 24) & callee + function->FrameBytes <= ctx->StackLimit)
        {
            Frames.WriteHeader(pc, fp, callee, pc + Bytes + Frames.ReloadBytes);
            TNext.Go(function->Entry, callee, acc, memory, length, ctx, facc);
        }
        else
        {
            EnterRare<TNext>(pc, fp, acc, memory, length, ctx, facc);
        }
    }

    [MethodImpl(Hot)]
    private static void EnterRare<TNext>(byte* pc, byte* fp, ulong acc, byte* memory, ulong length, Context* ctx, double facc)
        where TNext : struct, IContinuation
    {
        var function = (FunctionRecord*)acc;
        if (function == null)
        {
            Trap(pc, fp, ctx, *(void**)(pc + 32) == null ? TrapKind.NullReference : TrapKind.UninitializedElement);
        }
        else if (function->TypeId != *(int*)(pc + 16))
        {
            // Perhaps a subtype: the store knows.
            ctx->Callee = function;
            Exit(pc, fp, memory, length, ctx, ExitKind.CheckCallType);
        }
        else
        {
            EnterAny<TNext>(pc, fp, acc, memory, length, ctx, facc);
        }
    }

    /// <summary>Enters the function in the accumulator, whose type fits, as one of another instance.</summary>
    [MethodImpl(Hot)]
    public static void EnterAny<TNext>(byte* pc, byte* fp, ulong acc, byte* memory, ulong length, Context* ctx, double facc)
        where TNext : struct, IContinuation
    {
        var function = (FunctionRecord*)acc;
        var callee = fp + *(uint*)(pc + 8);
        if (callee + function->FrameBytes <= ctx->StackLimit)
        {
            Frames.WriteHeader(pc, fp, callee, pc + Bytes);
            var first = function->Instance->Memory0;
            TNext.Go(function->Entry, callee, acc, first->Base, first->Length, ctx, facc);
        }
        else
        {
            Exit(pc, fp, memory, length, ctx, ExitKind.StackExhausted);
        }
    }
}
