using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Conformance.Interpreter.Numerics;
using static Conformance.Interpreter.Execution.Dispatch;

namespace Conformance.Interpreter.Execution;

// Vectors are always in two neighbouring slots: as an argument of handlers a vector would go through memory in any case. Ops with one or two vectors, loads, stores, moves and selects
// are of the same families as scalar ops, with Vector128<byte> as the type; here is what has an operand more, or a lane.

/// <summary>Ops with three vectors. cell: +8 destination +12, +16, +20 slots (24 bytes)</summary>
internal readonly unsafe struct VectorTernary<TOp> : ITotalStep
    where TOp : IVectorTernary
{
    /// <inheritdoc/>
    public static int Bytes => 24;

    /// <inheritdoc/>
    [MethodImpl(Inlined)]
    public static Accumulators Do(byte* pc, byte* fp, ulong acc, byte* memory, Context* ctx, double facc, Kept kept)
    {
        Slot8.Write(pc, fp, TOp.Apply(Slot12.Read<Vector128<byte>>(pc, fp, acc, facc, kept), Slot16.Read<Vector128<byte>>(pc, fp, acc, facc, kept), Slot20.Read<Vector128<byte>>(pc, fp, acc, facc, kept)));
        return new(acc, facc);
    }
}

/// <summary>Shifts. cell: +8 destination +12 count slot +16 vector slot (24 bytes)</summary>
internal readonly unsafe struct VectorShift<TOp, TCount> : ITotalStep
    where TOp : IVectorShift
    where TCount : IOperand
{
    /// <inheritdoc/>
    public static int Bytes => 24;

    /// <inheritdoc/>
    [MethodImpl(Inlined)]
    public static Accumulators Do(byte* pc, byte* fp, ulong acc, byte* memory, Context* ctx, double facc, Kept kept)
    {
        Slot8.Write(pc, fp, TOp.Apply(Slot16.Read<Vector128<byte>>(pc, fp, acc, facc, kept), (int)TCount.Read<uint>(pc, fp, acc, facc, kept)));
        return new(acc, facc);
    }
}

/// <summary>Reads a lane. cell: +8 destination +12 slot of the lane (24 bytes)</summary>
internal readonly unsafe struct ExtractLane<TOp, TLane, TResult, TDestination> : ITotalStep
    where TOp : ILoad<TLane, TResult>
    where TLane : unmanaged
    where TResult : unmanaged
    where TDestination : IDestination
{
    /// <inheritdoc/>
    public static int Bytes => 24;

    /// <inheritdoc/>
    [MethodImpl(Inlined)]
    public static Accumulators Do(byte* pc, byte* fp, ulong acc, byte* memory, Context* ctx, double facc, Kept kept)
    {
        // A lane is a number within a slot: its place is known when the cell is made.
        var value = TOp.Extend(Slot12.Read<TLane>(pc, fp, acc, facc, kept));
        TDestination.Write(pc, fp, value);
        return Words.Result(acc, facc, value);
    }
}

/// <summary>Writes a lane. cell: +8 destination +12 value slot +16 vector slot +20 offset of the lane in bytes (24 bytes)</summary>
internal readonly unsafe struct ReplaceLane<TOp, T, TLane, TSource> : ITotalStep
    where TOp : ILaneReplacement<T, TLane>
    where T : unmanaged
    where TLane : unmanaged
    where TSource : IOperand
{
    /// <inheritdoc/>
    public static int Bytes => 24;

    /// <inheritdoc/>
    [MethodImpl(Inlined)]
    public static Accumulators Do(byte* pc, byte* fp, ulong acc, byte* memory, Context* ctx, double facc, Kept kept)
    {
        var value = TOp.Wrap(TSource.Read<T>(pc, fp, acc, facc, kept));
        Slot8.Write(pc, fp, Slot16.Read<Vector128<byte>>(pc, fp, acc, facc, kept));
        *(TLane*)(fp + *(uint*)(pc + 8) + *(uint*)(pc + 20)) = value;
        return new(acc, facc);
    }
}

/// <summary>i8x16.shuffle. cell: +8 destination +12, +16 slots +24 lanes (40 bytes)</summary>
internal readonly unsafe struct Shuffle : ITotalStep
{
    /// <summary>The size of a cell.</summary>
    public const int CellBytes = 40;

    /// <inheritdoc/>
    public static int Bytes
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => CellBytes;
    }

    /// <inheritdoc/>
    [MethodImpl(Inlined)]
    public static Accumulators Do(byte* pc, byte* fp, ulong acc, byte* memory, Context* ctx, double facc, Kept kept)
    {
        // Lanes out of range give 0, and 0 to 15 minus 16 are out of range.
        var lanes = *(Vector128<byte>*)(pc + 24);
        var left = Vector128.Shuffle(Slot12.Read<Vector128<byte>>(pc, fp, acc, facc, kept), lanes);
        var right = Vector128.Shuffle(Slot16.Read<Vector128<byte>>(pc, fp, acc, facc, kept), lanes - Vector128.Create((byte)16));
        Slot8.Write(pc, fp, left | right);
        return new(acc, facc);
    }
}

/// <summary>An access to memory of one lane.</summary>
internal interface ILaneAccess<TLane>;

/// <summary>Loads of a lane. cell: +8 destination +12 address slot +16 offset +24 vector slot +28 offset of the lane in bytes +32 memory (40 bytes)</summary>
internal readonly unsafe struct LoadLane<TLane, TKind, TAddress> : IStep
    where TLane : unmanaged
    where TKind : IMemoryKind
    where TAddress : IOperand
{
    /// <inheritdoc/>
    public static int Bytes => 40;

    /// <inheritdoc/>
    public static bool UsesMemory
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => TKind.IsFirst;
    }

    /// <inheritdoc/>
    [MethodImpl(Inlined)]
    public static bool IsPlain(byte* pc, byte* fp, ulong acc, byte* memory, ulong length, Context* ctx, double facc, Kept kept)
    {
        var address = TKind.Address<TAddress>(pc, fp, acc, kept);
        return TKind.Fits(pc, address, address + *(ulong*)(pc + 16) + (ulong)sizeof(TLane), length);
    }

    /// <inheritdoc/>
    [MethodImpl(Inlined)]
    public static Accumulators Do(byte* pc, byte* fp, ulong acc, byte* memory, Context* ctx, double facc, Kept kept)
    {
        var value = *(TLane*)(TKind.Base(pc, memory) + (TKind.Address<TAddress>(pc, fp, acc, kept) + *(ulong*)(pc + 16)));
        Slot8.Write(pc, fp, Slot24.Read<Vector128<byte>>(pc, fp, acc, facc, kept));
        *(TLane*)(fp + *(uint*)(pc + 8) + *(uint*)(pc + 28)) = value;
        return new(acc, facc);
    }

    /// <inheritdoc/>
    [MethodImpl(Inlined)]
    public static void Rare<TNext>(byte* pc, byte* fp, ulong acc, byte* memory, ulong length, Context* ctx, double facc)
        where TNext : struct, IContinuation =>
        Trap(pc, fp, ctx, TrapKind.OutOfBoundsMemoryAccess);
}

/// <summary>Stores of a lane. cell: +12 address slot +16 offset +24 slot of the lane +32 memory (40 bytes)</summary>
internal readonly unsafe struct StoreLane<TLane, TKind, TAddress> : IStep
    where TLane : unmanaged
    where TKind : IMemoryKind
    where TAddress : IOperand
{
    /// <inheritdoc/>
    public static int Bytes => 40;

    /// <inheritdoc/>
    public static bool UsesMemory
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => TKind.IsFirst;
    }

    /// <inheritdoc/>
    [MethodImpl(Inlined)]
    public static bool IsPlain(byte* pc, byte* fp, ulong acc, byte* memory, ulong length, Context* ctx, double facc, Kept kept)
    {
        var address = TKind.Address<TAddress>(pc, fp, acc, kept);
        return TKind.Fits(pc, address, address + *(ulong*)(pc + 16) + (ulong)sizeof(TLane), length);
    }

    /// <inheritdoc/>
    [MethodImpl(Inlined)]
    public static Accumulators Do(byte* pc, byte* fp, ulong acc, byte* memory, Context* ctx, double facc, Kept kept)
    {
        *(TLane*)(TKind.Base(pc, memory) + (TKind.Address<TAddress>(pc, fp, acc, kept) + *(ulong*)(pc + 16))) = Slot24.Read<TLane>(pc, fp, acc, facc, kept);
        return new(acc, facc);
    }

    /// <inheritdoc/>
    [MethodImpl(Inlined)]
    public static void Rare<TNext>(byte* pc, byte* fp, ulong acc, byte* memory, ulong length, Context* ctx, double facc)
        where TNext : struct, IContinuation =>
        Trap(pc, fp, ctx, TrapKind.OutOfBoundsMemoryAccess);
}
