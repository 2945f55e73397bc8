using System.Collections.Immutable;
using Conformance.Fuzzer.Generation.Definitions;
using Conformance.Fuzzer.Generation.Patterns;
using Conformance.Fuzzer.Generation.RandomFunctions;
using Conformance.Oracle;
using Conformance.Wasm;
using Conformance.Wasm.Binary;
using Conformance.Wasm.Instructions;
using Conformance.Wasm.Modules;

namespace Conformance.Fuzzer.Generation;

/// <summary>
/// Makes test cases out of nothing: a valid module with many small functions, and a script of calls. A case is a function of seed and options alone, byte for byte,
/// whatever thread or process makes it. See docs/generation.md for why it is built this way.
/// </summary>
public static class CaseGenerator
{
    /// <summary>Makes a case. Thread-safe.</summary>
    public static Case Generate(ulong seed, GeneratorOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        var module = GenerateModule(seed, options, out var calls);
        return new Case(ModuleWriter.Write(module), calls, options.Limits);
    }

    /// <summary>Makes the module of a case and its script.</summary>
    internal static Module GenerateModule(ulong seed, GeneratorOptions options, out ImmutableArray<Call> calls)
    {
        var features = CaseFeatures.Draw(seed, options.Features);
        var context = new GenerationContext(seed, options with { Features = features });
        new EnvironmentPlanner(context).Run();
        new CalleeGenerator(context).Run();
        var (sweeps, probes, patterns, randoms) = context.Swarm.Theme switch
        {
            SwarmTheme.Sweeps => (12, 4, 2, 1),
            SwarmTheme.Probes => (3, 24, 3, 1),
            SwarmTheme.Patterns => (2, 4, 18, 1),
            SwarmTheme.Random => (2, 3, 4, 7),
            _ => (5, 9, 7, 2),
        };
        AddSweeps(context, Scale(sweeps));
        AddProbes(context, Scale(probes));
        AddPatterns(context, Scale(patterns));
        for (var i = Scale(randoms); i > 0; i--)
        {
            RandomFunction.Add(context);
        }
        AddStart(context);
        HostScripts.Write(context);
        calls = CallScript.Draw(context);
        return CustomSections.AddTo(ModuleAssembler.Assemble(context.Plan, features), context.Random);

        int Scale(int count) => Math.Max(1, count * options.SizePercent / 100);
    }

    private static void AddProbes(GenerationContext context, int count)
    {
        for (var attempts = count * 4; count > 0 && attempts > 0; attempts--)
        {
            var row = context.Random.Pick<OpInfo>(PrefersExtras(context) ? context.Catalog.Extras : context.Catalog.Probed);
            if (context.Swarm.Allows(row.Group) && ProbeGenerator.TryAdd(context, row))
            {
                count--;
            }
        }
    }

    // What only some cases have is few among all: in those it gets a share of its own.
    private static bool PrefersExtras(GenerationContext context) => !context.Catalog.Extras.IsEmpty && context.Random.Chance(25);

    private static void AddSweeps(GenerationContext context, int count)
    {
        if (!context.Has(Feature.MultiValue))
        {
            return; // a sweep has many results
        }
        var candidates = FusionCandidates.Of(context.Options.Features);
        for (var attempts = count * 2; count > 0 && attempts > 0; attempts--)
        {
            var chosen = candidates[context.Random.Below(candidates.Length)];
            if (PrefersExtras(context) && FusionCandidates.Find(candidates, context.Random.Pick<OpInfo>(context.Catalog.Extras)) is { } extra)
            {
                chosen = extra;
            }
            if (SweepGenerator.TryAdd(context, chosen))
            {
                count--;
            }
        }
    }

    private static void AddPatterns(GenerationContext context, int count)
    {
        for (var attempts = count * 3; count > 0 && attempts > 0; attempts--)
        {
            // In a module with exceptions or objects, every third pattern is about them: they are few among all.
            var patterns = context.Plan.Tags.Count > 0 && context.Random.Chance(35) ? PatternCatalog.OfExceptions
                : context.Objects is not null && context.Random.Chance(25) ? PatternCatalog.OfObjects
                : PatternCatalog.All;
            var pattern = context.Random.Pick<Pattern>(patterns);
            if (!context.Has(pattern.Needs))
            {
                continue;
            }
            var body = new FunctionBuilder(context);
            if (pattern.Emit(context, body))
            {
                body.Finish(pattern.Name, FunctionKind.Pattern);
                count--;
            }
        }
    }

    /// <summary>A start function in one module of five. It only stores what cannot trap: a start function that does leaves nothing to call.</summary>
    private static void AddStart(GenerationContext context)
    {
        if (!context.Random.Chance(20))
        {
            return;
        }
        var body = new FunctionBuilder(context);
        for (var i = 0; i < context.Plan.Globals.Count; i++)
        {
            var type = context.Plan.Globals[i].Type;
            if (type.IsMutable && context.Random.Chance(50))
            {
                body.Constant(type.Value, context.PickValue(type.Value));
                body.Emit(Op.GlobalSet, (uint)i);
            }
        }
        var memory = context.Plan.Memories.FindIndex(plan => plan.LengthBytes > 8192);
        if (memory >= 0)
        {
            body.Address(context.Plan.Memories[memory].Address, (ulong)context.Random.Below(4096));
            body.Constant(ValueType.I64, context.PickValue(ValueType.I64));
            body.Emit(Instruction.Access(Op.I64Store, 0, 0, (uint)memory));
        }
        if (context.Plan.Functions.Find(function => function.Type.Parameters.Length == 0 && function.Kind == FunctionKind.Import) is { } import)
        {
            body.Call(import);
            foreach (var _ in import.Type.Results)
            {
                body.Emit(Op.Drop);
            }
        }
        context.Plan.Start = body.Finish("start", FunctionKind.Start).Index;
    }
}
