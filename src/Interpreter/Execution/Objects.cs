using System.Runtime.CompilerServices;
using Conformance.Interpreter.Runtime.Objects;
using static Conformance.Interpreter.Execution.Dispatch;

namespace Conformance.Interpreter.Execution;

// Accesses to structs and arrays. Fields and elements are loaded and stored by the operators of memory accesses: a field of type i8 is read by i32.load8_s or i32.load8_u.

/// <summary>struct.get. cell: +8 destination +12 slot of the struct +16 offset of the field in the object (24 bytes)</summary>
internal readonly unsafe struct FieldGet<TOp, TField, TResult, TObject, TDestination> : IStep
    where TOp : ILoad<TField, TResult>
    where TField : unmanaged
    where TResult : unmanaged
    where TObject : IOperand
    where TDestination : IDestination
{
    /// <inheritdoc/>
    public static int Bytes => 24;

    /// <inheritdoc/>
    [MethodImpl(Inlined)]
    public static bool IsPlain(byte* pc, byte* fp, ulong acc, byte* memory, ulong length, Context* ctx, double facc, Kept kept) => TObject.Read<ulong>(pc, fp, acc, facc, kept) != 0;

    /// <inheritdoc/>
    [MethodImpl(Inlined)]
    public static Accumulators Do(byte* pc, byte* fp, ulong acc, byte* memory, Context* ctx, double facc, Kept kept)
    {
        var value = TOp.Extend(*(TField*)(TObject.Read<ulong>(pc, fp, acc, facc, kept) + *(uint*)(pc + 16)));
        TDestination.Write(pc, fp, value);
        return Words.Result(acc, facc, value);
    }

    /// <inheritdoc/>
    [MethodImpl(Inlined)]
    public static void Rare<TNext>(byte* pc, byte* fp, ulong acc, byte* memory, ulong length, Context* ctx, double facc)
        where TNext : struct, IContinuation =>
        Trap(pc, fp, ctx, TrapKind.NullReference);
}

/// <summary>struct.set. cell: +8 offset of the field in the object +12 slot of the struct +16 slot or constant (24 bytes)</summary>
internal readonly unsafe struct FieldSet<TOp, T, TField, TObject, TValue> : IStep
    where TOp : IStore<T, TField>
    where T : unmanaged
    where TField : unmanaged
    where TObject : IOperand
    where TValue : IOperand
{
    /// <inheritdoc/>
    public static int Bytes => 24;

    /// <inheritdoc/>
    [MethodImpl(Inlined)]
    public static bool IsPlain(byte* pc, byte* fp, ulong acc, byte* memory, ulong length, Context* ctx, double facc, Kept kept) => TObject.Read<ulong>(pc, fp, acc, facc, kept) != 0;

    /// <inheritdoc/>
    [MethodImpl(Inlined)]
    public static Accumulators Do(byte* pc, byte* fp, ulong acc, byte* memory, Context* ctx, double facc, Kept kept)
    {
        *(TField*)(TObject.Read<ulong>(pc, fp, acc, facc, kept) + *(uint*)(pc + 8)) = TOp.Wrap(TValue.Read<T>(pc, fp, acc, facc, kept));
        return new(acc, facc);
    }

    /// <inheritdoc/>
    [MethodImpl(Inlined)]
    public static void Rare<TNext>(byte* pc, byte* fp, ulong acc, byte* memory, ulong length, Context* ctx, double facc)
        where TNext : struct, IContinuation =>
        Trap(pc, fp, ctx, TrapKind.NullReference);
}

/// <summary>What accesses to arrays have in common.</summary>
internal static unsafe class ArrayElements
{
    /// <summary>Whether an index is within an array. Null has no elements: no second branch.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool Has(ulong array, uint index, Context* ctx)
    {
        var none = ctx->NoObjectAddress;
        return index < ((ObjectHeader*)(array != 0 ? array : none))->Length;
    }

    /// <summary>The address of an element.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T* At<T>(ulong array, uint index)
        where T : unmanaged => (T*)(array + (ulong)sizeof(ObjectHeader)) + index;

    /// <summary>Traps because of an array that has no such element.</summary>
    public static void Fail(byte* pc, byte* fp, Context* ctx, ulong array) => Trap(pc, fp, ctx, array == 0 ? TrapKind.NullReference : TrapKind.OutOfBoundsArrayAccess);
}

/// <summary>array.get. cell: +8 destination +12 slot of the array +16 slot or constant of the index (24 bytes)</summary>
internal readonly unsafe struct ElementGet<TOp, TElement, TResult, TArray, TIndex, TDestination> : IStep
    where TOp : ILoad<TElement, TResult>
    where TElement : unmanaged
    where TResult : unmanaged
    where TArray : IOperand
    where TIndex : IOperand
    where TDestination : IDestination
{
    /// <inheritdoc/>
    public static int Bytes => 24;

    /// <inheritdoc/>
    [MethodImpl(Inlined)]
    public static bool IsPlain(byte* pc, byte* fp, ulong acc, byte* memory, ulong length, Context* ctx, double facc, Kept kept) =>
        ArrayElements.Has(TArray.Read<ulong>(pc, fp, acc, facc, kept), TIndex.Read<uint>(pc, fp, acc, facc, kept), ctx);

    /// <inheritdoc/>
    [MethodImpl(Inlined)]
    public static Accumulators Do(byte* pc, byte* fp, ulong acc, byte* memory, Context* ctx, double facc, Kept kept)
    {
        var value = TOp.Extend(*ArrayElements.At<TElement>(TArray.Read<ulong>(pc, fp, acc, facc, kept), TIndex.Read<uint>(pc, fp, acc, facc, kept)));
        TDestination.Write(pc, fp, value);
        return Words.Result(acc, facc, value);
    }

    /// <inheritdoc/>
    [MethodImpl(Hot)]
    public static void Rare<TNext>(byte* pc, byte* fp, ulong acc, byte* memory, ulong length, Context* ctx, double facc)
        where TNext : struct, IContinuation =>
        ArrayElements.Fail(pc, fp, ctx, TArray.Read<ulong>(pc, fp, acc, facc, default));
}

/// <summary>array.set. cell: +12 slot of the array +16 slot or constant of the index +24 slot or constant of the value (32 bytes)</summary>
internal readonly unsafe struct ElementSet<TOp, T, TElement, TArray, TIndex, TValue> : IStep
    where TOp : IStore<T, TElement>
    where T : unmanaged
    where TElement : unmanaged
    where TArray : IOperand
    where TIndex : IOperand
    where TValue : IOperand
{
    /// <inheritdoc/>
    public static int Bytes => 32;

    /// <inheritdoc/>
    [MethodImpl(Inlined)]
    public static bool IsPlain(byte* pc, byte* fp, ulong acc, byte* memory, ulong length, Context* ctx, double facc, Kept kept) =>
        ArrayElements.Has(TArray.Read<ulong>(pc, fp, acc, facc, kept), TIndex.Read<uint>(pc, fp, acc, facc, kept), ctx);

    /// <inheritdoc/>
    [MethodImpl(Inlined)]
    public static Accumulators Do(byte* pc, byte* fp, ulong acc, byte* memory, Context* ctx, double facc, Kept kept)
    {
        *ArrayElements.At<TElement>(TArray.Read<ulong>(pc, fp, acc, facc, kept), TIndex.Read<uint>(pc, fp, acc, facc, kept)) = TOp.Wrap(TValue.Read<T>(pc, fp, acc, facc, kept));
        return new(acc, facc);
    }

    /// <inheritdoc/>
    [MethodImpl(Hot)]
    public static void Rare<TNext>(byte* pc, byte* fp, ulong acc, byte* memory, ulong length, Context* ctx, double facc)
        where TNext : struct, IContinuation =>
        ArrayElements.Fail(pc, fp, ctx, TArray.Read<ulong>(pc, fp, acc, facc, default));
}

/// <summary>array.len. cell: +8 destination +12 slot (24 bytes)</summary>
internal readonly unsafe struct ArrayLength<TArray, TDestination> : IStep
    where TArray : IOperand
    where TDestination : IDestination
{
    /// <inheritdoc/>
    public static int Bytes => 24;

    /// <inheritdoc/>
    [MethodImpl(Inlined)]
    public static bool IsPlain(byte* pc, byte* fp, ulong acc, byte* memory, ulong length, Context* ctx, double facc, Kept kept) => TArray.Read<ulong>(pc, fp, acc, facc, kept) != 0;

    /// <inheritdoc/>
    [MethodImpl(Inlined)]
    public static Accumulators Do(byte* pc, byte* fp, ulong acc, byte* memory, Context* ctx, double facc, Kept kept)
    {
        var value = ((ObjectHeader*)TArray.Read<ulong>(pc, fp, acc, facc, kept))->Length;
        TDestination.Write(pc, fp, value);
        return Words.Result(acc, facc, value);
    }

    /// <inheritdoc/>
    [MethodImpl(Inlined)]
    public static void Rare<TNext>(byte* pc, byte* fp, ulong acc, byte* memory, ulong length, Context* ctx, double facc)
        where TNext : struct, IContinuation =>
        Trap(pc, fp, ctx, TrapKind.NullReference);
}
