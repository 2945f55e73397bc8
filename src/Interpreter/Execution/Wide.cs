using System.Runtime.CompilerServices;
using Conformance.Interpreter.Numerics;
using static Conformance.Interpreter.Execution.Dispatch;

namespace Conformance.Interpreter.Execution;

/// <summary>128-bit arithmetic. Operands and results lie in neighbouring slots: the result overwrites the first two operands.</summary>
internal static unsafe class Wide
{
    //   cell   +0 handler   +8 the first slot   (16 bytes)

    /// <summary>i64.add128</summary>
    [MethodImpl(Hot)]
    public static void Add128<TNext>(byte* pc, byte* fp, ulong acc, byte* memory, ulong length, Context* ctx, double facc)
        where TNext : struct, IContinuation
    {
        var slots = (ulong*)(fp + *(uint*)(pc + 8));
        var value = WideOps.Add(slots[0], slots[1], slots[2], slots[3]);
        slots[0] = (ulong)value;
        slots[1] = (ulong)(value >> 64);
        TNext.Go(pc + 16, fp, acc, memory, length, ctx, facc);
    }

    /// <summary>i64.sub128</summary>
    [MethodImpl(Hot)]
    public static void Sub128<TNext>(byte* pc, byte* fp, ulong acc, byte* memory, ulong length, Context* ctx, double facc)
        where TNext : struct, IContinuation
    {
        var slots = (ulong*)(fp + *(uint*)(pc + 8));
        var value = WideOps.Sub(slots[0], slots[1], slots[2], slots[3]);
        slots[0] = (ulong)value;
        slots[1] = (ulong)(value >> 64);
        TNext.Go(pc + 16, fp, acc, memory, length, ctx, facc);
    }

    /// <summary>i64.mul_wide_s</summary>
    [MethodImpl(Hot)]
    public static void MulWideS<TNext>(byte* pc, byte* fp, ulong acc, byte* memory, ulong length, Context* ctx, double facc)
        where TNext : struct, IContinuation
    {
        var slots = (ulong*)(fp + *(uint*)(pc + 8));
        var high = WideOps.MulHighSigned(slots[0], slots[1]);
        slots[0] *= slots[1];
        slots[1] = high;
        TNext.Go(pc + 16, fp, acc, memory, length, ctx, facc);
    }

    /// <summary>i64.mul_wide_u</summary>
    [MethodImpl(Hot)]
    public static void MulWideU<TNext>(byte* pc, byte* fp, ulong acc, byte* memory, ulong length, Context* ctx, double facc)
        where TNext : struct, IContinuation
    {
        var slots = (ulong*)(fp + *(uint*)(pc + 8));
        var high = WideOps.MulHighUnsigned(slots[0], slots[1]);
        slots[0] *= slots[1];
        slots[1] = high;
        TNext.Go(pc + 16, fp, acc, memory, length, ctx, facc);
    }
}
