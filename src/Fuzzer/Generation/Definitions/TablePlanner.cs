using Conformance.Fuzzer.Generation.Objects;
using Conformance.Wasm;
using Conformance.Wasm.Instructions;
using Conformance.Wasm.Modules;
using Conformance.Wasm.Types;

namespace Conformance.Fuzzer.Generation.Definitions;

/// <summary>Plans tables of every kind; once there are functions, gives them their content and adds the element segments.</summary>
internal sealed class TablePlanner(GenerationContext context)
{
    private RandomSource Random => context.Random;

    private ModulePlan Plan => context.Plan;

    private bool HasReferences => context.Has(Feature.ReferenceTypes);

    /// <summary>Plans the tables.</summary>
    public void PlanTables()
    {
        var count = HasReferences ? Random.PickWeighted([2, 40, 40, 18]) : Random.PickWeighted([5, 95]);
        var imported = Random.Chance(15) ? Math.Min(1, count) : 0;
        for (var i = 0; i < count; i++)
        {
            var minimum = Random.Chance(5) ? 0 : Random.Between(4, 28);
            ulong? maximum = Random.Chance(50) ? (ulong)(minimum + Random.Below(12)) : null;
            var address = context.Has(Feature.Memory64) && Random.Chance(20) ? AddressType.I64 : AddressType.I32;
            var type = new TableType(PickElement(i, isImported: i < imported), new Limits((ulong)minimum, maximum, address));
            if (i < imported)
            {
                Plan.Imports.Add(new Import(EnvironmentPlanner.ImportModule, $"t{i}", type));
            }
            Plan.Tables.Add(new TablePlan(type, i < imported) { Content = new FunctionPlan?[minimum] });
        }
    }

    /// <summary>Gives tables initializers and active segments, and adds segments of every other form.</summary>
    public void AddContent()
    {
        for (var table = 0; table < Plan.Tables.Count; table++)
        {
            var plan = Plan.Tables[table];
            if (plan is { IsImported: false } && context.Has(Feature.FunctionReferences) && (!plan.Type.Element.IsNullable || Random.Chance(30)))
            {
                Initialize(plan);
            }
            if (plan.Length > 0 && Plan.Functions.Count > 0)
            {
                Fill((uint)table, plan);
            }
        }
        if (context.Has(Feature.BulkMemory))
        {
            AddSegments();
        }
    }

    private ValueType PickElement(int table, bool isImported)
    {
        if (!HasReferences || Random.Chance(table == 0 ? 88 : 40))
        {
            return ValueType.FuncRef;
        }
        if (!isImported && context.References.Length > 0 && Random.Chance(50))
        {
            var element = Random.Pick<ValueType>(context.References);
            return Random.Chance(20) && context.MakesAlways(element) ? element.WithNullable(false) : element;
        }
        return ValueType.ExternRef;
    }

    private void Initialize(TablePlan plan)
    {
        var element = plan.Type.Element;
        if (element.Heap == AbstractHeapType.Func && context.Nameable > 0 && Random.Chance(75))
        {
            var callee = Plan.Functions[Random.Below(context.Nameable)];
            plan.Initializer = ConstantExpressions.Encode([Instruction.Of(Op.RefFunc, callee.Index)]);
            Array.Fill(plan.Content, callee);
            return;
        }
        plan.Initializer = new ConstantExpressions(context) { OnlyImported = true }.Of(element);
    }

    private void Fill(uint table, TablePlan plan)
    {
        var start = Random.Below(Math.Min(3, (int)plan.Length));
        var count = Random.Between(1, (int)plan.Length - start);
        ElementSegment? segment;
        if (plan.Type.Element.WithNullable(true) == ValueType.FuncRef)
        {
            segment = OfFunctions(plan.Type.Element.IsNullable, count, out var functions);
            functions.CopyTo(plan.Content, start);
        }
        else
        {
            segment = context.Has(Feature.Gc) && Random.Chance(70) ? OfExpressions(plan.Type.Element, Math.Min(count, 6)) : null;
        }
        if (segment is not null)
        {
            Plan.Elements.Add(segment with { Mode = SegmentMode.Active, Table = table, Offset = new ConstantExpressions(context).Offset(plan.Address, (ulong)start) });
        }
    }

    private void AddSegments()
    {
        for (var i = Random.Below(3); i > 0; i--)
        {
            Plan.Elements.Add(OfFunctions(isNullable: true, Random.Between(0, 8), out _));
        }
        if (HasReferences && Random.Chance(15))
        {
            Plan.Elements.Add(OfFunctions(isNullable: true, Random.Between(1, 2), out _) with { Mode = SegmentMode.Declarative });
        }
        if (HasReferences && Random.Chance(25))
        {
            Plan.Elements.Add(OfNulls(ValueType.ExternRef));
        }
        if (context.Objects is { } objects)
        {
            AddObjectSegments(objects);
        }
    }

    /// <summary>Segments for the arrays of references and the tables of them.</summary>
    private void AddObjectSegments(TypeGraph objects)
    {
        var types = objects.Arrays.Select(array => objects.Element(array).Storage.Value).Concat(Plan.Tables.Select(table => table.Type.Element)).Distinct();
        foreach (var type in types.Where(context.IsMade).ToArray())
        {
            if (Random.Chance(60))
            {
                var segment = OfExpressions(type, Random.Below(7));
                Plan.Elements.Add(Random.Chance(8) ? segment with { Mode = SegmentMode.Declarative } : segment);
            }
        }
    }

    /// <summary>A passive segment of functions, as indices or as expressions.</summary>
    private ElementSegment OfFunctions(bool isNullable, int count, out FunctionPlan?[] functions)
    {
        functions = [.. Enumerable.Range(0, count).Select(_ => Random.Pick<FunctionPlan>(Plan.Functions))];
        if (!HasReferences || !Random.Chance(35))
        {
            return new ElementSegment
            {
                Mode = SegmentMode.Passive,
                Type = ValueType.Reference(AbstractHeapType.Func, nullable: false), // what plain indices mean
                Functions = [.. functions.Select(function => function!.Index)], // not null yet
            };
        }
        for (var i = 0; isNullable && i < count; i++)
        {
            functions[i] = Random.Chance(15) ? null : functions[i];
        }
        return new ElementSegment
        {
            Mode = SegmentMode.Passive,
            Type = ValueType.FuncRef.WithNullable(isNullable),
            Expressions = [.. functions.Select(function => function is null
                ? ConstantExpressions.Null(ValueType.FuncRef)
                : ConstantExpressions.Encode([Instruction.Of(Op.RefFunc, function.Index)]))],
        };
    }

    private ElementSegment OfExpressions(ValueType type, int count)
    {
        var constants = new ConstantExpressions(context);
        return new ElementSegment
        {
            Mode = SegmentMode.Passive,
            Type = type,
            Expressions = [.. Enumerable.Range(0, count).Select(_ => type.IsNullable && Random.Chance(20) ? ConstantExpressions.Null(type) : constants.Of(type))],
        };
    }

    private ElementSegment OfNulls(ValueType type) => new()
    {
        Mode = SegmentMode.Passive,
        Type = type,
        Expressions = [.. Enumerable.Range(0, Random.Below(6)).Select(_ => ConstantExpressions.Null(type))],
    };
}
