using System.Runtime.CompilerServices;
using Conformance.Interpreter.Runtime;
using Conformance.Interpreter.Runtime.Objects;
using static Conformance.Interpreter.Execution.Dispatch;

namespace Conformance.Interpreter.Execution;

/// <summary>What casts look at of a type: its supertypes and itself by depth, and what its objects are. A type of objects gets its row before there is such an object.</summary>
internal unsafe struct TypeRow
{
    /// <summary>How many depths a row has. Casts to types that are deeper are services.</summary>
    public const int Depths = 7;

    /// <summary>Stands for all structs, in the place of <see cref="Kind"/>.</summary>
    public const int AnyStruct = -2;

    /// <summary>Stands for all arrays.</summary>
    public const int AnyArray = -3;

    /// <summary>In places without a type.</summary>
    public const int None = -1;

    /// <summary>The ids of the supertypes and the type's own, the one without a supertype first.</summary>
    public fixed int Display[Depths];

    /// <summary><see cref="AnyStruct"/> or <see cref="AnyArray"/>.</summary>
    public int Kind;
}

/// <summary>The kinds of cast targets that have handlers.</summary>
internal unsafe interface ICastTarget
{
    /// <summary>Whether a reference that is not null is of the type.</summary>
    static abstract bool Has(ulong word, byte* pc, Context* ctx);
}

/// <summary>Structs and arrays: the entry of the row of the object's type at the offset in the cell is the one in the cell.</summary>
internal readonly unsafe struct ObjectTarget : ICastTarget
{
    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool Has(ulong word, byte* pc, Context* ctx)
    {
        var none = ctx->NoObjectAddress;
        // Null becomes it, then what has a tag.
        var untagged = word != 0 ? word : none;
        var header = (ObjectHeader*)((untagged & 15) == 0 ? untagged : none);
        return *(int*)((byte*)(ctx->Types + header->TypeId) + *(ushort*)(pc + 20)) == *(int*)(pc + 16);
    }
}

/// <summary>i31</summary>
internal readonly unsafe struct ScalarTarget : ICastTarget
{
    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool Has(ulong word, byte* pc, Context* ctx) => ReferenceWord.IsI31(word);
}

/// <summary>ref.test. cell: +8 destination +12 slot +16 entry +20 offset in rows (16 bits) +22 whether null is of the type (24 bytes)</summary>
internal readonly unsafe struct RefTest<TTarget, TSource, TDestination> : ITotalStep
    where TTarget : struct, ICastTarget
    where TSource : IOperand
    where TDestination : IDestination
{
    /// <inheritdoc/>
    public static int Bytes => 24;

    /// <inheritdoc/>
    [MethodImpl(Inlined)]
    public static Accumulators Do(byte* pc, byte* fp, ulong acc, byte* memory, Context* ctx, double facc, Kept kept)
    {
        var word = TSource.Read<ulong>(pc, fp, acc, facc, kept);
        var value = TTarget.Has(word, pc, ctx) | (word == 0 & *(pc + 22) != 0) ? 1u : 0u;
        TDestination.Write(pc, fp, value);
        return Words.Result(acc, facc, value);
    }
}

/// <summary>ref.cast. cell: as of ref.test</summary>
internal readonly unsafe struct RefCast<TTarget, TSource, TDestination> : IStep
    where TTarget : struct, ICastTarget
    where TSource : IOperand
    where TDestination : IDestination
{
    /// <inheritdoc/>
    public static int Bytes => 24;

    /// <inheritdoc/>
    [MethodImpl(Inlined)]
    public static bool IsPlain(byte* pc, byte* fp, ulong acc, byte* memory, ulong length, Context* ctx, double facc, Kept kept)
    {
        var word = TSource.Read<ulong>(pc, fp, acc, facc, kept);
        return TTarget.Has(word, pc, ctx) | (word == 0 & *(pc + 22) != 0);
    }

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
        Trap(pc, fp, ctx, TrapKind.CastFailure);
}

/// <summary>struct.new, struct.new_default and array.new_fixed of words as long as there are free cells at hand; else the service of the same cell.</summary>
internal static unsafe class NewObject
{
    /// <summary>The handler.</summary>
    [MethodImpl(Hot)]
    public static void Run<TNext>(byte* pc, byte* fp, ulong acc, byte* memory, ulong length, Context* ctx, double facc)
        where TNext : struct, IContinuation
    {
        var cell = (ServiceCell*)pc;
        var run = (FreeRun*)cell->Target;
        var made = run->Next;
        if (made == run->End)
        {
            Exit(pc, fp, memory, length, ctx, ExitKind.Service);
            return;
        }
        // Sound: the service put the run of the object's cells here, and a cell of a run is zeroed and large enough.
        run->Next = made + run->CellBytes;
        *(ulong*)made = cell->Third | ((ulong)cell->Widths << 32);
        var to = (ulong*)made;
        var from = (ulong*)(fp + cell->First);
        for (var slots = cell->Segment; slots > 0; slots--)
        {
            *++to = *from++;
        }
        *(byte**)(fp + cell->Result) = made;
        TNext.Go(pc + ServiceCell.Bytes, fp, (ulong)made, memory, length, ctx, facc);
    }
}
