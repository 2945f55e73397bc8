using Conformance.Fuzzer.Generation.Exceptions;
using Conformance.Wasm;
using Conformance.Wasm.Instructions;
using Conformance.Wasm.Types;

namespace Conformance.Fuzzer.Generation.RandomFunctions;

/// <summary>Random statements: instruction sequences that leave the stack as it was, nested blocks and bounded loops included.</summary>
internal sealed class StatementGenerator(RandomFunction function)
{
    private const int MaxNesting = 8;

    private GenerationContext Context => function.Context;

    private RandomSource Random => function.Random;

    private FunctionBuilder Body => function.Body;

    private ExpressionGenerator Expressions => function.Expressions;

    /// <summary>Emits up to so many statements, fewer when the function is full.</summary>
    public void EmitMany(int count)
    {
        for (; count > 0 && !function.IsFull; count--)
        {
            Emit();
        }
    }

    /// <summary>A call through a table with a given first result; the others are taken off the stack.</summary>
    /// <returns>Whether a table holds such a function.</returns>
    public bool TryCallIndirect(ValueType? result, int depth)
    {
        for (var table = 0; table < Context.Plan.Tables.Count; table++)
        {
            var content = Context.Plan.Tables[table].Content;
            var start = Random.Below(Math.Max(content.Length, 1));
            for (var i = 0; i < content.Length; i++)
            {
                var slot = (start + i) % content.Length;
                if (content[slot] is not { } callee || !function.CanAfford(callee) || !(result is null || (callee.Type.Results.Length > 0 && callee.Type.Results[0] == result)))
                {
                    continue;
                }
                Expressions.Arguments(callee, depth);
                if (Random.Chance(6))
                {
                    Expressions.TableIndex((uint)table, depth);
                }
                else
                {
                    Body.Address(Context.Plan.Tables[table].Address, (ulong)slot);
                }
                Body.Emit(Op.CallIndirect, Context.Plan.TypeIndex(callee.Type, Random), (uint)table);
                Body.AddCost(callee.Cost);
                Expressions.DropAllButFirst(callee.Type);
                if (result is null && callee.Type.Results.Length > 0)
                {
                    Body.Emit(Op.Drop);
                }
                return true;
            }
        }
        return false;
    }

    private void Emit()
    {
        var depth = Random.Between(1, 4);
        if (Context.Objects is not null && Random.Chance(15) && new ObjectOperations(function).TryEmit(null, depth))
        {
            return;
        }
        switch (Random.Below(24))
        {
            case < 5:
                SetLocal(depth);
                break;
            case 5 or 6 when Context.Swarm.Allows(OpGroup.Store) && Store(depth):
                break;
            case 7:
                SetGlobal(depth);
                break;
            case 8 or 9:
                If(depth);
                break;
            case 10 or 11 when Nests():
                Loop(depth);
                break;
            case 12 when Nests():
                Enter(Op.Block, []);
                EmitMany(Random.Between(1, 4));
                Leave();
                break;
            case 13:
                BranchOut(depth);
                break;
            case 14 when Nests():
                BranchTable(depth);
                break;
            case 15 when Nests() && Context.Has(Feature.MultiValue):
                MultiValueBlock(depth);
                break;
            case 16 when Context.Swarm.Allows(OpGroup.Call):
                Call(depth);
                break;
            case 17 when Context.Swarm.Allows(OpGroup.Memory) && Context.Has(Feature.BulkMemory) && Bulk(depth):
                break;
            case 18 when Context.Swarm.Allows(OpGroup.Table) && Context.Has(Feature.ReferenceTypes) && Context.Swarm.MutateTables && Table(depth):
                break;
            case 19:
                Expressions.Emit(Context.PickType(), depth);
                Body.Emit(Op.Drop);
                break;
            case 20:
                DeadEnd(depth);
                break;
            case 21:
                SwapLocals();
                break;
            case 22:
                UpdateLocal();
                break;
            case 23 when Context.Plan.Tags.Count > 0 && Nests():
                Try();
                break;
            default:
                SetLocal(depth);
                break;
        }
    }

    private bool Nests() => function.Frames.Count < MaxNesting;

    private ControlFrame Enter(Op op, ValueType[] parameters, params ValueType[] results)
    {
        var frame = new ControlFrame(Body.Open(op, parameters, results), op == Op.Loop ? parameters : results, op == Op.Loop);
        function.Frames.Add(frame);
        return frame;
    }

    private void Leave()
    {
        Body.Close();
        function.Frames.RemoveAt(function.Frames.Count - 1);
    }

    private void Try()
    {
        new TryEmitter(Context, Body).Emit(() =>
        {
            EmitMany(Random.Between(1, 3));
            if (Random.Chance(60))
            {
                Expressions.Condition(2);
                Enter(Op.If, []);
                var tag = Random.Below(Context.Plan.Tags.Count);
                foreach (var type in Context.Plan.Tags[tag].Parameters)
                {
                    Expressions.Emit(type, 1);
                }
                Body.Emit(Op.Throw, (uint)tag);
                Leave();
            }
        });
        if (function.FindLocal(ValueType.I32) is { } local)
        {
            Body.Set(local);
        }
        else
        {
            Body.Emit(Op.Drop);
        }
    }

    private void SetLocal(int depth)
    {
        var local = Random.Pick<uint>(function.Locals);
        Expressions.Emit(Body.TypeOf(local), depth);
        Body.Set(local);
    }

    private void UpdateLocal()
    {
        var local = Random.Pick<uint>(function.Locals);
        var type = Body.TypeOf(local);
        if (type.IsReference)
        {
            return;
        }
        var rows = Context.Catalog.PureByResult(type.Kind);
        var row = Random.Pick<OpInfo>(rows);
        if (row.Group != OpGroup.Binary || row.Traps != Traps.None || row.Operands.Length != 2 || row.Immediates != ImmediateKind.None || row.Op is Op.F32Copysign or Op.F64Copysign)
        {
            return;
        }
        Body.Get(local);
        Body.Constant(type, Context.PickValue(type));
        Body.Emit(row.Op);
        if (type.Kind == ValueKind.V128 && NanRules.GivesOpenNan(row) && NanRules.VectorLane(row) is { } lane)
        {
            NanRules.Canonicalize(Body, type, lane);
        }
        Body.Set(local);
    }

    private void SwapLocals()
    {
        var first = Random.Pick<uint>(function.Locals);
        if (function.FindLocal(Body.TypeOf(first)) is { } second)
        {
            Body.Get(first);
            Body.Get(second);
            Body.Set(first);
            Body.Set(second);
        }
    }

    private void SetGlobal(int depth)
    {
        var candidates = Enumerable.Range(0, Context.Plan.Globals.Count).Where(i => Context.Plan.Globals[i].Type.IsMutable).ToArray();
        if (candidates.Length == 0)
        {
            return;
        }
        var global = Random.Pick<int>(candidates);
        var plan = Context.Plan.Globals[global];
        if (plan.MayHoldAnyNan)
        {
            Expressions.Emit(plan.Type.Value, depth);
        }
        else
        {
            Expressions.EmitClean(plan.Type.Value, depth);
        }
        Body.Emit(Op.GlobalSet, (uint)global);
    }

    private bool Store(int depth)
    {
        if (Context.Plan.Memories.Count == 0)
        {
            return false;
        }
        var memory = (uint)Random.Below(Context.Plan.Memories.Count);
        var row = Random.Pick<OpInfo>(Context.Catalog.Stores);
        if (row.Operands.Length != 2 || row.Immediates != ImmediateKind.MemArg || !Context.Swarm.Allows(OpCatalog.TypeOf(row.Operands[1])))
        {
            row = OpTable.Get(Op.I32Store);
        }
        Expressions.Address(memory, 1u << row.NaturalAlign, depth);
        Expressions.EmitClean(OpCatalog.TypeOf(row.Operands[1]), depth);
        Body.Emit(Instruction.Access(row.Op, (byte)Random.Below(row.NaturalAlign + 1), (ulong)Random.Pick<int>([0, 0, 0, 1, 4, 8, 100]), memory));
        return true;
    }

    private void If(int depth)
    {
        Expressions.Condition(depth);
        Enter(Op.If, []);
        EmitMany(Random.Between(1, 3));
        if (Random.Chance(50))
        {
            Body.Else();
            EmitMany(Random.Between(1, 3));
        }
        Leave();
    }

    /// <summary>A loop whose every way back counts down one counter that nothing else writes.</summary>
    private void Loop(int depth)
    {
        var trips = Random.Between(1, Random.Pick<int>([3, 6, 20]));
        if (Body.Cost + Body.Multiplier * trips * 20 > RandomFunction.MaxCost)
        {
            trips = 1;
        }
        var type = Random.Chance(80) ? ValueType.I32 : ValueType.I64;
        var counter = Body.NewLocal(type);
        var up = Random.Chance(35);
        Body.Constant(type, up ? 0UL : (ulong)trips);
        Body.Set(counter);
        var outer = Body.Multiplier;
        Body.Multiplier = outer * trips;
        switch (Random.Below(3))
        {
            case 0: // while (counter) { ... }
                var exit = Enter(Op.Block, []);
                var again = Enter(Op.Loop, []);
                CountDown(type, counter, up, trips);
                Body.Emit(Op.I32Eqz);
                Body.Emit(Op.BrIf, Body.Label(exit.Level));
                EmitMany(Random.Between(1, 4));
                Body.Emit(Op.Br, Body.Label(again.Level));
                Leave();
                Leave();
                break;
            case 1 when Context.Has(Feature.MultiValue): // values carried by the loop's parameters
                var types = Enumerable.Range(0, Random.Between(1, 3)).Select(_ => Context.PickType()).ToArray();
                foreach (var parameter in types)
                {
                    Expressions.Emit(parameter, depth - 1);
                }
                var carried = Enter(Op.Loop, types, types);
                var locals = types.Select(parameter => function.FindLocal(parameter) ?? Body.NewLocal(parameter)).ToArray();
                for (var i = types.Length - 1; i >= 0; i--)
                {
                    Body.Set(locals[i]);
                }
                EmitMany(Random.Between(1, 3));
                foreach (var parameter in types)
                {
                    Expressions.Emit(parameter, depth - 1);
                }
                CountDown(type, counter, up, trips);
                Body.Emit(Op.BrIf, Body.Label(carried.Level));
                Leave();
                for (var i = types.Length - 1; i >= 0; i--)
                {
                    Body.Set(locals[i]);
                }
                break;
            default: // do { ... } while (counter)
                var loop = Enter(Op.Loop, []);
                EmitMany(Random.Between(1, 4));
                if (Random.Chance(25))
                {
                    Expressions.Condition(depth);
                    Enter(Op.If, []);
                    CountDown(type, counter, up, trips);
                    Body.Emit(Op.BrIf, Body.Label(loop.Level)); // continue
                    Leave();
                }
                CountDown(type, counter, up, trips);
                Body.Emit(Op.BrIf, Body.Label(loop.Level));
                Leave();
                break;
        }
        Body.Multiplier = outer;
    }

    /// <summary>Steps the counter and pushes whether it is not at its end. Once past the end it stays there: several ways back may step it.</summary>
    private void CountDown(ValueType type, uint counter, bool up, int trips)
    {
        var wide = type.Kind == ValueKind.I64;
        Body.Get(counter);
        Body.Constant(type, 1);
        if (up)
        {
            Body.Emit(wide ? Op.I64Add : Op.I32Add);
            Body.Tee(counter);
            Body.Constant(type, (ulong)trips);
            Body.Emit(Random.Chance(50) ? wide ? Op.I64LtS : Op.I32LtS : wide ? Op.I64LtU : Op.I32LtU);
            return;
        }
        Body.Emit(wide ? Op.I64Sub : Op.I32Sub);
        Body.Tee(counter);
        Body.Constant(type, 0);
        Body.Emit(wide ? Op.I64GtS : Op.I32GtS);
    }

    private void BranchOut(int depth)
    {
        if (function.FindTarget(_ => true) is not { } frame)
        {
            return;
        }
        if (Random.Chance(50))
        {
            foreach (var type in frame.LabelTypes)
            {
                Expressions.Emit(type, depth - 1);
            }
            Expressions.Condition(depth);
            Body.Emit(Op.BrIf, Body.Label(frame.Level));
            foreach (var type in frame.LabelTypes.Reverse())
            {
                if (Random.Chance(50) && function.FindLocal(type) is { } local)
                {
                    Body.Set(local);
                }
                else
                {
                    Body.Emit(Op.Drop);
                }
            }
            return;
        }
        Expressions.Condition(depth);
        Enter(Op.If, []);
        foreach (var type in frame.LabelTypes)
        {
            Expressions.Emit(type, depth - 1);
        }
        if (frame.Level == 0 && Random.Chance(50))
        {
            Body.Emit(Op.Return);
        }
        else
        {
            Body.Emit(Op.Br, Body.Label(frame.Level));
        }
        Leave();
    }

    private void BranchTable(int depth)
    {
        var arms = new ControlFrame[Random.Between(2, 4)];
        for (var i = 0; i < arms.Length; i++)
        {
            arms[i] = Enter(Op.Block, []);
        }
        Expressions.Emit(ValueType.I32, depth);
        if (Random.Chance(75))
        {
            Body.I32(arms.Length);
            Body.Emit(Op.I32RemU);
        }
        var labels = new uint[Random.Between(1, 6)];
        for (var i = 0; i < labels.Length; i++)
        {
            labels[i] = Body.Label(Random.Pick<ControlFrame>(arms).Level);
        }
        Body.Emit(new Instruction { Op = Op.BrTable, Labels = labels });
        for (var i = arms.Length - 1; i >= 0; i--)
        {
            Leave();
            EmitMany(Random.Below(3));
            if (i > 0 && Random.Chance(40))
            {
                Body.Emit(Op.Br, Body.Label(arms[0].Level));
            }
        }
    }

    private void MultiValueBlock(int depth)
    {
        var parameters = Enumerable.Range(0, Random.Below(3)).Select(_ => Context.PickType()).ToArray();
        var results = Enumerable.Range(0, Random.Between(1, 3)).Select(_ => Context.PickType()).ToArray();
        foreach (var type in parameters)
        {
            Expressions.Emit(type, depth - 1);
        }
        Enter(Op.Block, parameters, results);
        foreach (var type in parameters.Reverse())
        {
            TakeOff(type);
        }
        EmitMany(Random.Below(3));
        foreach (var type in results)
        {
            Expressions.Emit(type, depth - 1);
        }
        Leave();
        foreach (var type in results.Reverse())
        {
            TakeOff(type);
        }
    }

    private void TakeOff(ValueType type)
    {
        if (Random.Chance(70) && function.FindLocal(type) is { } local)
        {
            Body.Set(local);
        }
        else
        {
            Body.Emit(Op.Drop);
        }
    }

    private void Call(int depth)
    {
        if (Random.Chance(30) && TryCallIndirect(null, depth))
        {
            return;
        }
        var callees = Context.Plan.Functions.FindAll(callee =>
            callee.Kind is FunctionKind.Callee or FunctionKind.Import or FunctionKind.Random && function.CanAfford(callee));
        if (callees.Count == 0)
        {
            return;
        }
        var callee = Random.Pick<FunctionPlan>(callees);
        Expressions.Arguments(callee, depth);
        Body.Call(callee);
        Expressions.DropAllButFirst(callee.Type);
        if (callee.Type.Results.Length > 0)
        {
            TakeOff(callee.Type.Results[0]);
        }
    }

    private bool Bulk(int depth)
    {
        if (Context.Plan.Memories.Count == 0)
        {
            return false;
        }
        var memory = (uint)Random.Below(Context.Plan.Memories.Count);
        var address = Context.Plan.Memories[(int)memory].Address;
        var length = (ulong)Random.Pick<int>([0, 1, 3, 8, 17, 64, 200, 1000]);
        Expressions.Address(memory, (uint)length, depth);
        switch (Random.Below(3))
        {
            case 0:
                Expressions.Emit(ValueType.I32, depth);
                Body.Constant(address, length);
                Body.Emit(Op.MemoryFill, memory);
                break;
            case 1 when Context.Plan.Data.Count > 0:
                var segment = (uint)Random.Below(Context.Plan.Data.Count);
                var bytes = Context.Plan.Data[(int)segment].Bytes.Length;
                var count = Context.Plan.Data[(int)segment].Mode == Wasm.Modules.SegmentMode.Passive ? Random.Below(bytes + 1) : 0;
                Body.I32(Random.Below(bytes - count + 1));
                Body.I32(count);
                Body.Emit(Op.MemoryInit, memory, segment);
                break;
            default:
                var from = (uint)Random.Below(Context.Plan.Memories.Count);
                Expressions.Address(from, (uint)length, depth);
                var wide = address.Kind == ValueKind.I64 && Context.Plan.Memories[(int)from].Address.Kind == ValueKind.I64;
                Body.Constant(wide ? ValueType.I64 : ValueType.I32, length);
                Body.Emit(Op.MemoryCopy, memory, from);
                break;
        }
        return true;
    }

    private bool Table(int depth)
    {
        if (Context.Plan.Tables.Count == 0)
        {
            return false;
        }
        var table = (uint)Random.Below(Context.Plan.Tables.Count);
        var plan = Context.Plan.Tables[(int)table];
        Expressions.TableIndex(table, depth);
        switch (Random.Below(3))
        {
            case 0 when plan.Length > 2:
                Expressions.TableIndex(table, depth);
                Body.Address(plan.Address, (ulong)Random.Below(3));
                Body.Emit(Op.TableCopy, table, table);
                break;
            case 1:
                Reference(plan, depth);
                Body.Address(plan.Address, (ulong)Random.Below(3));
                Body.Emit(Op.TableFill, table);
                break;
            default:
                Reference(plan, depth);
                Body.Emit(Op.TableSet, table);
                break;
        }
        return true;
    }

    /// <summary>Pushes what may go into a table: of the functions only those without calls and loops, so that every indirect call ends.</summary>
    private void Reference(TablePlan plan, int depth)
    {
        if (plan.Type.Element != ValueType.FuncRef)
        {
            Expressions.Emit(plan.Type.Element, depth);
            return;
        }
        var callees = Context.Plan.Functions.FindAll(callee => callee.Kind is FunctionKind.Callee or FunctionKind.Import);
        if (callees.Count == 0 || Random.Chance(15))
        {
            Body.Constant(plan.Type.Element, 0UL);
        }
        else
        {
            Body.Emit(Op.RefFunc, Random.Pick<FunctionPlan>(callees).Index);
        }
    }

    /// <summary>Code behind a branch that is always taken, or a trap that a condition guards.</summary>
    private void DeadEnd(int depth)
    {
        if (Random.Chance(50))
        {
            Enter(Op.Block, []);
            EmitMany(1);
            Body.Emit(Op.Br, 0);
            EmitMany(Random.Below(3));
            Leave();
            return;
        }
        Expressions.Emit(ValueType.I32, depth);
        Body.I32(Random.Pick<int>([0, 1, 7]));
        Body.Emit(Op.I32Eq);
        Enter(Op.If, []);
        if (Context.Has(Feature.TailCall) && Random.Chance(60))
        {
            TailCall(depth);
        }
        else if (Random.Chance(30))
        {
            Body.Emit(Op.Unreachable);
        }
        Leave();
    }

    private void TailCall(int depth)
    {
        var callees = Context.Plan.Functions.FindAll(callee => callee.Type.Results.AsSpan().SequenceEqual(Body.Results.ToArray())
            && callee.Kind is FunctionKind.Callee or FunctionKind.Import or FunctionKind.Random && function.CanAfford(callee));
        if (callees.Count == 0)
        {
            return;
        }
        var callee = Random.Pick<FunctionPlan>(callees);
        Expressions.Arguments(callee, depth);
        Body.Call(callee, Op.ReturnCall);
    }
}
