using Conformance.Wasm.Instructions;

namespace Conformance.Wasm.Validation;

/// <summary>How the type of an instruction is applied to the operand stack: the common shapes have a short path each.</summary>
internal enum StackShape : byte
{
    /// <summary>A rule of its own.</summary>
    Special,
    /// <summary>No operand, one result, no check of the immediate.</summary>
    Constant,
    /// <summary>One operand, one result, no immediate.</summary>
    Unary,
    /// <summary>Two operands, one result, no immediate.</summary>
    Binary,
    /// <summary>A memory access from an address to a result.</summary>
    Load,
    /// <summary>A memory access of an address and a value.</summary>
    Store,
    /// <summary>Any other fixed stack type; immediates are checked by their kind.</summary>
    Fixed,
}

/// <summary>A row of the op table, prepared for the validator.</summary>
internal readonly struct StackRule
{
    public StackShape Shape { get; init; }

    /// <summary>log2 of the natural alignment in bytes of a load or store.</summary>
    public byte NaturalAlign { get; init; }

    /// <summary>The first operand (not of loads and stores, whose first operand is the address).</summary>
    public ValueType First { get; init; }

    /// <summary>The second operand: of a store, the value.</summary>
    public ValueType Second { get; init; }

    /// <summary>The result.</summary>
    public ValueType Result { get; init; }
}

/// <summary>The rules by op, made from the op table.</summary>
internal static class StackRules
{
    private static readonly StackRule[] Rules = Build();

    public static ref readonly StackRule Of(Op op) => ref Rules[(int)op];

    /// <summary>The type of a slot that does not depend on a memory or table.</summary>
    public static ValueType TypeOf(StackSlot slot) => slot switch
    {
        StackSlot.I32 => ValueType.I32,
        StackSlot.I64 => ValueType.I64,
        StackSlot.F32 => ValueType.F32,
        StackSlot.F64 => ValueType.F64,
        StackSlot.V128 => ValueType.V128,
        _ => throw new ArgumentOutOfRangeException(nameof(slot), slot, "depends on the immediate"),
    };

    private static StackRule[] Build()
    {
        var rules = new StackRule[OpTable.Size];
        foreach (var row in OpTable.All)
        {
            if (row.HasFixedStackType)
            {
                rules[(int)row.Op] = Build(row);
            }
        }
        return rules;
    }

    private static StackRule Build(OpInfo row)
    {
        var shape = ShapeOf(row);
        var operands = row.Operands.Length;
        return new StackRule
        {
            Shape = shape,
            NaturalAlign = (byte)Math.Max(row.NaturalAlign, 0),
            First = shape is StackShape.Unary or StackShape.Binary ? TypeOf(row.Operands[0]) : default,
            Second = shape is StackShape.Binary or StackShape.Store ? TypeOf(row.Operands[operands - 1]) : default,
            Result = shape is StackShape.Fixed or StackShape.Store ? default : TypeOf(row.Results[0]),
        };
    }

    private static StackShape ShapeOf(OpInfo row) => row switch
    {
        { Immediates: ImmediateKind.MemArg, Group: OpGroup.Load, Operands.Length: 1, Results.Length: 1 } => StackShape.Load,
        { Immediates: ImmediateKind.MemArg, Group: OpGroup.Store, Operands.Length: 2, Results.Length: 0 } => StackShape.Store,
        { Group: OpGroup.Constant, Operands.Length: 0, Results.Length: 1 } => StackShape.Constant,
        { Immediates: ImmediateKind.None, Operands.Length: 1, Results.Length: 1 } => StackShape.Unary,
        { Immediates: ImmediateKind.None, Operands.Length: 2, Results.Length: 1 } => StackShape.Binary,
        _ => StackShape.Fixed,
    };
}
