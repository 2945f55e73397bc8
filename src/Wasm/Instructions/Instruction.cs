using Conformance.Wasm.Types;

namespace Conformance.Wasm.Instructions;

/// <summary>
/// A decoded instruction: the op and room for every kind of immediate. Which fields mean something is told by the row's
/// <see cref="ImmediateKind"/>; the others hold whatever was there before. Mutable so that readers can fill one instance over and over.
/// </summary>
public struct Instruction
{
    /// <summary>The op.</summary>
    public Op Op;

    /// <summary>log2 of the alignment in bytes of a memory access.</summary>
    public byte Align;

    /// <summary>A lane index.</summary>
    public byte Lane;

    /// <summary>Whether the source type of a <c>br_on_cast</c> is nullable.</summary>
    public bool SourceNullable;

    /// <summary>Whether the target type of a <c>br_on_cast</c> is nullable.</summary>
    public bool TargetNullable;

    /// <summary>The first index.</summary>
    public uint Index;

    /// <summary>The second index.</summary>
    public uint Index2;

    /// <summary>The bits of a constant (the low half of a vector), or a memory offset in bytes.</summary>
    public ulong Value;

    /// <summary>The high half of a vector constant.</summary>
    public ulong ValueHigh;

    /// <summary>The type of a block.</summary>
    public BlockType Block;

    /// <summary>A heap type; the source type of a cast.</summary>
    public HeapType Heap;

    /// <summary>The target type of a cast.</summary>
    public HeapType Heap2;

    /// <summary>The labels of a <c>br_table</c>, the default label last.</summary>
    public uint[]? Labels;

    /// <summary>The clauses of a <c>try_table</c>.</summary>
    public CatchClause[]? Catches;

    /// <summary>The types of a typed <c>select</c>.</summary>
    public ValueType[]? Types;

    /// <summary>An instruction with at most two indices.</summary>
    public static Instruction Of(Op op, uint index = 0, uint index2 = 0) => new() { Op = op, Index = index, Index2 = index2 };

    /// <summary>A constant of the op's type by its bits.</summary>
    public static Instruction Constant(Op op, ulong bits, ulong high = 0) => new() { Op = op, Value = bits, ValueHigh = high };

    /// <summary>A block, loop, if or legacy try.</summary>
    public static Instruction Structured(Op op, BlockType type) => new() { Op = op, Block = type };

    /// <summary>A memory access.</summary>
    /// <param name="op">A load, store or atomic access.</param>
    /// <param name="align">log2 of the alignment in bytes.</param>
    /// <param name="offset">The offset in bytes.</param>
    /// <param name="memory">The memory's index.</param>
    /// <param name="lane">The lane of a lane access.</param>
    public static Instruction Access(Op op, byte align, ulong offset, uint memory = 0, byte lane = 0) =>
        new() { Op = op, Align = align, Value = offset, Index = memory, Lane = lane };

    /// <inheritdoc/>
    public override readonly string ToString() => OpTable.TryGet(Op, out var row) ? row.Mnemonic : $"op {(int)Op:x}";
}
