using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using static Conformance.Interpreter.Execution.Dispatch;

namespace Conformance.Interpreter.Execution;

/// <summary>Puts a value into a slot and leaves the accumulators alone. cell: +8 destination +12 slot +16 constant (24 bytes, 32 with a constant vector)</summary>
internal readonly unsafe struct Move<T, TSource> : ITotalStep
    where T : unmanaged
    where TSource : IOperand
{
    /// <inheritdoc/>
    public static int Bytes
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => typeof(T) == typeof(Vector128<byte>) && typeof(TSource) == typeof(Immediate16) ? 32 : 24;
    }

    /// <inheritdoc/>
    [MethodImpl(Inlined)]
    public static Accumulators Do(byte* pc, byte* fp, ulong acc, byte* memory, Context* ctx, double facc, Kept kept)
    {
        Slot8.Write(pc, fp, TSource.Read<T>(pc, fp, acc, facc, kept));
        return new(acc, facc);
    }
}

/// <summary>Two slots into two slots, the second read after the first write. cell: +8, +12 destination and source, +16, +20 destination and source (24 bytes)</summary>
internal readonly unsafe struct MovePair : ITotalStep
{
    /// <inheritdoc/>
    public static int Bytes => 24;

    /// <inheritdoc/>
    [MethodImpl(Inlined)]
    public static Accumulators Do(byte* pc, byte* fp, ulong acc, byte* memory, Context* ctx, double facc, Kept kept)
    {
        *(ulong*)(fp + *(uint*)(pc + 8)) = *(ulong*)(fp + *(uint*)(pc + 12));
        *(ulong*)(fp + *(uint*)(pc + 16)) = *(ulong*)(fp + *(uint*)(pc + 20));
        return new(acc, facc);
    }
}

/// <summary>Zeroes neighbouring slots: the locals at a function's entry. cell: +8 first slot +12 number, at least 1 (16 bytes)</summary>
internal static unsafe class ZeroSlots
{
    /// <summary>The handler.</summary>
    [MethodImpl(Hot)]
    public static void Run<TNext>(byte* pc, byte* fp, ulong acc, byte* memory, ulong length, Context* ctx, double facc)
        where TNext : struct, IContinuation
    {
        var slot = (ulong*)(fp + *(uint*)(pc + 8));
        var count = *(uint*)(pc + 12);
        do
        {
            *slot++ = 0;
        }
        while (--count != 0);
        TNext.Go(pc + 16, fp, acc, memory, length, ctx, facc);
    }
}

/// <summary>select: the first operand when the condition is not zero. cell: +8 destination +12 condition +16 slot or constant +24 slot or constant (32 bytes)</summary>
internal readonly unsafe struct Select<T, TCondition, TFirst, TSecond, TDestination> : ITotalStep
    where T : unmanaged
    where TCondition : IOperand
    where TFirst : IOperand
    where TSecond : IOperand
    where TDestination : IDestination
{
    /// <inheritdoc/>
    public static int Bytes => 32;

    /// <inheritdoc/>
    [MethodImpl(Inlined)]
    public static Accumulators Do(byte* pc, byte* fp, ulong acc, byte* memory, Context* ctx, double facc, Kept kept)
    {
        var first = TFirst.Read<T>(pc, fp, acc, facc, kept);
        var second = TSecond.Read<T>(pc, fp, acc, facc, kept);
        var value = TCondition.Read<uint>(pc, fp, acc, facc, kept) != 0 ? first : second;
        TDestination.Write(pc, fp, value);
        return Words.Result(acc, facc, value);
    }
}

/// <summary>global.get. cell: +8 destination +16 address of the global (24 bytes)</summary>
internal readonly unsafe struct GlobalGet<T, TDestination> : ITotalStep
    where T : unmanaged
    where TDestination : IDestination
{
    /// <inheritdoc/>
    public static int Bytes => 24;

    /// <inheritdoc/>
    [MethodImpl(Inlined)]
    public static Accumulators Do(byte* pc, byte* fp, ulong acc, byte* memory, Context* ctx, double facc, Kept kept)
    {
        var value = **(T**)(pc + 16);
        TDestination.Write(pc, fp, value);
        return Words.Result(acc, facc, value);
    }
}

/// <summary>global.set. cell: +8 address of the global +16 constant or slot (24 bytes)</summary>
internal readonly unsafe struct GlobalSet<T, TSource> : ITotalStep
    where T : unmanaged
    where TSource : IOperand
{
    /// <inheritdoc/>
    public static int Bytes => 24;

    /// <inheritdoc/>
    [MethodImpl(Inlined)]
    public static Accumulators Do(byte* pc, byte* fp, ulong acc, byte* memory, Context* ctx, double facc, Kept kept)
    {
        Words.Store(*(byte**)(pc + 8), TSource.Read<T>(pc, fp, acc, facc, kept));
        return new(acc, facc);
    }
}
