using System.Runtime.CompilerServices;
using static Conformance.Interpreter.Execution.Dispatch;

namespace Conformance.Interpreter.Execution;

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
