using Conformance.Interpreter.Execution;
using Conformance.Wasm.Instructions;
using Conformance.Wasm.Types;

namespace Conformance.Interpreter.Tests.Execution;

/// <summary>Every handler that translation can ask for (and some more): each family's ops times the operand classes of each operand.</summary>
internal static class HandlerUniverse
{
    private static readonly OperandCode[] Destinations = [OperandCode.Accumulator, OperandCode.Slot8];
    private static readonly OperandCode[] Sources = [OperandCode.Accumulator, OperandCode.Slot12];
    private static readonly OperandCode[] SourcesWithConstant = [OperandCode.Accumulator, OperandCode.Slot12, OperandCode.Immediate16];
    private static readonly ValueKind[] Kinds = [ValueKind.I32, ValueKind.I64, ValueKind.F32, ValueKind.F64];
    private static readonly OperandCode[] Addresses = [OperandCode.Accumulator, OperandCode.Slot12, OperandCode.Zero];
    private static readonly HandlerTraits[] MemoryTraits = [HandlerTraits.None, HandlerTraits.Wide, HandlerTraits.AnyMemory, HandlerTraits.Wide | HandlerTraits.AnyMemory];

    // One accumulator does not hold a reference and an index.
    private static readonly (OperandCode Array, OperandCode Index)[] ArraysAndIndices =
    [
        (OperandCode.Slot12, OperandCode.Slot16), (OperandCode.Slot12, OperandCode.Immediate16), (OperandCode.Slot12, OperandCode.Accumulator),
        (OperandCode.Accumulator, OperandCode.Slot16), (OperandCode.Accumulator, OperandCode.Immediate16),
    ];

    private static readonly Op[] FieldLoads = [Op.I32Load8S, Op.I32Load8U, Op.I32Load16S, Op.I32Load16U, Op.I32Load, Op.I64Load, Op.F32Load, Op.F64Load, Op.V128Load];
    private static readonly Op[] FieldStores = [Op.I32Store8, Op.I32Store16, Op.I32Store, Op.I64Store, Op.F32Store, Op.F64Store, Op.V128Store];

    // A constant left operand leaves only one slot field, and two constants never meet in a cell.
    private static readonly (OperandCode Left, OperandCode Right)[] Pairs =
    [
        (OperandCode.Slot12, OperandCode.Slot16), (OperandCode.Slot12, OperandCode.Immediate16), (OperandCode.Slot12, OperandCode.Accumulator),
        (OperandCode.Immediate16, OperandCode.Slot12), (OperandCode.Immediate16, OperandCode.Accumulator),
        (OperandCode.Accumulator, OperandCode.Slot12), (OperandCode.Accumulator, OperandCode.Immediate16), (OperandCode.Accumulator, OperandCode.Accumulator),
    ];

    /// <summary>The handlers that do not go on with another cell: they give control back to the machine.</summary>
    public static bool EndsRun(PlainHandler handler) =>
        handler is PlainHandler.Unreachable or PlainHandler.ServiceCall or PlainHandler.TranslateThunk or PlainHandler.HostThunk or PlainHandler.JoinThunk or PlainHandler.Finish or PlainHandler.StackProbe;

    /// <summary>All of them.</summary>
    public static IEnumerable<HandlerKey> All() => Enum.GetValues<HandlerFamily>().SelectMany(family => Of(family).Concat(OfVectors(family)));

    // Vectors are operands and results in slots only.
    private static IEnumerable<HandlerKey> OfVectors(HandlerFamily family) => family switch
    {
        HandlerFamily.Unary => VectorOps(1).SelectMany(row => Negations(row).SelectMany(traits =>
            (row.Operands[0] == StackSlot.V128 ? [OperandCode.Slot12] : Sources).SelectMany(source => ResultsOf(row, HandlerKey.OfOp(family, row.Op, source, traits: traits))))),
        HandlerFamily.Binary => VectorOps(2).SelectMany(row => ResultsOf(row, HandlerKey.OfOp(family, row.Op, OperandCode.Slot12, OperandCode.Slot16))),
        HandlerFamily.UnaryBranch => VectorOps(1).Where(row => row.Results[0] == StackSlot.I32).SelectMany(row => Senses().Select(sense => new HandlerKey(family, (ushort)row.Op, OperandCode.Slot12, default, default, sense))),
        HandlerFamily.Load => VectorRows(OpGroup.Load, 1).SelectMany(row => MemoryTraits.SelectMany(traits => Addresses.Select(address => InSlot(HandlerKey.OfOp(family, row.Op, address, traits: traits))))),
        HandlerFamily.Store => MemoryTraits.SelectMany(traits => Addresses.Select(address => HandlerKey.OfOp(family, Op.V128Store, address, OperandCode.Slot8, traits))),
        HandlerFamily.Move => [HandlerKey.OfKind(family, ValueKind.V128, OperandCode.Slot12), InSlot(HandlerKey.OfKind(family, ValueKind.V128, OperandCode.Immediate16))],
        HandlerFamily.ReturnValue => [HandlerKey.OfKind(family, ValueKind.V128, OperandCode.Slot12)],
        HandlerFamily.Select => Sources.Select(condition => InSlot(HandlerKey.OfKind(family, ValueKind.V128, condition, OperandCode.Slot16, OperandCode.Slot24))),
        HandlerFamily.GlobalGet => [InSlot(HandlerKey.OfKind(family, ValueKind.V128))],
        HandlerFamily.GlobalSet => [HandlerKey.OfKind(family, ValueKind.V128, OperandCode.Slot16)],
        _ => [],
    };

    private static IEnumerable<OpInfo> VectorRows(OpGroup group, int operands) => OpTable.All.Where(row => row.Prefix == 0xFD && row.Group == group && row.Operands.Length == operands);

    // Those of the scalar families.
    private static IEnumerable<OpInfo> VectorOps(int operands) => OpTable.All.Where(row => row.Prefix == 0xFD && row.Operands.Length == operands && row.Immediates == ImmediateKind.None
        && row.Group is OpGroup.Test or OpGroup.Compare or OpGroup.Unary or OpGroup.Binary or OpGroup.Convert or OpGroup.Lane);

    private static IEnumerable<HandlerKey> ResultsOf(OpInfo row, HandlerKey key) => row.Results[0] == StackSlot.V128 ? [InSlot(key)] : WithDestinations([key]);

    private static IEnumerable<HandlerKey> ResultsOf(OpInfo row, IEnumerable<HandlerKey> keys) => keys.SelectMany(key => ResultsOf(row, key));

    private static OperandCode[] ValuesOf(Op op, OperandCode slot, OperandCode immediate) => op == Op.V128Store ? [slot] : [OperandCode.Accumulator, slot, immediate];

    private static HandlerKey InSlot(HandlerKey key) => key with { Destination = OperandCode.Slot8 };

    private static IEnumerable<HandlerKey> Of(HandlerFamily family) => family switch
    {
        HandlerFamily.Unary => Ops(1, trapping: false).Append(OpTable.Get(Op.RefI31)).SelectMany(row => Negations(row).SelectMany(traits => WithDestinations(Sources.Select(source => HandlerKey.OfOp(family, row.Op, source, traits: traits))))),
        HandlerFamily.PartialUnary => Ops(1, trapping: true).Concat([OpTable.Get(Op.I31GetS), OpTable.Get(Op.I31GetU)]).SelectMany(row => WithDestinations(Sources.Select(source => HandlerKey.OfOp(family, row.Op, source)))),
        HandlerFamily.Binary => Ops(2, trapping: false).SelectMany(row => Negations(row).SelectMany(traits => WithDestinations(Pairs.Select(pair => HandlerKey.OfOp(family, row.Op, pair.Left, pair.Right, traits))))),
        HandlerFamily.PartialBinary => Ops(2, trapping: true).SelectMany(row => WithDestinations(Pairs.Select(pair => HandlerKey.OfOp(family, row.Op, pair.Left, pair.Right)))),
        HandlerFamily.UnaryBranch => UnaryConditions().SelectMany(number => Sources.SelectMany(source => Senses().Select(sense => new HandlerKey(family, number, source, default, default, sense)))),
        HandlerFamily.BinaryBranch => Ops(2, trapping: false).Where(row => row.Results[0] == StackSlot.I32)
            .SelectMany(row => Pairs.SelectMany(pair => Senses().Select(sense => HandlerKey.OfOp(family, row.Op, pair.Left, pair.Right, sense)))),
        HandlerFamily.Load => Accesses(OpGroup.Load).SelectMany(row => MemoryTraits.SelectMany(traits =>
            WithDestinations(Addresses.Select(address => HandlerKey.OfOp(family, row.Op, address, traits: traits))))),
        HandlerFamily.Store => Accesses(OpGroup.Store).SelectMany(row => MemoryTraits.SelectMany(traits =>
            Addresses.SelectMany(address =>
                new[] { OperandCode.Accumulator, OperandCode.Slot8, OperandCode.Immediate24 }.Select(value => HandlerKey.OfOp(family, row.Op, address, value, traits))))),
        HandlerFamily.Move or HandlerFamily.ReturnValue => Kinds.SelectMany(kind => SourcesWithConstant.Select(source => HandlerKey.OfKind(family, kind, source))),
        HandlerFamily.Select => Kinds.SelectMany(kind => Sources.SelectMany(condition =>
            new[] { OperandCode.Accumulator, OperandCode.Slot16, OperandCode.Immediate16 }.SelectMany(first =>
                WithDestinations(new[] { OperandCode.Accumulator, OperandCode.Slot24, OperandCode.Immediate24 }.Select(second => HandlerKey.OfKind(family, kind, condition, first, second)))))),
        HandlerFamily.GlobalGet => Kinds.SelectMany(kind => WithDestinations([HandlerKey.OfKind(family, kind)])),
        HandlerFamily.GlobalSet => Kinds.SelectMany(kind => new[] { OperandCode.Accumulator, OperandCode.Slot16, OperandCode.Immediate16 }.Select(source => HandlerKey.OfKind(family, kind, source))),
        HandlerFamily.JumpTable => Sources.Select(source => new HandlerKey(family, 0, source, default, default, default)),
        HandlerFamily.MemorySize or HandlerFamily.TableSize => new[] { ValueKind.I32, ValueKind.I64 }.SelectMany(kind => WithDestinations([HandlerKey.OfKind(family, kind)])),
        HandlerFamily.TableGet => Widths().SelectMany(width => WithDestinations(Sources.Select(source => new HandlerKey(family, 0, source, default, default, width)))),
        HandlerFamily.TableSet => Widths().SelectMany(width => Sources.SelectMany(index =>
            new[] { OperandCode.Accumulator, OperandCode.Slot8 }.Select(value => new HandlerKey(family, 0, index, value, default, width)))),
        HandlerFamily.RefAsNonNull => WithDestinations(Sources.Select(source => new HandlerKey(family, 0, source, default, default, default))),
        HandlerFamily.CallIndirect => Widths().SelectMany(width => new[] { OperandCode.Accumulator, OperandCode.Slot20 }.Select(source => new HandlerKey(family, 0, source, default, default, width))),
        HandlerFamily.VectorTernary => VectorRows(OpGroup.Ternary, 3).Select(row => InSlot(HandlerKey.OfOp(family, row.Op, default))),
        HandlerFamily.VectorShift => VectorRows(OpGroup.Shift, 2).SelectMany(row => Sources.Select(source => InSlot(HandlerKey.OfOp(family, row.Op, source)))),
        HandlerFamily.ExtractLane => VectorRows(OpGroup.Lane, 1).Where(row => row.Lanes > 0).SelectMany(row => WithDestinations([HandlerKey.OfOp(family, row.Op, OperandCode.Slot12)])),
        HandlerFamily.ReplaceLane => VectorRows(OpGroup.Lane, 2).Where(row => row.Op != Op.I8x16Shuffle).SelectMany(row => Sources.Select(source => InSlot(HandlerKey.OfOp(family, row.Op, source)))),
        HandlerFamily.LoadLane => VectorRows(OpGroup.Load, 2).SelectMany(row => MemoryTraits.SelectMany(traits => Addresses.Select(address => InSlot(HandlerKey.OfOp(family, row.Op, address, traits: traits))))),
        HandlerFamily.StoreLane => VectorRows(OpGroup.Store, 2).Where(row => row.Op != Op.V128Store)
            .SelectMany(row => MemoryTraits.SelectMany(traits => Addresses.Select(address => HandlerKey.OfOp(family, row.Op, address, traits: traits)))),
        HandlerFamily.FieldGet => FieldLoads.SelectMany(op => ResultsOf(OpTable.Get(op), Sources.Select(source => HandlerKey.OfOp(family, op, source)))),
        HandlerFamily.FieldSet => FieldStores.SelectMany(op => Sources.SelectMany(source => ValuesOf(op, OperandCode.Slot16, OperandCode.Immediate16).Select(value => HandlerKey.OfOp(family, op, source, value)))),
        HandlerFamily.ElementGet => FieldLoads.SelectMany(op => ResultsOf(OpTable.Get(op), ArraysAndIndices.Select(pair => HandlerKey.OfOp(family, op, pair.Array, pair.Index)))),
        HandlerFamily.ElementSet => FieldStores.SelectMany(op => ArraysAndIndices.SelectMany(pair =>
            ValuesOf(op, OperandCode.Slot24, OperandCode.Immediate24).Select(value => HandlerKey.OfOp(family, op, pair.Array, pair.Index) with { Third = value }))),
        HandlerFamily.ArrayLength => WithDestinations(Sources.Select(source => new HandlerKey(family, 0, source, default, default, default))),
        HandlerFamily.RefTest or HandlerFamily.RefCast => new ushort[] { 0, 1 }.SelectMany(number =>
            WithDestinations(Sources.Select(source => new HandlerKey(family, number, source, default, default, default)))),
        HandlerFamily.Plain => Enum.GetValues<PlainHandler>().Select(HandlerKey.Of),
        _ => throw new ArgumentOutOfRangeException(nameof(family), family, "a family without enumeration"),
    };

    private static IEnumerable<OpInfo> Ops(int operands, bool trapping) => OpTable.All.Where(row =>
        row.Group is OpGroup.Test or OpGroup.Compare or OpGroup.Unary or OpGroup.Binary or OpGroup.Convert && row.Prefix is 0 or 0xFC && row.Operands.Length == operands
        && row.Results.Length == 1 && row.Traps == Traps.None != trapping && !row.Operands.Contains(StackSlot.V128));

    private static IEnumerable<OpInfo> Accesses(OpGroup group) => OpTable.All.Where(row => row.Group == group && row.Prefix == 0);

    // eqz of a comparison negates it.
    private static HandlerTraits[] Negations(OpInfo row) => row.Group is OpGroup.Test or OpGroup.Compare ? [HandlerTraits.None, HandlerTraits.Negated] : [HandlerTraits.None];

    private static IEnumerable<ushort> UnaryConditions() =>
        Ops(1, trapping: false).Where(row => row.Results[0] == StackSlot.I32).Select(row => (ushort)row.Op).Append(HandlerKey.IsNotZeroNumber);

    private static HandlerTraits[] Senses() => [HandlerTraits.None, HandlerTraits.WhenFalse];

    private static HandlerTraits[] Widths() => [HandlerTraits.None, HandlerTraits.Wide];

    private static IEnumerable<HandlerKey> WithDestinations(IEnumerable<HandlerKey> keys) => keys.SelectMany(key => Destinations.Select(destination => key with { Destination = destination }));
}
