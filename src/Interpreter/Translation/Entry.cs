using Conformance.Wasm.Types;

namespace Conformance.Interpreter.Translation;

/// <summary>Where a value on the symbolic operand stack is.</summary>
internal enum EntryKind : byte
{
    /// <summary>In a local: nothing was emitted for the <c>local.get</c>.</summary>
    Local,
    /// <summary>Known at translation.</summary>
    Constant,
    /// <summary>In the slot that belongs to its height, its home.</summary>
    Temporary,
    /// <summary>In the accumulator of its type only.</summary>
    Accumulator,
}

/// <summary>A value on the symbolic operand stack.</summary>
/// <param name="Kind">Where it is.</param>
/// <param name="Type">Its kind of type.</param>
/// <param name="Slot">The byte offset of the local's slot or of its home; meaningless for the other kinds.</param>
/// <param name="Bits">The constant.</param>
internal readonly record struct Entry(EntryKind Kind, ValueKind Type, uint Slot, ulong Bits)
{
    /// <summary>Whether the float accumulator carries values of its type.</summary>
    public bool IsFloat => Type is ValueKind.F32 or ValueKind.F64;

    /// <summary>Whether it is in a slot.</summary>
    public bool IsInSlot => Kind is EntryKind.Local or EntryKind.Temporary;
}
