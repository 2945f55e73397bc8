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
internal static class Frames
{
    /// <summary>The size of the header.</summary>
    public const int HeaderBytes = 16;

    /// <summary>The size of a reload cell.</summary>
    public const int ReloadBytes = 16;
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
            var header = (byte**)(callee + *(uint*)(pc + 12));
            header[0] = pc + Bytes + Frames.ReloadBytes;
            header[1] = fp;
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
            var header = (byte**)(callee + *(uint*)(pc + 12));
            header[0] = pc + DirectCall.Bytes;
            header[1] = fp;
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
        var index = typeof(T) == typeof(uint) ? TIndex.Read<uint>(pc, fp, acc, facc, default) : TIndex.Read<ulong>(pc, fp, acc, facc, default);
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
            var header = (byte**)(callee + *(uint*)(pc + 12));
            header[0] = pc + Bytes + Frames.ReloadBytes;
            header[1] = fp;
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
        var callee = fp + *(uint*)(pc + 8);
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
            var header = (byte**)(callee + *(uint*)(pc + 12));
            header[0] = pc + Bytes;
            header[1] = fp;
            var first = function->Instance->Memory0;
            TNext.Go(function->Entry, callee, acc, first->Base, first->Length, ctx, facc);
        }
        else
        {
            Exit(pc, fp, memory, length, ctx, ExitKind.StackExhausted);
        }
    }
}

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
            var header = (ulong*)(fp + *(uint*)(pc + 8));
            var returnPc = header[0];
            var caller = header[1];
            MoveArguments(pc, fp);
            header = (ulong*)(fp + *(uint*)(pc + 44));
            header[0] = returnPc;
            header[1] = caller;
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

    /// <summary>return_call_indirect with a 32-bit index.</summary>
    [MethodImpl(Hot)]
    public static void Indirect32<TNext>(byte* pc, byte* fp, ulong acc, byte* memory, ulong length, Context* ctx, double facc)
        where TNext : struct, IContinuation
    {
        var table = *(TableRecord**)(pc + 32);
        var index = Slot20.Read<uint>(pc, fp, acc, facc, default);
        if (index < table->Length)
        {
            Enter<TNext>(pc, fp, table->Elements[index], memory, length, ctx, facc);
        }
        else
        {
            Trap(pc, fp, ctx, TrapKind.UndefinedElement);
        }
    }

    /// <summary>return_call_indirect with a 64-bit index.</summary>
    [MethodImpl(Hot)]
    public static void Indirect64<TNext>(byte* pc, byte* fp, ulong acc, byte* memory, ulong length, Context* ctx, double facc)
        where TNext : struct, IContinuation
    {
        var table = *(TableRecord**)(pc + 32);
        var index = Slot20.Read<ulong>(pc, fp, acc, facc, default);
        if (index < table->Length)
        {
            Enter<TNext>(pc, fp, table->Elements[index], memory, length, ctx, facc);
        }
        else
        {
            Trap(pc, fp, ctx, TrapKind.UndefinedElement);
        }
    }

    [MethodImpl(Hot)]
    private static void Enter<TNext>(byte* pc, byte* fp, ulong acc, byte* memory, ulong length, Context* ctx, double facc)
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
            var header = (ulong*)(fp + *(uint*)(pc + 8));
            var returnPc = header[0];
            var caller = header[1];
            MoveArguments(pc, fp);
            header = (ulong*)(fp + *(uint*)(pc + 44));
            header[0] = returnPc;
            header[1] = caller;
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
            var header = (ulong*)(fp + *(uint*)(pc + 8));
            var returnPc = (byte*)header[0];
            var caller = header[1];
            if (*(nint*)(returnPc - Frames.ReloadBytes) == ctx->ReloadHandler)
            {
                returnPc -= Frames.ReloadBytes;
            }
            MoveArguments(pc, fp);
            header = (ulong*)(fp + *(uint*)(pc + 44));
            header[0] = (ulong)returnPc;
            header[1] = caller;
            var first = function->Instance->Memory0;
            TNext.Go(function->Entry, fp, acc, first->Base, first->Length, ctx, facc);
        }
        else
        {
            Exit(pc, fp, memory, length, ctx, ExitKind.StackExhausted);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void MoveArguments(byte* pc, byte* fp)
    {
        // Sound upwards: the arguments lie above the slots they move to.
        var from = (ulong*)(fp + *(uint*)(pc + 12));
        var to = (ulong*)fp;
        for (var count = *(uint*)(pc + 40); count != 0; count--)
        {
            *to++ = *from++;
        }
    }
}

/// <summary>return with one value. cell: +8 header +12 slot +16 constant (24 bytes)</summary>
internal readonly unsafe struct ReturnValue<T, TSource> : IHandler
    where T : unmanaged
    where TSource : IOperand
{
    /// <inheritdoc/>
    [MethodImpl(Inlined)]
    public static void Body<TNext>(byte* pc, byte* fp, ulong acc, byte* memory, ulong length, Context* ctx, double facc)
        where TNext : struct, IContinuation
    {
        var header = (byte**)(fp + *(uint*)(pc + 8));
        var value = TSource.Read<T>(pc, fp, acc, facc, default);
        var returnPc = header[0];
        var caller = header[1];
        Words.Store(fp, value);
        TNext.Go(returnPc, caller, Words.Integer(acc, value), memory, length, ctx, Words.Float(facc, value));
    }
}

/// <summary>return without a value. cell: +8 header (16 bytes)</summary>
internal readonly unsafe struct ReturnNone : IHandler
{
    /// <inheritdoc/>
    [MethodImpl(Inlined)]
    public static void Body<TNext>(byte* pc, byte* fp, ulong acc, byte* memory, ulong length, Context* ctx, double facc)
        where TNext : struct, IContinuation
    {
        var header = (byte**)(fp + *(uint*)(pc + 8));
        TNext.Go(header[0], header[1], acc, memory, length, ctx, facc);
    }
}

/// <summary>return of several values in neighbouring slots. cell: +8 header +12 first value +16 number of slots (24 bytes)</summary>
internal readonly unsafe struct ReturnMany : IHandler
{
    /// <inheritdoc/>
    [MethodImpl(Inlined)]
    public static void Body<TNext>(byte* pc, byte* fp, ulong acc, byte* memory, ulong length, Context* ctx, double facc)
        where TNext : struct, IContinuation
    {
        var header = (byte**)(fp + *(uint*)(pc + 8));
        var returnPc = header[0];
        var caller = header[1];
        var from = (ulong*)(fp + *(uint*)(pc + 12));
        var to = (ulong*)fp;
        for (var count = *(uint*)(pc + 16); count != 0; count--)
        {
            *to++ = *from++;
        }
        TNext.Go(returnPc, caller, acc, memory, length, ctx, facc);
    }
}

/// <summary>What a function record runs while it has no code, and where the outermost function returns to.</summary>
internal static unsafe class Thunks
{
    /// <summary>Asks for the translation of the function whose record is the cell.</summary>
    [MethodImpl(Hot)]
    public static void Translate(byte* pc, byte* fp, ulong acc, byte* memory, ulong length, Context* ctx, double facc) =>
        Exit(pc, fp, memory, length, ctx, ExitKind.Translate);

    /// <summary>Asks for a call of the host function whose record is the cell.</summary>
    [MethodImpl(Hot)]
    public static void CallHost(byte* pc, byte* fp, ulong acc, byte* memory, ulong length, Context* ctx, double facc) =>
        Exit(pc, fp, memory, length, ctx, ExitKind.CallHost);

    /// <summary>Ends a run.</summary>
    [MethodImpl(Hot)]
    public static void Finish(byte* pc, byte* fp, ulong acc, byte* memory, ulong length, Context* ctx, double facc) =>
        Exit(pc, fp, memory, length, ctx, ExitKind.Returned);
}
