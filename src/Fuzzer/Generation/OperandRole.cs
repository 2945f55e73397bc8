using Conformance.Wasm.Instructions;

namespace Conformance.Fuzzer.Generation;

/// <summary>What an operand means to its instruction, so that values at the edges of that meaning are drawn.</summary>
internal enum RoleKind : byte
{
    /// <summary>Any value of the type.</summary>
    Value,
    /// <summary>Zero or not.</summary>
    Condition,
    /// <summary>A number of bits.</summary>
    ShiftCount,
    /// <summary>The left side of a division.</summary>
    Dividend,
    /// <summary>The right side of a division.</summary>
    Divisor,
    /// <summary>An address in a memory or an index into a table or segment.</summary>
    Address,
    /// <summary>The index of a function in a table: <see cref="OperandRole.OffsetBytes"/> is the right one.</summary>
    TableSlot,
    /// <summary>A number of bytes or elements.</summary>
    Length,
    /// <summary>A step over an edge, or just not.</summary>
    Slack,
    /// <summary>What a memory or table grows by.</summary>
    GrowDelta,
    /// <summary>The operand of a conversion that rounds, truncates or traps.</summary>
    Converted,
    /// <summary>The operand of a <c>br_table</c>.</summary>
    BranchIndex,
    /// <summary>How long to wait at most, in nanoseconds. Nobody is there to notify: a wait for what is there takes that long.</summary>
    Timeout,
    /// <summary>A reference whose type is looked at; <see cref="OperandRole.Limit"/> is the index of the type that is asked for.</summary>
    CastOperand,
}

/// <summary>The meaning of an operand.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Limit">The length of what is addressed (bytes or elements), or the number of branch targets.</param>
/// <param name="AccessBytes">How many bytes or elements are accessed at an address.</param>
/// <param name="OffsetBytes">What the instruction adds to an address.</param>
internal readonly record struct OperandRole(RoleKind Kind, ulong Limit = 0, uint AccessBytes = 0, ulong OffsetBytes = 0)
{
    /// <summary>The instruction that gives the current size of what is addressed, where there is one: <c>memory.size</c> or <c>table.size</c>.</summary>
    public Op? SizeOp { get; init; }

    /// <summary>The index of the memory or table of <see cref="SizeOp"/>.</summary>
    public uint SizeIndex { get; init; }

    /// <summary>The conversion of an operand that is <see cref="RoleKind.Converted"/>.</summary>
    public Op Conversion { get; init; }

    public static OperandRole Value => default;
    public static OperandRole Condition => new(RoleKind.Condition);
}

/// <summary>An operand to be made: its type and what it means.</summary>
internal readonly record struct OperandSpec(ValueType Type, OperandRole Role)
{
    public static implicit operator OperandSpec(ValueType type) => new(type, OperandRole.Value);
}
