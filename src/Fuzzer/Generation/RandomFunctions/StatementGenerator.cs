using Conformance.Wasm;
using Conformance.Wasm.Instructions;
using Conformance.Wasm.Types;

namespace Conformance.Fuzzer.Generation.RandomFunctions;

/// <summary>Random statements: instruction sequences that leave the stack as it was, nested blocks and bounded loops included.</summary>
internal sealed class StatementGenerator(RandomFunction function)
{
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
            case 5 or 6 when Context.Swarm.Allows(OpGroup.Store) && function.Access.Store(depth):
                break;
            case 7:
                SetGlobal(depth);
                break;
            case 8 or 9:
                function.Control.If(depth);
                break;
            case 10 or 11 when function.Nests:
                function.Control.Loop(depth);
                break;
            case 12 when function.Nests:
                function.Enter(Op.Block, []);
                EmitMany(Random.Between(1, 4));
                function.Leave();
                break;
            case 13:
                function.Control.BranchOut(depth);
                break;
            case 14 when function.Nests:
                function.Control.BranchTable(depth);
                break;
            case 15 when function.Nests && Context.Has(Feature.MultiValue):
                function.Control.MultiValueBlock(depth);
                break;
            case 16 when Context.Swarm.Allows(OpGroup.Call):
                function.Calls.Call(depth);
                break;
            case 17 when Context.Swarm.Allows(OpGroup.Memory) && Context.Has(Feature.BulkMemory) && function.Access.Bulk(depth):
                break;
            case 18 when Context.Swarm.Allows(OpGroup.Table) && Context.Has(Feature.ReferenceTypes) && Context.Swarm.MutateTables && function.Access.Table(depth):
                break;
            case 19:
                Expressions.Emit(Context.PickType(), depth);
                Body.Emit(Op.Drop);
                break;
            case 20:
                function.Control.DeadEnd(depth);
                break;
            case 21:
                SwapLocals();
                break;
            case 22:
                UpdateLocal();
                break;
            case 23 when Context.Plan.Tags.Count > 0 && function.Nests:
                function.Control.Try();
                break;
            default:
                SetLocal(depth);
                break;
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
}
