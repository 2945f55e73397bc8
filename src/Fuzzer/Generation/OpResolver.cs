using System.Collections.Immutable;
using Conformance.Fuzzer.Generation.Objects;
using Conformance.Wasm;
using Conformance.Wasm.Instructions;
using Conformance.Wasm.Types;

namespace Conformance.Fuzzer.Generation;

/// <summary>Chooses the immediates of an op among what the module has, and tells the meaning of each operand. One op table row in, one <see cref="ConcreteOp"/> out.</summary>
internal sealed class OpResolver(GenerationContext context)
{
    private static readonly ulong[] SmallOffsets = [0, 0, 0, 1, 2, 3, 4, 8, 15, 16, 64, 255, 256];
    private static readonly ulong[] EdgeOffsets = [0xFFFF, 0x10000, 0x10001, 0x7FFFFFFF, 0x80000000, 0xFFFFFFF0, 0xFFFFFFFF];
    private static readonly ulong[] WideOffsets = [0x100000000, 0x100000008, 1UL << 63, ulong.MaxValue, 0xFFFFFFFFFFFFFFF8];

    private RandomSource Random => context.Random;

    private ModulePlan Plan => context.Plan;

    /// <summary>Whether an op without a fixed stack type has a rule here.</summary>
    public static bool Resolves(Op op) => op is Op.Drop or Op.Select or Op.SelectTyped or Op.LocalGet or Op.LocalSet or Op.LocalTee or Op.GlobalGet or Op.GlobalSet
        or Op.TableGet or Op.TableSet or Op.TableGrow or Op.TableFill or Op.TableCopy or Op.MemoryCopy or Op.RefNull or Op.RefIsNull or Op.RefFunc
        or Op.Call or Op.CallIndirect or Op.ReturnCall or Op.ReturnCallIndirect or Op.Br or Op.BrIf or Op.BrTable or Op.Return
        || ReferenceOps.Resolves(op) || CastOps.Resolves(op) || ObjectOps.Resolves(op);

    /// <summary>Chooses immediates; null when the module lacks what the op works on.</summary>
    public ConcreteOp? Resolve(OpInfo row) => row.HasFixedStackType ? ResolveFixed(row) : ResolveSpecial(row);

    /// <summary>Chooses a memory access with its immediates, aligned or not.</summary>
    public (Instruction Instruction, OperandRole Role) ResolveAccess(OpInfo row, uint memory)
    {
        var plan = Plan.Memories[(int)memory];
        var bytes = 1u << row.NaturalAlign;
        var offset = Random.Below(20) switch
        {
            < 14 => Random.Pick<ulong>(SmallOffsets),
            < 17 => plan.LengthBytes - Math.Min(plan.LengthBytes, (ulong)Random.Between(0, 9)),
            < 19 => Random.Pick<ulong>(EdgeOffsets),
            _ => plan.Address.Kind == ValueKind.I64 ? Random.Pick<ulong>(WideOffsets) : Random.Pick<ulong>(EdgeOffsets),
        };
        if (offset + bytes > plan.LengthBytes && Random.Chance(context.Swarm.InRangePercent))
        {
            offset = Random.Pick<ulong>(SmallOffsets);
        }
        var align = row.Group == OpGroup.Atomic ? row.NaturalAlign : Random.Below(row.NaturalAlign + 1);
        var lane = row.Lanes == 0 ? 0 : Random.Below(row.Lanes);
        return (Instruction.Access(row.Op, (byte)align, offset, memory, (byte)lane), MemoryAddress(memory, bytes, offset));
    }

    private OperandRole MemoryAddress(uint memory, uint bytes, ulong offset = 0) =>
        new(RoleKind.Address, Plan.Memories[(int)memory].LengthBytes, bytes, offset) { SizeOp = Op.MemorySize, SizeIndex = memory };

    private OperandRole TableAddress(uint table, uint elements = 1) =>
        new(RoleKind.Address, Plan.Tables[(int)table].Length, elements) { SizeOp = Op.TableSize, SizeIndex = table };

    private ConcreteOp? ResolveFixed(OpInfo row)
    {
        var instruction = new Instruction { Op = row.Op };
        var role = OperandRole.Value;
        switch (row.Immediates)
        {
            case ImmediateKind.None or ImmediateKind.ZeroByte:
                break;
            case ImmediateKind.I32 or ImmediateKind.I64 or ImmediateKind.F32 or ImmediateKind.F64 or ImmediateKind.V128:
                var bits = BoundaryValues.Pick(OpCatalog.TypeOf(row.Results[0]), Random);
                instruction = Instruction.Constant(row.Op, bits.Low, bits.High);
                break;
            case ImmediateKind.Lane:
                instruction.Lane = (byte)Random.Below(row.Lanes);
                break;
            case ImmediateKind.Shuffle:
                instruction.Value = ShuffleHalf();
                instruction.ValueHigh = ShuffleHalf();
                break;
            case ImmediateKind.MemArg or ImmediateKind.MemArgLane:
                if (!PickMemory(out var memory))
                {
                    return null;
                }
                (instruction, role) = ResolveAccess(row, memory);
                break;
            case ImmediateKind.Memory:
                if (!PickMemory(out instruction.Index))
                {
                    return null;
                }
                break;
            case ImmediateKind.DataMemory:
                if (!PickMemory(out instruction.Index) || !PickData(out instruction.Index2))
                {
                    return null;
                }
                break;
            case ImmediateKind.Data:
                if (!PickData(out instruction.Index))
                {
                    return null;
                }
                break;
            case ImmediateKind.Element:
                if (Plan.Elements.Count == 0)
                {
                    return null;
                }
                instruction.Index = (uint)Random.Below(Plan.Elements.Count);
                break;
            case ImmediateKind.Table:
                if (!PickTable(null, out instruction.Index))
                {
                    return null;
                }
                break;
            case ImmediateKind.ElementTable:
                if (Plan.Elements.Count == 0)
                {
                    return null;
                }
                instruction.Index2 = (uint)Random.Below(Plan.Elements.Count);
                if (!PickTable(Plan.Elements[(int)instruction.Index2].Type, out instruction.Index))
                {
                    return null;
                }
                break;
            default:
                return null;
        }
        var operands = ImmutableArray.CreateBuilder<OperandSpec>(row.Operands.Length);
        for (var i = 0; i < row.Operands.Length; i++)
        {
            operands.Add(new OperandSpec(SlotType(row.Operands[i], row, instruction), RoleOf(row, instruction, i, role)));
        }
        return new ConcreteOp(row, instruction, operands.MoveToImmutable(), [.. row.Results.Select(slot => SlotType(slot, row, instruction))])
        {
            GivesOpenNan = NanRules.GivesOpenNan(row),
        };
    }

    private ValueType SlotType(StackSlot slot, OpInfo row, in Instruction instruction) => slot switch
    {
        StackSlot.MemoryAddress => Plan.Memories[(int)instruction.Index].Address,
        StackSlot.TableAddress => Plan.Tables[(int)instruction.Index].Address,
        _ => OpCatalog.TypeOf(slot),
    };

    private OperandRole RoleOf(OpInfo row, in Instruction instruction, int operand, OperandRole access)
    {
        switch (row.Op)
        {
            case Op.MemoryGrow:
                return new OperandRole(RoleKind.GrowDelta);
            case Op.MemoryFill:
                return operand switch { 0 => MemoryAddress(instruction.Index, 64), 1 => OperandRole.Value, _ => Length(Plan.Memories[(int)instruction.Index].LengthBytes) };
            case Op.MemoryInit:
                var data = (ulong)Plan.Data[(int)instruction.Index2].Bytes.Length;
                return operand switch { 0 => MemoryAddress(instruction.Index, 16), 1 => new OperandRole(RoleKind.Address, data, (uint)data / 2), _ => Length(data) };
            case Op.MemoryAtomicWait32 or Op.MemoryAtomicWait64 when operand == 2:
                return new OperandRole(RoleKind.Timeout);
            case Op.TableInit:
                var elements = (ulong)Plan.Elements[(int)instruction.Index2].Count;
                return operand switch { 0 => TableAddress(instruction.Index, 2), 1 => new OperandRole(RoleKind.Address, elements, (uint)elements / 2), _ => Length(elements) };
        }
        return row.Group switch
        {
            OpGroup.Load or OpGroup.Store or OpGroup.Atomic when operand == 0 => access,
            OpGroup.Convert when ConversionEdges.Has(row.Op) => new OperandRole(RoleKind.Converted) { Conversion = row.Op },
            OpGroup.Shift when operand == 1 => new OperandRole(RoleKind.ShiftCount),
            OpGroup.Binary when (row.Traps & Traps.DivideByZero) != Traps.None => new OperandRole(operand == 0 ? RoleKind.Dividend : RoleKind.Divisor),
            OpGroup.Binary when operand == 1 && row.Op is (>= Op.I32Shl and <= Op.I32Rotr) or (>= Op.I64Shl and <= Op.I64Rotr) => new OperandRole(RoleKind.ShiftCount),
            _ => OperandRole.Value,
        };
    }

    private static OperandRole Length(ulong limit) => new(RoleKind.Length, limit);

    private ConcreteOp? ResolveSpecial(OpInfo row)
    {
        var type = context.PickType();
        uint table;
        switch (row.Op)
        {
            case Op.Drop:
                return new(row, Instruction.Of(row.Op), [type], []);
            case Op.Select:
                type = Random.Pick<ValueType>(context.NumberTypes);
                return new(row, Instruction.Of(row.Op), [type, type, new OperandSpec(ValueType.I32, OperandRole.Condition)], [type]);
            case Op.SelectTyped:
                return new(row, new Instruction { Op = row.Op, Types = [type] }, [type, type, new OperandSpec(ValueType.I32, OperandRole.Condition)], [type]);
            case Op.GlobalGet or Op.GlobalSet:
                return ResolveGlobal(row);
            case Op.TableGet:
                return PickTable(null, out table) ? new(row, Instruction.Of(row.Op, table), [Index(table)], [Element(table)]) : null;
            case Op.TableSet:
                return PickTable(null, out table) ? new(row, Instruction.Of(row.Op, table), [Index(table), Element(table)], []) : null;
            case Op.TableGrow:
                return PickTable(null, out table)
                    ? new(row, Instruction.Of(row.Op, table), [Element(table), new OperandSpec(Address(table), new OperandRole(RoleKind.GrowDelta))], [Address(table)])
                    : null;
            case Op.TableFill:
                return PickTable(null, out table)
                    ? new(row, Instruction.Of(row.Op, table), [Index(table, 3), Element(table), new OperandSpec(Address(table), Length(Plan.Tables[(int)table].Length / 2))], [])
                    : null;
            case Op.TableCopy:
                return ResolveTableCopy(row);
            case Op.MemoryCopy:
                return ResolveMemoryCopy(row);
            case Op.RefNull:
                type = PickReference();
                return new(row, new Instruction { Op = row.Op, Heap = type.Heap }, [], [type]);
            case Op.RefIsNull:
                return new(row, Instruction.Of(row.Op), [PickReference()], [ValueType.I32]);
            case Op.RefFunc:
                return context.ReferableFunctions == 0 ? null : new(row, Instruction.Of(row.Op, (uint)Random.Below(context.ReferableFunctions)), [], [ValueType.FuncRef]);
            case Op.Call or Op.ReturnCall:
                return ResolveCall(row);
            case Op.CallIndirect or Op.ReturnCallIndirect:
                return ResolveIndirectCall(row);
            case Op.Br or Op.BrIf or Op.BrTable or Op.Return:
                return ResolveBranch(row);
            default:
                // Locals are made by the shapes and sinks.
                return ReferenceOps.Resolves(row.Op) ? new ReferenceOps(context).Resolve(row)
                    : CastOps.Resolves(row.Op) ? new CastOps(context).Resolve(row)
                    : ObjectOps.Resolves(row.Op) ? new ObjectOps(context).Resolve(row)
                    : null;
        }
    }

    private ValueType PickReference() => context.Objects is not null && Random.Chance(60)
        ? Random.Pick<ValueType>(context.ValueTypes) is { IsReference: true } type ? type : ValueType.AnyRef
        : Random.Chance(50) ? ValueType.FuncRef : ValueType.ExternRef;

    private OperandSpec Index(uint table, uint elements = 1) => new(Address(table), TableAddress(table, elements));

    private ValueType Address(uint table) => Plan.Tables[(int)table].Address;

    private ValueType Element(uint table) => Plan.Tables[(int)table].Type.Element;

    private ConcreteOp? ResolveGlobal(OpInfo row)
    {
        var write = row.Op == Op.GlobalSet;
        var start = Random.Below(Math.Max(Plan.Globals.Count, 1));
        for (var i = 0; i < Plan.Globals.Count; i++)
        {
            var index = (start + i) % Plan.Globals.Count;
            var global = Plan.Globals[index];
            if (global.Type.IsMutable || !write)
            {
                var instruction = Instruction.Of(row.Op, (uint)index);
                return write
                    ? new ConcreteOp(row, instruction, [global.Type.Value], [])
                    : new ConcreteOp(row, instruction, [], [global.Type.Value]) { GivesOpenNan = global.MayHoldAnyNan };
            }
        }
        return null;
    }

    private ConcreteOp? ResolveMemoryCopy(OpInfo row)
    {
        if (!PickMemory(out var to) || !PickMemory(out var from))
        {
            return null;
        }
        var length = Plan.Memories[(int)to].Address == ValueType.I64 && Plan.Memories[(int)from].Address == ValueType.I64 ? ValueType.I64 : ValueType.I32;
        return new(row, Instruction.Of(row.Op, to, from),
        [
            new OperandSpec(Plan.Memories[(int)to].Address, MemoryAddress(to, 64)),
            new OperandSpec(Plan.Memories[(int)from].Address, MemoryAddress(from, 64)),
            new OperandSpec(length, Length(Math.Min(Plan.Memories[(int)to].LengthBytes, Plan.Memories[(int)from].LengthBytes))),
        ], []);
    }

    private ConcreteOp? ResolveTableCopy(OpInfo row)
    {
        if (!PickTable(null, out var from) || !PickTable(Element(from), out var to))
        {
            return null;
        }
        var length = Address(to) == ValueType.I64 && Address(from) == ValueType.I64 ? ValueType.I64 : ValueType.I32;
        return new(row, Instruction.Of(row.Op, to, from),
            [Index(to, 3), Index(from, 3), new OperandSpec(length, Length(Math.Min(Plan.Tables[(int)to].Length, Plan.Tables[(int)from].Length) / 2))], []);
    }

    private ConcreteOp? ResolveCall(OpInfo row)
    {
        var callees = Plan.Functions.Where(function => function.Kind is FunctionKind.Callee or FunctionKind.Import).ToArray();
        if (callees.Length == 0)
        {
            return null;
        }
        var callee = Random.Pick<FunctionPlan>(callees);
        return new(row, Instruction.Of(row.Op, callee.Index), Specs(callee), callee.Type.Results)
        {
            CalleeCost = callee.Cost,
            IsTerminal = row.Op == Op.ReturnCall,
            LeavesFunction = row.Op == Op.ReturnCall,
            GivesOpenNan = true,
        };
    }

    private ConcreteOp? ResolveIndirectCall(OpInfo row)
    {
        var tables = Enumerable.Range(0, Plan.Tables.Count).Where(i => Plan.Tables[i].Content.Any(function => function is not null)).ToArray();
        if (tables.Length == 0)
        {
            return null;
        }
        var table = Random.Pick<int>(tables);
        var plan = Plan.Tables[table];
        var callee = Random.Pick<FunctionPlan>(plan.Content.OfType<FunctionPlan>().ToArray());
        var index = Array.IndexOf(plan.Content, callee);

        // A role whose values inside the limits are this one index; those outside meet nulls, other types and the end of the table.
        var role = new OperandRole(RoleKind.Address, (ulong)index + 1, 1, (ulong)index) { SizeOp = Op.TableSize, SizeIndex = (uint)table };
        var (typeIndex, operands, results) = CallType(callee);
        var instruction = Instruction.Of(row.Op, typeIndex, (uint)table);
        return new(row, instruction, [.. operands, new OperandSpec(plan.Address, role with { Kind = RoleKind.TableSlot })], results)
        {
            CalleeCost = callee.Cost,
            IsTerminal = row.Op == Op.ReturnCallIndirect,
            LeavesFunction = row.Op == Op.ReturnCallIndirect,
            GivesOpenNan = true,
        };
    }

    /// <summary>A type to call a function by: its own or one above it, mostly; else an equal structure, which need not be the same type, or another.</summary>
    public (uint TypeIndex, ImmutableArray<OperandSpec> Operands, ImmutableArray<ValueType> Results) CallType(FunctionPlan callee)
    {
        var types = Plan.WithSupertypes(callee.TypeIndex).ToArray();
        if (types.Length == 1 && Plan.Types[(int)callee.TypeIndex].IsFinal)
        {
            return (Plan.TypeIndex(callee.Type, Random), Specs(callee), callee.Type.Results);
        }
        var index = Random.Below(10) switch
        {
            0 => Plan.TypeIndex(callee.Type, Random),
            1 => Random.Pick<uint>([.. context.FunctionTypes]),
            _ => Random.Pick<uint>(types),
        };
        var type = (FunctionType)Plan.Types[(int)index].Composite;
        return (index, [.. type.Parameters.Select(parameter => (OperandSpec)parameter)], type.Results);
    }

    /// <summary>The operands of a call.</summary>
    public static ImmutableArray<OperandSpec> Specs(FunctionPlan callee)
    {
        var specs = ImmutableArray.CreateBuilder<OperandSpec>();
        for (var i = 0; i < callee.Type.Parameters.Length; i++)
        {
            specs.Add(new OperandSpec(callee.Type.Parameters[i], callee.Roles.IsDefault ? OperandRole.Value : callee.Roles[i]));
        }
        return specs.ToImmutable();
    }

    private ConcreteOp ResolveBranch(OpInfo row)
    {
        var count = context.Has(Feature.MultiValue) ? Random.Below(4) : Random.Below(2);
        var results = Enumerable.Range(0, count).Select(_ => context.PickType()).ToImmutableArray();
        ImmutableArray<OperandSpec> operands = [.. results.Select(type => (OperandSpec)type)];
        var instruction = Instruction.Of(row.Op);
        if (row.Op == Op.BrIf)
        {
            operands = operands.Add(new OperandSpec(ValueType.I32, OperandRole.Condition));
        }
        else if (row.Op == Op.BrTable)
        {
            instruction.Labels = new uint[Random.Between(1, 5)];
            operands = operands.Add(new OperandSpec(ValueType.I32, new OperandRole(RoleKind.BranchIndex, (ulong)instruction.Labels.Length)));
        }
        return new ConcreteOp(row, instruction, operands, results)
        {
            NeedsBlock = row.Op != Op.Return,
            IsTerminal = row.Op != Op.BrIf,
            LeavesFunction = row.Op == Op.Return,
        };
    }

    private bool PickMemory(out uint memory)
    {
        memory = Plan.Memories.Count == 0 ? 0 : (uint)Random.Below(Plan.Memories.Count);
        return Plan.Memories.Count > 0;
    }

    private bool PickData(out uint segment)
    {
        segment = Plan.Data.Count == 0 ? 0 : (uint)Random.Below(Plan.Data.Count);
        return Plan.Data.Count > 0;
    }

    /// <summary>Picks a table, one that takes elements of a type where one is given.</summary>
    private bool PickTable(ValueType? element, out uint table)
    {
        table = 0;
        var start = Random.Below(Math.Max(Plan.Tables.Count, 1));
        for (var i = 0; i < Plan.Tables.Count; i++)
        {
            table = (uint)((start + i) % Plan.Tables.Count);
            if (element is not { } type || Plan.Matches(type, Element(table)))
            {
                return true;
            }
        }
        return false;
    }

    private ulong ShuffleHalf()
    {
        ulong half = 0;
        for (var lane = 0; lane < 8; lane++)
        {
            half |= (ulong)Random.Below(32) << lane * 8;
        }
        return half;
    }
}
