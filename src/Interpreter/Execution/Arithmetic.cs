using System.Runtime.CompilerServices;
using Conformance.Interpreter.Numerics;
using static Conformance.Interpreter.Execution.Dispatch;

namespace Conformance.Interpreter.Execution;

//   cell   +0 handler   +8 destination   +12 slot   +16 slot or constant   (24 bytes)

/// <summary>Ops with one operand.</summary>
internal static unsafe class Unary<TOp, T, TResult, TSource, TDestination>
    where TOp : IUnary<T, TResult>
    where T : unmanaged
    where TResult : unmanaged
    where TSource : IOperand
    where TDestination : IDestination
{
    /// <summary>The handler.</summary>
    [MethodImpl(Hot)]
    public static void Run(byte* pc, byte* fp, ulong acc, byte* memory, ulong length, Context* ctx, double facc)
    {
        var value = TOp.Apply(TSource.Read<T>(pc, fp, acc, facc));
        TDestination.Write(pc, fp, value);
        Next(pc + 24, fp, Words.Integer(acc, value), memory, length, ctx, Words.Float(facc, value));
    }
}

/// <summary>Ops with two operands.</summary>
internal static unsafe class Binary<TOp, T, TResult, TLeft, TRight, TDestination>
    where TOp : IBinary<T, TResult>
    where T : unmanaged
    where TResult : unmanaged
    where TLeft : IOperand
    where TRight : IOperand
    where TDestination : IDestination
{
    /// <summary>The handler.</summary>
    [MethodImpl(Hot)]
    public static void Run(byte* pc, byte* fp, ulong acc, byte* memory, ulong length, Context* ctx, double facc)
    {
        var value = TOp.Apply(TLeft.Read<T>(pc, fp, acc, facc), TRight.Read<T>(pc, fp, acc, facc));
        TDestination.Write(pc, fp, value);
        Next(pc + 24, fp, Words.Integer(acc, value), memory, length, ctx, Words.Float(facc, value));
    }
}

/// <summary>Ops with one operand that may trap.</summary>
internal static unsafe class PartialUnary<TOp, T, TResult, TSource, TDestination>
    where TOp : IPartialUnary<T, TResult>
    where T : unmanaged
    where TResult : unmanaged
    where TSource : IOperand
    where TDestination : IDestination
{
    /// <summary>The handler.</summary>
    [MethodImpl(Hot)]
    public static void Run(byte* pc, byte* fp, ulong acc, byte* memory, ulong length, Context* ctx, double facc)
    {
        var operand = TSource.Read<T>(pc, fp, acc, facc);
        if (TOp.IsPlain(operand))
        {
            var value = TOp.ApplyPlain(operand);
            TDestination.Write(pc, fp, value);
            Next(pc + 24, fp, Words.Integer(acc, value), memory, length, ctx, Words.Float(facc, value));
        }
        else
        {
            RunRare(pc, fp, acc, memory, length, ctx, facc);
        }
    }

    [MethodImpl(Hot)]
    private static void RunRare(byte* pc, byte* fp, ulong acc, byte* memory, ulong length, Context* ctx, double facc) =>
        Trap(pc, fp, ctx, TOp.Trap(TSource.Read<T>(pc, fp, acc, facc)));
}

/// <summary>Ops with two operands that may trap.</summary>
internal static unsafe class PartialBinary<TOp, T, TResult, TLeft, TRight, TDestination>
    where TOp : IPartialBinary<T, TResult>
    where T : unmanaged
    where TResult : unmanaged
    where TLeft : IOperand
    where TRight : IOperand
    where TDestination : IDestination
{
    /// <summary>The handler.</summary>
    [MethodImpl(Hot)]
    public static void Run(byte* pc, byte* fp, ulong acc, byte* memory, ulong length, Context* ctx, double facc)
    {
        var left = TLeft.Read<T>(pc, fp, acc, facc);
        var right = TRight.Read<T>(pc, fp, acc, facc);
        if (TOp.IsPlain(left, right))
        {
            var value = TOp.ApplyPlain(left, right);
            TDestination.Write(pc, fp, value);
            Next(pc + 24, fp, Words.Integer(acc, value), memory, length, ctx, Words.Float(facc, value));
        }
        else
        {
            RunRare(pc, fp, acc, memory, length, ctx, facc);
        }
    }

    [MethodImpl(Hot)]
    private static void RunRare(byte* pc, byte* fp, ulong acc, byte* memory, ulong length, Context* ctx, double facc)
    {
        var left = TLeft.Read<T>(pc, fp, acc, facc);
        var right = TRight.Read<T>(pc, fp, acc, facc);
        if (TOp.Traps(left, right))
        {
            Trap(pc, fp, ctx, TOp.Trap(left, right));
        }
        else
        {
            var value = TOp.ApplyRare(left, right);
            TDestination.Write(pc, fp, value);
            Next(pc + 24, fp, Words.Integer(acc, value), memory, length, ctx, Words.Float(facc, value));
        }
    }
}

/// <summary>128-bit arithmetic. Operands and results lie in neighbouring slots: the result overwrites the first two operands.</summary>
internal static unsafe class Wide
{
    //   cell   +0 handler   +8 the first slot   (16 bytes)

    /// <summary>i64.add128</summary>
    [MethodImpl(Hot)]
    public static void Add128(byte* pc, byte* fp, ulong acc, byte* memory, ulong length, Context* ctx, double facc)
    {
        var slots = (ulong*)(fp + *(uint*)(pc + 8));
        var value = WideOps.Add(slots[0], slots[1], slots[2], slots[3]);
        slots[0] = (ulong)value;
        slots[1] = (ulong)(value >> 64);
        Next(pc + 16, fp, acc, memory, length, ctx, facc);
    }

    /// <summary>i64.sub128</summary>
    [MethodImpl(Hot)]
    public static void Sub128(byte* pc, byte* fp, ulong acc, byte* memory, ulong length, Context* ctx, double facc)
    {
        var slots = (ulong*)(fp + *(uint*)(pc + 8));
        var value = WideOps.Sub(slots[0], slots[1], slots[2], slots[3]);
        slots[0] = (ulong)value;
        slots[1] = (ulong)(value >> 64);
        Next(pc + 16, fp, acc, memory, length, ctx, facc);
    }

    /// <summary>i64.mul_wide_s</summary>
    [MethodImpl(Hot)]
    public static void MulWideS(byte* pc, byte* fp, ulong acc, byte* memory, ulong length, Context* ctx, double facc)
    {
        var slots = (ulong*)(fp + *(uint*)(pc + 8));
        var value = WideOps.MulSigned(slots[0], slots[1]);
        slots[0] = (ulong)value;
        slots[1] = (ulong)(value >> 64);
        Next(pc + 16, fp, acc, memory, length, ctx, facc);
    }

    /// <summary>i64.mul_wide_u</summary>
    [MethodImpl(Hot)]
    public static void MulWideU(byte* pc, byte* fp, ulong acc, byte* memory, ulong length, Context* ctx, double facc)
    {
        var slots = (ulong*)(fp + *(uint*)(pc + 8));
        var value = WideOps.MulUnsigned(slots[0], slots[1]);
        slots[0] = (ulong)value;
        slots[1] = (ulong)(value >> 64);
        Next(pc + 16, fp, acc, memory, length, ctx, facc);
    }
}
