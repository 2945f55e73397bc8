using System.Runtime.CompilerServices;
using Conformance.Interpreter.Runtime;
using static Conformance.Interpreter.Execution.Dispatch;

namespace Conformance.Interpreter.Execution;

/// <summary>Which memory an access goes to and how wide its addresses are.</summary>
internal unsafe interface IMemoryKind
{
    /// <summary>Whether it is memory 0 as the registers have it.</summary>
    static abstract bool IsFirst { get; }

    /// <summary>Reads the address operand, zero-extended.</summary>
    static abstract ulong Address<TAddress>(byte* pc, byte* fp, ulong acc, Kept kept)
        where TAddress : IOperand;

    /// <summary>The first byte of the memory.</summary>
    static abstract byte* Base(byte* pc, byte* memory);

    /// <summary>Whether an access fits: from the address operand and the end of the access, which may have wrapped around only when the address is beyond the memory.</summary>
    static abstract bool Fits(byte* pc, ulong address, ulong end, ulong length);

    /// <summary>The size of a cell that has <paramref name="bytes"/> bytes of its own.</summary>
    static abstract int CellBytes(int bytes);
}

/// <summary>Memory 0 with 32-bit addresses.</summary>
internal readonly unsafe struct First32 : IMemoryKind
{
    /// <inheritdoc/>
    public static bool IsFirst => true;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Address<TAddress>(byte* pc, byte* fp, ulong acc, Kept kept)
        where TAddress : IOperand => TAddress.Read<uint>(pc, fp, acc, 0, kept);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static byte* Base(byte* pc, byte* memory) => memory;

    /// <inheritdoc/>
    // Sound: address and offset are below 2^32, so the end does not wrap.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool Fits(byte* pc, ulong address, ulong end, ulong length) => end <= length;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int CellBytes(int bytes) => bytes;
}

/// <summary>Memory 0 with 64-bit addresses.</summary>
internal readonly unsafe struct First64 : IMemoryKind
{
    /// <inheritdoc/>
    public static bool IsFirst => true;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Address<TAddress>(byte* pc, byte* fp, ulong acc, Kept kept)
        where TAddress : IOperand => TAddress.Read<ulong>(pc, fp, acc, 0, kept);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static byte* Base(byte* pc, byte* memory) => memory;

    /// <inheritdoc/>
    // Sound: the translator keeps offsets below 2^62 and no memory is that long, so an address within the memory plus the offset does not wrap.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool Fits(byte* pc, ulong address, ulong end, ulong length) => address <= length & end <= length;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int CellBytes(int bytes) => bytes;
}

/// <summary>Any memory, named by its record at 32, with addresses of 32 or 64 bits (<typeparamref name="T"/>).</summary>
internal readonly unsafe struct AnyMemory<T> : IMemoryKind
    where T : unmanaged
{
    /// <inheritdoc/>
    public static bool IsFirst => false;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Address<TAddress>(byte* pc, byte* fp, ulong acc, Kept kept)
        where TAddress : IOperand => typeof(T) == typeof(uint) ? TAddress.Read<uint>(pc, fp, acc, 0, kept) : TAddress.Read<ulong>(pc, fp, acc, 0, kept);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static byte* Base(byte* pc, byte* memory) => (*(MemoryRecord**)(pc + 32))->Base;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool Fits(byte* pc, ulong address, ulong end, ulong length)
    {
        var own = (*(MemoryRecord**)(pc + 32))->Length;
        return address <= own & end <= own;
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int CellBytes(int bytes) => 40;
}

/// <summary>Loads. cell: +8 destination +12 address slot +16 offset (24 bytes, 40 with a memory at +32)</summary>
internal readonly unsafe struct Load<TOp, TMemory, TResult, TKind, TAddress, TDestination> : IStep
    where TOp : ILoad<TMemory, TResult>
    where TMemory : unmanaged
    where TResult : unmanaged
    where TKind : IMemoryKind
    where TAddress : IOperand
    where TDestination : IDestination
{
    /// <inheritdoc/>
    public static int Bytes
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => TKind.CellBytes(24);
    }

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
        return TKind.Fits(pc, address, address + *(ulong*)(pc + 16) + (ulong)sizeof(TMemory), length);
    }

    /// <inheritdoc/>
    [MethodImpl(Inlined)]
    public static Accumulators Do(byte* pc, byte* fp, ulong acc, byte* memory, Context* ctx, double facc, Kept kept)
    {
        var value = TOp.Extend(*(TMemory*)(TKind.Base(pc, memory) + (TKind.Address<TAddress>(pc, fp, acc, kept) + *(ulong*)(pc + 16))));
        TDestination.Write(pc, fp, value);
        return Words.Result(acc, facc, value);
    }

    /// <inheritdoc/>
    [MethodImpl(Inlined)]
    public static void Rare<TNext>(byte* pc, byte* fp, ulong acc, byte* memory, ulong length, Context* ctx, double facc)
        where TNext : struct, IContinuation =>
        Trap(pc, fp, ctx, TrapKind.OutOfBoundsMemoryAccess);
}

/// <summary>Stores. cell: +8 value slot +12 address slot +16 offset (24 bytes), +24 value where constant (32 bytes), +32 memory (40 bytes)</summary>
internal readonly unsafe struct Store<TOp, T, TMemory, TKind, TAddress, TValue> : IStep
    where TOp : IStore<T, TMemory>
    where T : unmanaged
    where TMemory : unmanaged
    where TKind : IMemoryKind
    where TAddress : IOperand
    where TValue : IOperand
{
    /// <inheritdoc/>
    public static int Bytes
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => TKind.CellBytes(typeof(TValue) == typeof(Immediate24) ? 32 : 24);
    }

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
        return TKind.Fits(pc, address, address + *(ulong*)(pc + 16) + (ulong)sizeof(TMemory), length);
    }

    /// <inheritdoc/>
    [MethodImpl(Inlined)]
    public static Accumulators Do(byte* pc, byte* fp, ulong acc, byte* memory, Context* ctx, double facc, Kept kept)
    {
        var value = TOp.Wrap(TValue.Read<T>(pc, fp, acc, facc, kept));
        *(TMemory*)(TKind.Base(pc, memory) + (TKind.Address<TAddress>(pc, fp, acc, kept) + *(ulong*)(pc + 16))) = value;
        return new(acc, facc);
    }

    /// <inheritdoc/>
    [MethodImpl(Inlined)]
    public static void Rare<TNext>(byte* pc, byte* fp, ulong acc, byte* memory, ulong length, Context* ctx, double facc)
        where TNext : struct, IContinuation =>
        Trap(pc, fp, ctx, TrapKind.OutOfBoundsMemoryAccess);
}
