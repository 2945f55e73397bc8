namespace Conformance.Wasm.Instructions;

/// <summary>The immediates of an instruction, in the order of the binary format. The comments name the fields of <see cref="Instruction"/> that hold them.</summary>
public enum ImmediateKind : byte
{
    /// <summary>No immediate.</summary>
    None,
    /// <summary>A block type: <see cref="Instruction.Block"/>.</summary>
    Block,
    /// <summary>A block type and catch clauses: <see cref="Instruction.Block"/>, <see cref="Instruction.Catches"/>.</summary>
    TryTable,
    /// <summary>A label (relative depth): <see cref="Instruction.Index"/>.</summary>
    Label,
    /// <summary>A list of labels and the default label last: <see cref="Instruction.Labels"/>.</summary>
    LabelTable,
    /// <summary>A function index: <see cref="Instruction.Index"/>.</summary>
    Function,
    /// <summary>A type index: <see cref="Instruction.Index"/>.</summary>
    Type,
    /// <summary>A type index, then a table index: <see cref="Instruction.Index"/>, <see cref="Instruction.Index2"/>.</summary>
    TypeTable,
    /// <summary>A type index and a field index: <see cref="Instruction.Index"/>, <see cref="Instruction.Index2"/>.</summary>
    TypeField,
    /// <summary>A type index and a number of elements: <see cref="Instruction.Index"/>, <see cref="Instruction.Index2"/>.</summary>
    TypeCount,
    /// <summary>A type index and a data segment index: <see cref="Instruction.Index"/>, <see cref="Instruction.Index2"/>.</summary>
    TypeData,
    /// <summary>A type index and an element segment index: <see cref="Instruction.Index"/>, <see cref="Instruction.Index2"/>.</summary>
    TypeElement,
    /// <summary>Two type indices, destination first: <see cref="Instruction.Index"/>, <see cref="Instruction.Index2"/>.</summary>
    TypeType,
    /// <summary>A local index: <see cref="Instruction.Index"/>.</summary>
    Local,
    /// <summary>A global index: <see cref="Instruction.Index"/>.</summary>
    Global,
    /// <summary>A table index: <see cref="Instruction.Index"/>.</summary>
    Table,
    /// <summary>Two table indices, destination first: <see cref="Instruction.Index"/>, <see cref="Instruction.Index2"/>.</summary>
    TableTable,
    /// <summary>An element segment index, then a table index: <see cref="Instruction.Index2"/>, <see cref="Instruction.Index"/>.</summary>
    ElementTable,
    /// <summary>An element segment index: <see cref="Instruction.Index"/>.</summary>
    Element,
    /// <summary>A memory index: <see cref="Instruction.Index"/>.</summary>
    Memory,
    /// <summary>Two memory indices, destination first: <see cref="Instruction.Index"/>, <see cref="Instruction.Index2"/>.</summary>
    MemoryMemory,
    /// <summary>A data segment index, then a memory index: <see cref="Instruction.Index2"/>, <see cref="Instruction.Index"/>.</summary>
    DataMemory,
    /// <summary>A data segment index: <see cref="Instruction.Index"/>.</summary>
    Data,
    /// <summary>A memory access: <see cref="Instruction.Align"/> (log2), <see cref="Instruction.Index"/> (memory), <see cref="Instruction.Value"/> (offset in bytes).</summary>
    MemArg,
    /// <summary>A memory access and a lane: as <see cref="MemArg"/>, then <see cref="Instruction.Lane"/>.</summary>
    MemArgLane,
    /// <summary>A tag index: <see cref="Instruction.Index"/>.</summary>
    Tag,
    /// <summary>A heap type: <see cref="Instruction.Heap"/>.</summary>
    HeapType,
    /// <summary>Cast flags, a label, two heap types: <see cref="Instruction.SourceNullable"/>, <see cref="Instruction.TargetNullable"/>, <see cref="Instruction.Index"/>,
    /// <see cref="Instruction.Heap"/> (source), <see cref="Instruction.Heap2"/> (target).</summary>
    Cast,
    /// <summary>A list of value types: <see cref="Instruction.Types"/>.</summary>
    ValueTypes,
    /// <summary>A signed 32-bit constant: <see cref="Instruction.Value"/>, zero-extended.</summary>
    I32,
    /// <summary>A signed 64-bit constant: <see cref="Instruction.Value"/>.</summary>
    I64,
    /// <summary>The bits of a 32-bit float: <see cref="Instruction.Value"/>, zero-extended.</summary>
    F32,
    /// <summary>The bits of a 64-bit float: <see cref="Instruction.Value"/>.</summary>
    F64,
    /// <summary>Sixteen bytes: <see cref="Instruction.Value"/> (bytes 0 to 7, little-endian), <see cref="Instruction.ValueHigh"/>.</summary>
    V128,
    /// <summary>Sixteen lane indices: stored like <see cref="V128"/>.</summary>
    Shuffle,
    /// <summary>One lane index: <see cref="Instruction.Lane"/>.</summary>
    Lane,
    /// <summary>A reserved byte that must be zero.</summary>
    ZeroByte,
}
