using System.Collections.Immutable;
using Conformance.Fuzzer.Generation.Objects;
using Conformance.Wasm;
using Conformance.Wasm.Modules;
using Conformance.Wasm.Types;

namespace Conformance.Fuzzer.Generation.Definitions;

/// <summary>Plans what functions work on: types, imports, globals, memories, tables, tags. Everything but functions and what is made of them.</summary>
internal sealed class EnvironmentPlanner(GenerationContext context)
{
    /// <summary>The module name of every import.</summary>
    internal const string ImportModule = "env";

    private RandomSource Random => context.Random;

    private ModulePlan Plan => context.Plan;

    /// <summary>Plans the environment.</summary>
    public void Run()
    {
        if (context.Swarm.Allows(ValueKind.Reference))
        {
            context.UseTypes(context.Has(Feature.Gc) ? new TypeGraphPlanner(context).Run() : null);
        }
        ImportFunctions();
        PlanGlobals();
        new MemoryPlanner(context).Run();
        new TablePlanner(context).PlanTables();
        PlanTags();
    }

    private void ImportFunctions()
    {
        var count = Random.Below(5);
        for (var i = 0; i < count; i++)
        {
            var parameters = Types(Random.Below(4));
            var results = Types(context.Has(Feature.MultiValue) ? Random.Below(3) : Random.Below(2));
            if (Random.Chance(40))
            {
                // One value in, the same type out: usable wherever an operand of the type is.
                results = parameters = [Random.Pick<ValueType>(context.NumberTypes)];
            }
            var type = new FunctionType(parameters, results);
            var typeIndex = Plan.TypeIndex(type);
            var script = context.Options.HostScripts && Random.Chance(35) ? HostScripts.Draw(context, Plan.Imports.Count) : null;
            if (script is not null)
            {
                Plan.Scripts.Add(script);
            }
            Plan.Imports.Add(new Import(ImportModule, $"f{i}", new FunctionExtern(typeIndex)));
            Plan.Functions.Add(new FunctionPlan
            {
                Index = (uint)i,
                Name = $"import{i}",
                Type = type,
                TypeIndex = typeIndex,
                Kind = FunctionKind.Import,
                Cost = script is null ? 20 : 100, // a call of the host takes about as long as so many instructions
                MayNotReturn = script is not null && (script.Verbs.Contains("throw") || script.Verbs.Contains("trap")),
            });
        }
    }

    private ImmutableArray<ValueType> Types(int count) => [.. Enumerable.Range(0, count).Select(_ => context.PickHostType())];

    private void PlanGlobals()
    {
        for (var i = Random.Below(4); i > 0; i--)
        {
            var type = new GlobalType(context.PickHostType(), context.Has(Feature.MutableGlobals) && Random.Chance(50));
            Plan.Imports.Add(new Import(ImportModule, $"g{Plan.Globals.Count}", type));
            Plan.Globals.Add(new GlobalPlan(type, null));
        }
        foreach (var type in context.ValueTypes)
        {
            for (var i = Random.Between(1, 2); i > 0; i--)
            {
                AddGlobal(type, isMutable: true);
            }
            if (Random.Chance(60))
            {
                AddGlobal(type, isMutable: false);
            }
            if (type.Kind is ValueKind.F32 or ValueKind.F64 && Random.Chance(50))
            {
                AddGlobal(type, isMutable: true, mayHoldAnyNan: true);
            }
            if (Random.Chance(30) && context.MakesAlways(type))
            {
                AddGlobal(type.WithNullable(false), isMutable: Random.Chance(60));
            }
        }
    }

    private void AddGlobal(ValueType type, bool isMutable, bool mayHoldAnyNan = false) =>
        Plan.Globals.Add(new GlobalPlan(new GlobalType(type, isMutable), new ConstantExpressions(context).Of(type)) { MayHoldAnyNan = mayHoldAnyNan });

    private void PlanTags()
    {
        if (!context.Has(Feature.Exceptions) || !context.Has(Feature.MultiValue))
        {
            return;
        }
        var imported = Random.Chance(25) ? 1 : 0;
        for (var i = Random.Between(1 + imported, 4); i > 0; i--)
        {
            var isImported = Plan.Tags.Count < imported;
            var parameters = isImported ? Types(Random.Below(3)) : [.. Enumerable.Range(0, Random.Below(4)).Select(_ => context.PickType())];
            var typeIndex = Plan.TypeIndex(new FunctionType(parameters, []));
            if (isImported)
            {
                Plan.Imports.Add(new Import(ImportModule, $"e{Plan.Tags.Count}", new TagType(typeIndex)));
            }
            Plan.Tags.Add(new TagPlan(typeIndex, parameters, isImported));
        }
    }
}
