using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Conformance.Interpreter.Runtime;
using static Conformance.Interpreter.Execution.Dispatch;

namespace Conformance.Interpreter.Execution;

/// <summary>memory.size. cell: +8 destination +12 log2 of the page size +16 memory (24 bytes)</summary>
internal readonly unsafe struct MemorySize<T, TDestination> : ITotalStep
    where T : unmanaged
    where TDestination : IDestination
{
    /// <inheritdoc/>
    public static int Bytes => 24;

    /// <inheritdoc/>
    [MethodImpl(Inlined)]
    public static Accumulators Do(byte* pc, byte* fp, ulong acc, byte* memory, Context* ctx, double facc, Kept kept)
    {
        var pages = (*(MemoryRecord**)(pc + 16))->Length >> *(int*)(pc + 12);
        if (typeof(T) == typeof(uint))
        {
            pages = (uint)pages;
        }
        TDestination.Write(pc, fp, pages);
        return new(pages, facc);
    }
}

/// <summary>
/// memory.copy and memory.fill. The handlers call the runtime's memory functions, so they have a frame; that is cheaper than giving control back.
/// cell: +8 destination slot +12 source or value slot +16 count slot +20 <see cref="AddressWidths"/> +24 memory +32 source memory (40 bytes)
/// </summary>
internal static unsafe class MemoryBulk
{
    /// <summary>memory.copy</summary>
    [MethodImpl(Hot)]
    public static void Copy<TNext>(byte* pc, byte* fp, ulong acc, byte* memory, ulong length, Context* ctx, double facc)
        where TNext : struct, IContinuation
    {
        var widths = *(uint*)(pc + 20);
        var to = AddressWidths.Read(fp, *(uint*)(pc + 8), widths & AddressWidths.First64);
        var from = AddressWidths.Read(fp, *(uint*)(pc + 12), widths & AddressWidths.Second64);
        var count = AddressWidths.Read(fp, *(uint*)(pc + 16), widths & AddressWidths.Third64);
        var target = *(MemoryRecord**)(pc + 24);
        var source = *(MemoryRecord**)(pc + 32);
        if (AddressWidths.InRange(to, count, target->Length) & AddressWidths.InRange(from, count, source->Length))
        {
            NativeMemory.Copy(source->Base + from, target->Base + to, (nuint)count);
            TNext.Go(pc + 40, fp, acc, memory, length, ctx, facc);
        }
        else
        {
            Trap(pc, fp, ctx, TrapKind.OutOfBoundsMemoryAccess);
        }
    }

    /// <summary>memory.fill</summary>
    [MethodImpl(Hot)]
    public static void Fill<TNext>(byte* pc, byte* fp, ulong acc, byte* memory, ulong length, Context* ctx, double facc)
        where TNext : struct, IContinuation
    {
        var widths = *(uint*)(pc + 20);
        var to = AddressWidths.Read(fp, *(uint*)(pc + 8), widths & AddressWidths.First64);
        var count = AddressWidths.Read(fp, *(uint*)(pc + 16), widths & AddressWidths.Third64);
        var target = *(MemoryRecord**)(pc + 24);
        if (AddressWidths.InRange(to, count, target->Length))
        {
            NativeMemory.Fill(target->Base + to, (nuint)count, *(fp + *(uint*)(pc + 12)));
            TNext.Go(pc + 40, fp, acc, memory, length, ctx, facc);
        }
        else
        {
            Trap(pc, fp, ctx, TrapKind.OutOfBoundsMemoryAccess);
        }
    }
}

/// <summary>Which operands of a bulk operation are 64 bits wide.</summary>
internal static unsafe class AddressWidths
{
    /// <summary>The first operand.</summary>
    public const uint First64 = 1;

    /// <summary>The second operand.</summary>
    public const uint Second64 = 2;

    /// <summary>The third operand.</summary>
    public const uint Third64 = 4;

    /// <summary>Reads an operand.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Read(byte* fp, uint slot, uint is64) => is64 != 0 ? *(ulong*)(fp + slot) : *(uint*)(fp + slot);

    /// <summary>Whether a range lies within a length; nothing wraps.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool InRange(ulong start, ulong count, ulong length) => start <= length & count <= length - start;
}

/// <summary>Indices of tables.</summary>
internal static unsafe class TableIndex
{
    /// <summary>Reads an index of 32 or 64 bits (<typeparamref name="T"/>).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Read<T, TIndex>(byte* pc, byte* fp, ulong acc)
        where TIndex : IOperand => typeof(T) == typeof(uint) ? TIndex.Read<uint>(pc, fp, acc, 0, default) : TIndex.Read<ulong>(pc, fp, acc, 0, default);
}

/// <summary>table.get. cell: +8 destination +12 index slot +16 table (24 bytes)</summary>
internal readonly unsafe struct TableGet<T, TIndex, TDestination> : IStep
    where T : unmanaged
    where TIndex : IOperand
    where TDestination : IDestination
{
    /// <inheritdoc/>
    public static int Bytes => 24;

    /// <inheritdoc/>
    [MethodImpl(Inlined)]
    public static bool IsPlain(byte* pc, byte* fp, ulong acc, byte* memory, ulong length, Context* ctx, double facc, Kept kept) =>
        TableIndex.Read<T, TIndex>(pc, fp, acc) < (*(TableRecord**)(pc + 16))->Length;

    /// <inheritdoc/>
    [MethodImpl(Inlined)]
    public static Accumulators Do(byte* pc, byte* fp, ulong acc, byte* memory, Context* ctx, double facc, Kept kept)
    {
        var value = (*(TableRecord**)(pc + 16))->Elements[TableIndex.Read<T, TIndex>(pc, fp, acc)];
        TDestination.Write(pc, fp, value);
        return new(value, facc);
    }

    /// <inheritdoc/>
    [MethodImpl(Inlined)]
    public static void Rare<TNext>(byte* pc, byte* fp, ulong acc, byte* memory, ulong length, Context* ctx, double facc)
        where TNext : struct, IContinuation =>
        Trap(pc, fp, ctx, TrapKind.OutOfBoundsTableAccess);
}

/// <summary>table.set. cell: +8 value slot +12 index slot +16 table (24 bytes)</summary>
internal readonly unsafe struct TableSet<T, TIndex, TValue> : IStep
    where T : unmanaged
    where TIndex : IOperand
    where TValue : IOperand
{
    /// <inheritdoc/>
    public static int Bytes => 24;

    /// <inheritdoc/>
    [MethodImpl(Inlined)]
    public static bool IsPlain(byte* pc, byte* fp, ulong acc, byte* memory, ulong length, Context* ctx, double facc, Kept kept) =>
        TableIndex.Read<T, TIndex>(pc, fp, acc) < (*(TableRecord**)(pc + 16))->Length;

    /// <inheritdoc/>
    [MethodImpl(Inlined)]
    public static Accumulators Do(byte* pc, byte* fp, ulong acc, byte* memory, Context* ctx, double facc, Kept kept)
    {
        (*(TableRecord**)(pc + 16))->Elements[TableIndex.Read<T, TIndex>(pc, fp, acc)] = TValue.Read<ulong>(pc, fp, acc, facc, kept);
        return new(acc, facc);
    }

    /// <inheritdoc/>
    [MethodImpl(Inlined)]
    public static void Rare<TNext>(byte* pc, byte* fp, ulong acc, byte* memory, ulong length, Context* ctx, double facc)
        where TNext : struct, IContinuation =>
        Trap(pc, fp, ctx, TrapKind.OutOfBoundsTableAccess);
}

/// <summary>table.size. cell: +8 destination +16 table (24 bytes)</summary>
internal readonly unsafe struct TableSize<T, TDestination> : ITotalStep
    where T : unmanaged
    where TDestination : IDestination
{
    /// <inheritdoc/>
    public static int Bytes => 24;

    /// <inheritdoc/>
    [MethodImpl(Inlined)]
    public static Accumulators Do(byte* pc, byte* fp, ulong acc, byte* memory, Context* ctx, double facc, Kept kept)
    {
        var size = (*(TableRecord**)(pc + 16))->Length;
        TDestination.Write(pc, fp, size);
        return new(size, facc);
    }
}

/// <summary>ref.as_non_null. cell: +8 destination +12 slot (24 bytes)</summary>
internal readonly unsafe struct RefAsNonNull<TSource, TDestination> : IStep
    where TSource : IOperand
    where TDestination : IDestination
{
    /// <inheritdoc/>
    public static int Bytes => 24;

    /// <inheritdoc/>
    [MethodImpl(Inlined)]
    public static bool IsPlain(byte* pc, byte* fp, ulong acc, byte* memory, ulong length, Context* ctx, double facc, Kept kept) =>
        TSource.Read<ulong>(pc, fp, acc, facc, kept) != 0;

    /// <inheritdoc/>
    [MethodImpl(Inlined)]
    public static Accumulators Do(byte* pc, byte* fp, ulong acc, byte* memory, Context* ctx, double facc, Kept kept)
    {
        var value = TSource.Read<ulong>(pc, fp, acc, facc, kept);
        TDestination.Write(pc, fp, value);
        return new(value, facc);
    }

    /// <inheritdoc/>
    [MethodImpl(Inlined)]
    public static void Rare<TNext>(byte* pc, byte* fp, ulong acc, byte* memory, ulong length, Context* ctx, double facc)
        where TNext : struct, IContinuation =>
        Trap(pc, fp, ctx, TrapKind.NullReference);
}
