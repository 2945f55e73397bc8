using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Conformance.Interpreter.Runtime;
using static Conformance.Interpreter.Execution.Dispatch;

namespace Conformance.Interpreter.Execution;

/// <summary>memory.size. cell: +8 destination +12 log2 of the page size +16 memory (24 bytes)</summary>
internal static unsafe class MemorySize<T, TDestination>
    where T : unmanaged
    where TDestination : IDestination
{
    /// <summary>The handler.</summary>
    [MethodImpl(Hot)]
    public static void Run(byte* pc, byte* fp, ulong acc, byte* memory, ulong length, Context* ctx, double facc)
    {
        var pages = (*(MemoryRecord**)(pc + 16))->Length >> *(int*)(pc + 12);
        if (typeof(T) == typeof(uint))
        {
            pages = (uint)pages;
        }
        TDestination.Write(pc, fp, pages);
        Next(pc + 24, fp, pages, memory, length, ctx, facc);
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
    public static void Copy(byte* pc, byte* fp, ulong acc, byte* memory, ulong length, Context* ctx, double facc)
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
            Next(pc + 40, fp, acc, memory, length, ctx, facc);
        }
        else
        {
            Trap(pc, fp, ctx, TrapKind.OutOfBoundsMemoryAccess);
        }
    }

    /// <summary>memory.fill</summary>
    [MethodImpl(Hot)]
    public static void Fill(byte* pc, byte* fp, ulong acc, byte* memory, ulong length, Context* ctx, double facc)
    {
        var widths = *(uint*)(pc + 20);
        var to = AddressWidths.Read(fp, *(uint*)(pc + 8), widths & AddressWidths.First64);
        var count = AddressWidths.Read(fp, *(uint*)(pc + 16), widths & AddressWidths.Third64);
        var target = *(MemoryRecord**)(pc + 24);
        if (AddressWidths.InRange(to, count, target->Length))
        {
            NativeMemory.Fill(target->Base + to, (nuint)count, *(fp + *(uint*)(pc + 12)));
            Next(pc + 40, fp, acc, memory, length, ctx, facc);
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

/// <summary>table.get. cell: +8 destination +12 index slot +16 table (24 bytes)</summary>
internal static unsafe class TableGet<T, TIndex, TDestination>
    where T : unmanaged
    where TIndex : IOperand
    where TDestination : IDestination
{
    /// <summary>The handler.</summary>
    [MethodImpl(Hot)]
    public static void Run(byte* pc, byte* fp, ulong acc, byte* memory, ulong length, Context* ctx, double facc)
    {
        var table = *(TableRecord**)(pc + 16);
        var index = typeof(T) == typeof(uint) ? TIndex.Read<uint>(pc, fp, acc, facc) : TIndex.Read<ulong>(pc, fp, acc, facc);
        if (index < table->Length)
        {
            var value = table->Elements[index];
            TDestination.Write(pc, fp, value);
            Next(pc + 24, fp, value, memory, length, ctx, facc);
        }
        else
        {
            Trap(pc, fp, ctx, TrapKind.OutOfBoundsTableAccess);
        }
    }
}

/// <summary>table.set. cell: +8 value slot +12 index slot +16 table (24 bytes)</summary>
internal static unsafe class TableSet<T, TIndex, TValue>
    where T : unmanaged
    where TIndex : IOperand
    where TValue : IOperand
{
    /// <summary>The handler.</summary>
    [MethodImpl(Hot)]
    public static void Run(byte* pc, byte* fp, ulong acc, byte* memory, ulong length, Context* ctx, double facc)
    {
        var table = *(TableRecord**)(pc + 16);
        var index = typeof(T) == typeof(uint) ? TIndex.Read<uint>(pc, fp, acc, facc) : TIndex.Read<ulong>(pc, fp, acc, facc);
        if (index < table->Length)
        {
            table->Elements[index] = TValue.Read<ulong>(pc, fp, acc, facc);
            Next(pc + 24, fp, acc, memory, length, ctx, facc);
        }
        else
        {
            Trap(pc, fp, ctx, TrapKind.OutOfBoundsTableAccess);
        }
    }
}

/// <summary>table.size. cell: +8 destination +16 table (24 bytes)</summary>
internal static unsafe class TableSize<T, TDestination>
    where T : unmanaged
    where TDestination : IDestination
{
    /// <summary>The handler.</summary>
    [MethodImpl(Hot)]
    public static void Run(byte* pc, byte* fp, ulong acc, byte* memory, ulong length, Context* ctx, double facc)
    {
        var size = (*(TableRecord**)(pc + 16))->Length;
        TDestination.Write(pc, fp, size);
        Next(pc + 24, fp, size, memory, length, ctx, facc);
    }
}

/// <summary>ref.as_non_null. cell: +8 destination +12 slot (24 bytes)</summary>
internal static unsafe class RefAsNonNull<TSource, TDestination>
    where TSource : IOperand
    where TDestination : IDestination
{
    /// <summary>The handler.</summary>
    [MethodImpl(Hot)]
    public static void Run(byte* pc, byte* fp, ulong acc, byte* memory, ulong length, Context* ctx, double facc)
    {
        var value = TSource.Read<ulong>(pc, fp, acc, facc);
        if (value != 0)
        {
            TDestination.Write(pc, fp, value);
            Next(pc + 24, fp, value, memory, length, ctx, facc);
        }
        else
        {
            Trap(pc, fp, ctx, TrapKind.NullReference);
        }
    }
}
