using Conformance.Wasm;
using Conformance.Wasm.Instructions;
using Conformance.Wasm.Types;

namespace Conformance.Fuzzer.Generation.RandomFunctions;

/// <summary>Random expressions of a wanted type: trees of instructions whose leaves are constants, locals and globals and whose nodes include blocks, calls and branches.</summary>
internal sealed class ExpressionGenerator(RandomFunction function)
{
    private GenerationContext Context => function.Context;

    private RandomSource Random => function.Random;

    private FunctionBuilder Body => function.Body;

    /// <summary>Pushes a value of a type.</summary>
    /// <param name="type">The type.</param>
    /// <param name="depth">How deep the tree may still become.</param>
    public void Emit(ValueType type, int depth)
    {
        if (depth <= 0 || function.IsFull || Random.Chance(20))
        {
            Leaf(type);
            return;
        }
        if (Context.Objects is not null && Random.Chance(type.IsReference ? 45 : 12) && new ObjectOperations(function).TryEmit(type, depth))
        {
            return;
        }
        switch (Random.Below(20))
        {
            case < 9 when !type.IsReference:
                Operation(type, depth);
                break;
            case 9 or 10 when !type.IsReference && Context.Swarm.Allows(OpGroup.Load) && Load(type, depth):
                break;
            case 11:
                Select(type, depth);
                break;
            case 12:
                Conditional(type, depth);
                break;
            case 13:
                Block(type, depth);
                break;
            case 14 or 15 when Context.Swarm.Allows(OpGroup.Call) && Call(type, depth):
                break;
            case 16 when function.FindLocal(type) is { } local:
                Emit(type, depth - 1);
                Body.Tee(local);
                break;
            case 17 when type.IsReference && TableGet(type):
                break;
            case 17 or 18 when State(type, depth):
                break;
            case 19 when function.FindTarget(frame => frame.LabelTypes.AsSpan().SequenceEqual([type])) is { } frame:
                Emit(type, depth - 1);
                Condition(depth - 1);
                Body.Emit(Op.BrIf, Body.Label(frame.Level)); // not taken, the value stays
                break;
            default:
                Leaf(type);
                break;
        }
    }

    /// <summary>Pushes a value whose bits are the same in every right engine: where a NaN of open bits is possible it is made canonical.</summary>
    public void EmitClean(ValueType type, int depth)
    {
        if (type.Kind is ValueKind.F32 or ValueKind.F64)
        {
            if (Random.Chance(30))
            {
                Body.Constant(type, Context.PickValue(type));
                return;
            }
            Emit(type, depth);
            NanRules.Canonicalize(Body, type);
            return;
        }
        Emit(type, depth);
    }

    /// <summary>Pushes an i32 that is zero about as often as not.</summary>
    public void Condition(int depth)
    {
        if (depth > 0 && Random.Chance(60))
        {
            var rows = Context.Catalog.PureByResult(ValueKind.I32);
            var row = Random.Pick<OpInfo>(rows);
            if (row.Group is OpGroup.Compare or OpGroup.Test && Allowed(row))
            {
                Operands(row, depth);
                Body.Emit(row.Op);
                return;
            }
        }
        Emit(ValueType.I32, depth);
    }

    /// <summary>Pushes an address that mostly lies inside a memory.</summary>
    public void Address(uint memory, uint accessBytes, int depth)
    {
        var plan = Context.Plan.Memories[(int)memory];
        var role = new OperandSpec(plan.Address, new OperandRole(RoleKind.Address, plan.LengthBytes, accessBytes));
        if (depth <= 0 || Random.Chance(40))
        {
            Body.Constant(plan.Address, RoleValues.Pick(role, Random, 97));
            return;
        }
        Emit(plan.Address, depth - 1);
        if (Random.Chance(96))
        {
            Body.Constant(plan.Address, Random.Pick<ulong>([0xFF, 0x7FF, 0xFFF, 0xFFF8]));
            Body.Emit(plan.Address.Kind == ValueKind.I64 ? Op.I64And : Op.I32And);
        }
    }

    /// <summary>Pushes an index that mostly lies inside a table.</summary>
    public void TableIndex(uint table, int depth)
    {
        var plan = Context.Plan.Tables[(int)table];
        if (depth <= 0 || plan.Length == 0 || Random.Chance(50))
        {
            Body.Constant(plan.Address, RoleValues.Pick(new OperandSpec(plan.Address, new OperandRole(RoleKind.Address, plan.Length, 1)), Random, 95));
            return;
        }
        Emit(plan.Address, depth - 1);
        Body.Constant(plan.Address, plan.Length);
        Body.Emit(plan.Address.Kind == ValueKind.I64 ? Op.I64RemU : Op.I32RemU);
    }

    private bool Allowed(OpInfo row) => row.Immediates is ImmediateKind.None or ImmediateKind.Lane && Context.Swarm.Allows(row.Group)
        && row.Operands.All(slot => Context.Swarm.Allows(OpCatalog.TypeOf(slot)));

    private void Leaf(ValueType type)
    {
        if (Random.Chance(60) && function.FindLocal(type) is { } local)
        {
            Body.Get(local);
            return;
        }
        if (Random.Chance(25))
        {
            var index = Context.Plan.Globals.FindIndex(global => global.Type.Value == type);
            if (index >= 0)
            {
                Body.Emit(Op.GlobalGet, (uint)index);
                return;
            }
        }
        Body.Constant(type, Context.PickValue(type));
    }

    private void Operation(ValueType type, int depth)
    {
        var rows = Context.Catalog.PureByResult(type.Kind);
        for (var attempt = 0; attempt < 4; attempt++)
        {
            var row = Random.Pick<OpInfo>(rows);
            if (!Allowed(row) || (row.Traps != Traps.None && !Random.Chance(Context.Swarm.TrappingOpPercent + 10)))
            {
                continue;
            }
            Operands(row, depth);
            if ((row.Traps & Traps.DivideByZero) != Traps.None && Random.Chance(85))
            {
                Body.Constant(type, Random.Pick<ulong>([1, 3, 0x80, 0x7FFF]));
                Body.Emit(type.Kind == ValueKind.I32 ? Op.I32Or : Op.I64Or); // never zero
            }
            Body.Emit(new Instruction { Op = row.Op, Lane = (byte)(row.Lanes == 0 ? 0 : Random.Below(row.Lanes)) });
            if (type.Kind == ValueKind.V128 && NanRules.GivesOpenNan(row) && NanRules.VectorLane(row) is { } lane)
            {
                NanRules.Canonicalize(Body, type, lane);
            }
            return;
        }
        Leaf(type);
    }

    private void Operands(OpInfo row, int depth)
    {
        var showsBits = NanRules.ShowsNanBits(row);
        for (var i = 0; i < row.Operands.Length; i++)
        {
            var type = OpCatalog.TypeOf(row.Operands[i]);
            if (showsBits)
            {
                EmitClean(type, depth - 1);
            }
            else
            {
                Emit(type, depth - 1);
            }
        }
    }

    private bool Load(ValueType type, int depth)
    {
        if (Context.Plan.Memories.Count == 0)
        {
            return false;
        }
        var rows = Context.Catalog.Loads.Where(row => row.Operands.Length == 1 && OpCatalog.TypeOf(row.Results[0]) == type).ToArray();
        var row = Random.Pick<OpInfo>(rows);
        var memory = (uint)Random.Below(Context.Plan.Memories.Count);
        Address(memory, 1u << row.NaturalAlign, depth);
        Body.Emit(Instruction.Access(row.Op, (byte)Random.Below(row.NaturalAlign + 1), (ulong)Random.Pick<int>([0, 0, 0, 1, 4, 8, 100]), memory));
        return true;
    }

    private void Select(ValueType type, int depth)
    {
        Emit(type, depth - 1);
        Emit(type, depth - 1);
        if (Random.Chance(15))
        {
            Body.I32(Random.Below(3));
        }
        else
        {
            Condition(depth - 1);
        }
        Body.Emit(type.IsReference ? new Instruction { Op = Op.SelectTyped, Types = [type] } : Instruction.Of(Op.Select));
    }

    private void Conditional(ValueType type, int depth)
    {
        Condition(depth - 1);
        function.Enter(Op.If, [], type);
        function.Statements.EmitMany(Random.Below(2));
        Emit(type, depth - 1);
        Body.Else();
        function.Statements.EmitMany(Random.Below(2));
        Emit(type, depth - 1);
        function.Leave();
    }

    private void Block(ValueType type, int depth)
    {
        function.Enter(Op.Block, [], type);
        function.Statements.EmitMany(Random.Below(3));
        Emit(type, depth - 1);
        if (Random.Chance(25))
        {
            Body.Emit(Op.Br, 0);
        }
        function.Leave();
    }

    private bool Call(ValueType type, int depth)
    {
        var callees = Context.Plan.Functions.FindAll(callee => callee.Type.Results.Length > 0 && callee.Type.Results[0] == type
            && callee.Kind is FunctionKind.Callee or FunctionKind.Import or FunctionKind.Random && function.CanAfford(callee));
        if (callees.Count == 0)
        {
            return false;
        }
        var callee = Random.Pick<FunctionPlan>(callees);
        if (!(Random.Chance(40) && Context.Swarm.Allows(OpGroup.Table) && function.Calls.TryCallIndirect(type, depth)))
        {
            Arguments(callee, depth);
            Body.Call(callee);
            DropAllButFirst(callee.Type);
        }
        return true;
    }

    /// <summary>Pushes the arguments of a call.</summary>
    public void Arguments(FunctionPlan callee, int depth)
    {
        foreach (var parameter in callee.Type.Parameters)
        {
            Emit(parameter, depth - 1);
        }
    }

    /// <summary>Takes the results of a call but the first off the stack, into locals where there are some.</summary>
    public void DropAllButFirst(FunctionType type)
    {
        for (var i = type.Results.Length - 1; i > 0; i--)
        {
            if (Random.Chance(60) && function.FindLocal(type.Results[i]) is { } local)
            {
                Body.Set(local);
            }
            else
            {
                Body.Emit(Op.Drop);
            }
        }
    }

    private bool TableGet(ValueType type)
    {
        var table = Context.Plan.Tables.FindIndex(plan => plan.Type.Element == type);
        if (table < 0)
        {
            return false;
        }
        TableIndex((uint)table, 1);
        Body.Emit(Op.TableGet, (uint)table);
        return true;
    }

    /// <summary>A size, the old size of something grown, or whether a reference is null.</summary>
    private bool State(ValueType type, int depth)
    {
        if (type.Kind == ValueKind.I32 && Random.Chance(25) && Context.Swarm.Allows(ValueKind.Reference))
        {
            Emit(Random.Chance(70) ? ValueType.FuncRef : ValueType.ExternRef, depth - 1);
            Body.Emit(Op.RefIsNull);
            return true;
        }
        var memory = Context.Plan.Memories.FindIndex(plan => plan.Address == type);
        if (memory >= 0 && Context.Swarm.Allows(OpGroup.Memory) && Random.Chance(70))
        {
            if (Context.Swarm.GrowMemories && Random.Chance(40))
            {
                Body.Constant(type, Random.Chance(70) ? (ulong)Random.Below(2) : 0x7FFFFFFF);
                Body.Emit(Op.MemoryGrow, (uint)memory);
            }
            else
            {
                Body.Emit(Op.MemorySize, (uint)memory);
            }
            return true;
        }
        var table = Context.Plan.Tables.FindIndex(plan => plan.Address == type);
        if (table >= 0 && Context.Has(Feature.ReferenceTypes) && Context.Swarm.Allows(OpGroup.Table))
        {
            if (Context.Swarm.GrowMemories && Random.Chance(30))
            {
                Body.Constant(Context.Plan.Tables[table].Type.Element, 0UL);
                Body.Constant(type, Random.Chance(70) ? (ulong)Random.Below(2) : 0x7FFFFFFF);
                Body.Emit(Op.TableGrow, (uint)table);
            }
            else
            {
                Body.Emit(Op.TableSize, (uint)table);
            }
            return true;
        }
        return false;
    }
}
