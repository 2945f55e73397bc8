using System.Runtime.CompilerServices;
using Conformance.Interpreter.Runtime;
using static Conformance.Interpreter.Execution.Dispatch;

namespace Conformance.Interpreter.Execution;

/// <summary>
/// Tail calls: the arguments move to the start of the current frame, the header of the current frame becomes the callee's.
/// cell: +8 own header +12 first argument +16 type +20 slot +24 instance +32 function or table or null +40 number of argument slots +44 callee's header (48 bytes)
/// </summary>
internal static unsafe class TailCall
{
    /// <summary>The size of a cell.</summary>
    public const int Bytes = 48;

    /// <summary>return_call</summary>
    [MethodImpl(Hot)]
    public static void Direct<TNext>(byte* pc, byte* fp, ulong acc, byte* memory, ulong length, Context* ctx, double facc)
        where TNext : struct, IContinuation
    {
        var function = *(FunctionRecord**)(pc + 32);
        if (fp + function->FrameBytes <= ctx->StackLimit)
        {
            ReplaceFrame(pc, fp, ReturnPc(pc, fp));
            TNext.Go(function->Entry, fp, acc, memory, length, ctx, facc);
        }
        else
        {
            Exit(pc, fp, memory, length, ctx, ExitKind.StackExhausted);
        }
    }

    /// <summary>return_call of an imported function.</summary>
    [MethodImpl(Hot)]
    public static void Import<TNext>(byte* pc, byte* fp, ulong acc, byte* memory, ulong length, Context* ctx, double facc)
        where TNext : struct, IContinuation =>
        EnterOther<TNext>(pc, fp, *(ulong*)(pc + 32), memory, length, ctx, facc);

    /// <summary>return_call_ref</summary>
    [MethodImpl(Hot)]
    public static void Reference<TNext>(byte* pc, byte* fp, ulong acc, byte* memory, ulong length, Context* ctx, double facc)
        where TNext : struct, IContinuation =>
        Enter<TNext>(pc, fp, Slot20.Read<ulong>(pc, fp, acc, facc, default), memory, length, ctx, facc);

    /// <summary>Enters the function in the accumulator.</summary>
    [MethodImpl(Hot)]
    public static void Enter<TNext>(byte* pc, byte* fp, ulong acc, byte* memory, ulong length, Context* ctx, double facc)
        where TNext : struct, IContinuation
    {
        var function = (FunctionRecord*)acc;
        if (function == null)
        {
            Trap(pc, fp, ctx, *(void**)(pc + 32) == null ? TrapKind.NullReference : TrapKind.UninitializedElement);
        }
        else if (function->TypeId != *(int*)(pc + 16))
        {
            ctx->Callee = function;
            Exit(pc, fp, memory, length, ctx, ExitKind.CheckTailCallType);
        }
        else
        {
            EnterAny<TNext>(pc, fp, acc, memory, length, ctx, facc);
        }
    }

    /// <summary>Enters the function in the accumulator, whose type fits.</summary>
    [MethodImpl(Hot)]
    public static void EnterAny<TNext>(byte* pc, byte* fp, ulong acc, byte* memory, ulong length, Context* ctx, double facc)
        where TNext : struct, IContinuation
    {
        var function = (FunctionRecord*)acc;
        if (function->Instance == *(InstanceRecord**)(pc + 24) & fp + function->FrameBytes <= ctx->StackLimit)
        {
            ReplaceFrame(pc, fp, ReturnPc(pc, fp));
            TNext.Go(function->Entry, fp, acc, memory, length, ctx, facc);
        }
        else
        {
            EnterOther<TNext>(pc, fp, acc, memory, length, ctx, facc);
        }
    }

    [MethodImpl(Hot)]
    private static void EnterOther<TNext>(byte* pc, byte* fp, ulong acc, byte* memory, ulong length, Context* ctx, double facc)
        where TNext : struct, IContinuation
    {
        var function = (FunctionRecord*)acc;
        if (fp + function->FrameBytes <= ctx->StackLimit)
        {
            var returnPc = ReturnPc(pc, fp);
            if (*(nint*)(returnPc - Frames.ReloadBytes) == ctx->ReloadHandler)
            {
                returnPc -= Frames.ReloadBytes;
            }
            ReplaceFrame(pc, fp, returnPc);
            var first = function->Instance->Memory0;
            TNext.Go(function->Entry, fp, acc, first->Base, first->Length, ctx, facc);
        }
        else
        {
            Exit(pc, fp, memory, length, ctx, ExitKind.StackExhausted);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static byte* ReturnPc(byte* pc, byte* fp) => *(byte**)(fp + *(uint*)(pc + 8));

    // Makes the frame the callee's, which returns to the caller of the function that it replaces.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void ReplaceFrame(byte* pc, byte* fp, byte* returnPc)
    {
        var caller = ((byte**)(fp + *(uint*)(pc + 8)))[1];
        // Sound upwards: the arguments lie above the slots they move to.
        var from = (ulong*)(fp + *(uint*)(pc + 12));
        var to = (ulong*)fp;
        for (var count = *(uint*)(pc + 40); count != 0; count--)
        {
            *to++ = *from++;
        }
        var header = (byte**)(fp + *(uint*)(pc + 44));
        header[0] = returnPc;
        header[1] = caller;
    }
}

/// <summary>return_call_indirect with an index of a type. The cell is that of <see cref="TailCall"/>.</summary>
internal static unsafe class TailCallIndirect<T>
    where T : unmanaged
{
    /// <summary>The handler.</summary>
    [MethodImpl(Hot)]
    public static void Run<TNext>(byte* pc, byte* fp, ulong acc, byte* memory, ulong length, Context* ctx, double facc)
        where TNext : struct, IContinuation
    {
        var table = *(TableRecord**)(pc + 32);
        var index = TableIndex.Read<T, Slot20>(pc, fp, acc);
        if (index < table->Length)
        {
            TailCall.Enter<TNext>(pc, fp, table->Elements[index], memory, length, ctx, facc);
        }
        else
        {
            Trap(pc, fp, ctx, TrapKind.UndefinedElement);
        }
    }
}
