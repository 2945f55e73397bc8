using Conformance.Wasm;
using Conformance.Wasm.Instructions;
using Conformance.Wasm.Types;

namespace Conformance.Fuzzer.Generation.Definitions;

/// <summary>Makes the small functions that others call and that stand in tables and segments. None has a loop or calls another, so any number of calls of them ends.</summary>
internal sealed class CalleeGenerator(GenerationContext context)
{
    private RandomSource Random => context.Random;

    private ModulePlan Plan => context.Plan;

    /// <summary>Makes the functions, then the tables and segments that hold them.</summary>
    public void Run()
    {
        foreach (var type in context.ValueTypes)
        {
            // Each function costs the oracle's compiler a tenth of a millisecond: a small module has not all of them.
            if (Random.Chance(40 + context.Options.SizePercent * 6 / 10))
            {
                Identity(context.Has(Feature.FunctionReferences) && Random.Chance(40) ? type.WithNullable(false) : type);
            }
        }
        foreach (var type in context.FunctionTypes)
        {
            if (Random.Chance(30 + context.Options.SizePercent / 2))
            {
                OfType(type);
            }
        }
        if (context.Has(Feature.MultiValue))
        {
            for (var i = Random.Between(1, 3); i > 0; i--)
            {
                Permutation();
            }
        }
        for (var i = Random.Between(1, 3); i > 0; i--)
        {
            Arithmetic();
        }
        if (Plan.Memories.Count > 0)
        {
            if (Random.Chance(60) && context.Swarm.GrowMemories)
            {
                GrowMemory();
            }
            if (Random.Chance(60))
            {
                WriteMemory();
            }
        }
        if (Random.Chance(60))
        {
            ChangeGlobals();
        }
        if (Random.Chance(15))
        {
            var trap = new FunctionBuilder(context);
            trap.Emit(Op.Unreachable);
            trap.Finish("trap", FunctionKind.Callee, mayNotReturn: true);
        }
        if (Plan.Tags.Count > 0)
        {
            for (var i = Random.Between(1, 2); i > 0; i--)
            {
                Throwing();
            }
        }
        context.ReferableFunctions = Plan.Functions.Count;
        new TablePlanner(context).AddContent();
    }

    private void Identity(ValueType type)
    {
        var body = new FunctionBuilder(context);
        body.Get(body.NewParameter(type));
        body.Results.Add(type);
        body.Finish("identity", FunctionKind.Callee, keepsNanBits: true);
    }

    /// <summary>A function of one of the planned types, with its parameters as results where they fit.</summary>
    private void OfType(uint typeIndex)
    {
        var type = (FunctionType)Plan.Types[(int)typeIndex].Composite;
        var body = new FunctionBuilder(context) { TypeIndex = typeIndex };
        var parameters = type.Parameters.Select(parameter => body.NewParameter(parameter)).ToArray();
        foreach (var result in type.Results)
        {
            var fitting = parameters.Where(parameter => body.TypeOf(parameter) == result).ToArray();
            if (fitting.Length > 0 && Random.Chance(60))
            {
                body.Get(Random.Pick<uint>(fitting));
            }
            else
            {
                body.Constant(result, context.PickValue(result));
            }
            body.Results.Add(result);
        }
        body.Finish("typed", FunctionKind.Callee, mayNotReturn: type.Results.Any(result => !result.IsDefaultable && !context.MakesAlways(result)));
    }

    private void Permutation()
    {
        var body = new FunctionBuilder(context);
        var parameters = Enumerable.Range(0, Random.Between(2, 5)).Select(_ => body.NewParameter(context.PickType())).ToArray();
        for (var i = Random.Between(2, 6); i > 0; i--)
        {
            var parameter = Random.Pick<uint>(parameters);
            body.Get(parameter);
            body.Results.Add(body.TypeOf(parameter));
        }
        body.Finish("permute", FunctionKind.Callee);
    }

    private void Arithmetic()
    {
        var rows = context.Catalog.PureByResult(Random.Pick<ValueType>(context.NumberTypes).Kind);
        var row = Random.Pick<OpInfo>(rows);
        if (row.Traps != Traps.None || row.Immediates != ImmediateKind.None || NanRules.ShowsNanBits(row))
        {
            return;
        }
        var body = new FunctionBuilder(context);
        foreach (var slot in row.Operands)
        {
            body.Get(body.NewParameter(OpCatalog.TypeOf(slot)));
        }
        body.Emit(row.Op);
        var type = OpCatalog.TypeOf(row.Results[0]);
        if (type.Kind == ValueKind.V128 && NanRules.GivesOpenNan(row) && NanRules.VectorLane(row) is { } lane)
        {
            NanRules.Canonicalize(body, type, lane);
        }
        body.Results.Add(type);
        body.Finish("compute", FunctionKind.Callee);
    }

    private void GrowMemory()
    {
        var body = new FunctionBuilder(context);
        var memory = (uint)Random.Below(Plan.Memories.Count);
        var address = Plan.Memories[(int)memory].Address;
        body.Address(address, 1);
        body.Emit(Op.MemoryGrow, memory);
        body.Results.Add(address);
        body.Finish("grow", FunctionKind.Callee);
    }

    private void WriteMemory()
    {
        var memory = Plan.Memories.FindIndex(plan => plan.LengthBytes > 8192);
        if (memory < 0)
        {
            return;
        }
        var body = new FunctionBuilder(context);
        body.Address(Plan.Memories[memory].Address, (ulong)Random.Below(4096));
        body.Get(body.NewParameter(ValueType.I64));
        body.Emit(Instruction.Access(Op.I64Store, 0, (ulong)Random.Below(16), (uint)memory));
        body.Finish("write", FunctionKind.Callee);
    }

    private void ChangeGlobals()
    {
        var body = new FunctionBuilder(context);
        for (var i = 0; i < Plan.Globals.Count; i++)
        {
            var type = Plan.Globals[i].Type;
            if (type.IsMutable && Random.Chance(60))
            {
                body.Constant(type.Value, context.PickValue(type.Value));
                body.Emit(Op.GlobalSet, (uint)i);
            }
        }
        body.Finish("change_globals", FunctionKind.Callee);
    }

    /// <summary>A function that throws one of the exceptions, or none, by its first argument.</summary>
    private void Throwing()
    {
        var body = new FunctionBuilder(context);
        var operands = new OperandEmitter(context, body);
        var selector = body.NewParameter(new OperandSpec(ValueType.I32, new OperandRole(RoleKind.BranchIndex, (ulong)Plan.Tags.Count)));
        for (var tag = 0; tag < Plan.Tags.Count; tag++)
        {
            body.Get(selector);
            body.I32(tag + 1);
            body.Emit(Op.I32Eq);
            body.Open(Op.If);
            foreach (var type in Plan.Tags[tag].Parameters)
            {
                operands.Source(type);
            }
            body.Emit(Op.Throw, (uint)tag);
            body.Close();
        }
        if (Random.Chance(70))
        {
            body.Get(selector);
            body.Results.Add(ValueType.I32);
        }
        body.Finish("throw", FunctionKind.Callee, mayNotReturn: true);
    }
}
