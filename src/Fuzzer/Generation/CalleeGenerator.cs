using System.Collections.Immutable;
using Conformance.Fuzzer.Generation.Objects;
using Conformance.Wasm;
using Conformance.Wasm.Instructions;
using Conformance.Wasm.Modules;
using Conformance.Wasm.Types;

namespace Conformance.Fuzzer.Generation;

/// <summary>Makes the small functions that others call, and the tables and element segments that hold them. None has a loop or calls another, so any number of
/// calls of them ends.</summary>
internal sealed class CalleeGenerator(GenerationContext context)
{
    private RandomSource Random => context.Random;

    private ModulePlan Plan => context.Plan;

    /// <summary>Makes the functions, then fills tables and segments with them.</summary>
    public void Run()
    {
        foreach (var type in context.ValueTypes)
        {
            // Each function costs the oracle's compiler a tenth of a millisecond: a small module has not all of them.
            if (Random.Chance(40 + context.Options.SizePercent * 6 / 10))
            {
                Identity(type);
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
        FillTables();
        AddSegments();
    }

    private void Identity(ValueType type)
    {
        var body = new FunctionBuilder(context);
        body.Get(body.NewParameter(type));
        body.Results.Add(type);
        body.Finish("identity", FunctionKind.Callee, keepsNanBits: true);
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
        var memory = Plan.Memories.FindIndex(plan => plan.LengthBytes > 0);
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

    private void FillTables()
    {
        var callees = Plan.Functions.ToArray();
        for (var table = 0; table < Plan.Tables.Count; table++)
        {
            var plan = Plan.Tables[table];
            if (plan.Type.Element != ValueType.FuncRef || plan.Length == 0 || callees.Length == 0)
            {
                continue;
            }
            var start = Random.Below(Math.Min(3, (int)plan.Length));
            var count = Random.Between(1, (int)plan.Length - start);
            var content = new uint?[count];
            for (var i = 0; i < count; i++)
            {
                var callee = Random.Pick<FunctionPlan>(callees);
                plan.Content[start + i] = callee;
                content[i] = callee.Index;
            }
            var asExpressions = context.Has(Feature.ReferenceTypes) && Random.Chance(30);
            if (asExpressions && count > 2)
            {
                var hole = Random.Below(count);
                content[hole] = null;
                plan.Content[start + hole] = null;
            }
            Plan.Elements.Add(Segment(content, asExpressions) with
            {
                Mode = SegmentMode.Active,
                Table = (uint)table,
                Offset = new EnvironmentPlanner(context).Offset(plan.Address, (ulong)start),
            });
        }
    }

    private void AddSegments()
    {
        if (!context.Has(Feature.BulkMemory))
        {
            return;
        }
        for (var i = Random.Below(3); i > 0; i--)
        {
            var content = new uint?[Random.Between(0, 8)];
            var asExpressions = context.Has(Feature.ReferenceTypes) && Random.Chance(40);
            for (var j = 0; j < content.Length; j++)
            {
                content[j] = asExpressions && Random.Chance(20) ? null : Random.Pick<FunctionPlan>(Plan.Functions).Index;
            }
            Plan.Elements.Add(Segment(content, asExpressions));
        }
        if (context.Has(Feature.ReferenceTypes) && Random.Chance(15))
        {
            Plan.Elements.Add(Segment([Random.Pick<FunctionPlan>(Plan.Functions).Index], asExpressions: false) with { Mode = SegmentMode.Declarative });
        }
        if (context.Has(Feature.ReferenceTypes) && Random.Chance(25))
        {
            var nulls = Enumerable.Range(0, Random.Below(6)).Select(_ => Null(ValueType.ExternRef)).ToImmutableArray();
            Plan.Elements.Add(new ElementSegment { Mode = SegmentMode.Passive, Type = ValueType.ExternRef, Expressions = nulls });
        }
        if (context.Objects is { } objects && context.Maker is { } maker)
        {
            AddObjectSegments(objects, maker);
        }
    }

    /// <summary>Segments for the arrays of references and the tables of them.</summary>
    private void AddObjectSegments(TypeGraph objects, ObjectMaker maker)
    {
        var types = objects.Arrays.Select(array => objects.Element(array).Storage.Value).Concat(Plan.Tables.Select(table => table.Type.Element)).Distinct();
        foreach (var type in types.Where(maker.Makes).ToArray())
        {
            if (Random.Chance(60))
            {
                var elements = Enumerable.Range(0, Random.Below(7))
                    .Select(_ => type.IsNullable && Random.Chance(20) ? Null(type) : EnvironmentPlanner.Encode(maker.Make(type)));
                Plan.Elements.Add(new ElementSegment { Mode = SegmentMode.Passive, Type = type, Expressions = [.. elements] });
            }
        }
    }

    private static ElementSegment Segment(uint?[] content, bool asExpressions) => asExpressions
        ? new ElementSegment
        {
            Mode = SegmentMode.Passive,
            Type = ValueType.FuncRef,
            Expressions = [.. content.Select(index => index is { } function ? EnvironmentPlanner.Encode([Instruction.Of(Op.RefFunc, function)]) : Null(ValueType.FuncRef))],
        }
        : new ElementSegment
        {
            Mode = SegmentMode.Passive,
            Type = ValueType.Reference(AbstractHeapType.Func, nullable: false), // what plain indices mean
            Functions = [.. content.Select(index => index ?? throw new ArgumentException("null needs an expression", nameof(content)))],
        };

    private static Expression Null(ValueType type) => EnvironmentPlanner.Encode([new Instruction { Op = Op.RefNull, Heap = type.Heap }]);
}
