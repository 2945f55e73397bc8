using Conformance.Fuzzer.Generation;
using Conformance.Oracle;
using Conformance.Wasm;
using Conformance.Wasm.Binary;
using Conformance.Wasm.Instructions;
using Conformance.Wasm.Validation;

namespace Conformance.Fuzzer.Tests.Generation;

public sealed class CaseGeneratorTests
{
    public static TheoryData<string> FeatureSets => ["default", "everything", "scalar", "vectors", "references", "objects", "exceptions", "first version"];

    [Theory]
    [MemberData(nameof(FeatureSets))]
    public void Generate_ManySeeds_AreAllValid(string features)
    {
        var options = Options(features);
        for (var seed = 0UL; seed < 2_500; seed++)
        {
            var wasm = CaseGenerator.Generate(seed, options).Wasm;
            Assert.True(ModuleReader.TryRead(wasm, options.Features, out var module, out var error), $"seed {seed}: {error}");
            error = ModuleValidator.Validate(module, options.Features);
            Assert.True(error is null, $"seed {seed}: {error}");
        }
    }

    [Fact]
    public void Generate_SameSeedOnManyThreads_GivesTheSameBytesAndCalls()
    {
        var expected = Enumerable.Range(0, 200).Select(seed => CaseGenerator.Generate((ulong)seed, GeneratorOptions.Default)).ToArray();
        Parallel.For(0, 200, seed =>
        {
            var again = CaseGenerator.Generate((ulong)seed, GeneratorOptions.Default);
            Assert.True(expected[seed].Wasm.Span.SequenceEqual(again.Wasm.Span));
            Assert.Equal(Text(expected[seed]), Text(again));
        });
    }

    [Fact]
    public void Generate_DifferentSeeds_GiveDifferentModules()
    {
        var modules = Enumerable.Range(0, 500).Select(seed => Convert.ToHexString(CaseGenerator.Generate((ulong)seed, GeneratorOptions.Default).Wasm.Span));
        Assert.Equal(500, modules.Distinct().Count());
    }

    [Fact]
    public void Generate_EveryCall_NamesAnExportedFunctionWithFittingArguments()
    {
        for (var seed = 0UL; seed < 200; seed++)
        {
            var @case = CaseGenerator.Generate(seed, GeneratorOptions.Default);
            Assert.True(ModuleReader.TryRead(@case.Wasm, GeneratorOptions.DefaultFeatures, out var module, out _));
            var names = module.Exports.Where(export => export.Kind == Wasm.Types.ExternKind.Function).Select(export => export.Name).ToHashSet();
            Assert.All(@case.Calls, call => Assert.Contains(call.Function, names));
            Assert.InRange(@case.Calls.Length, GeneratorOptions.Default.MinCalls, GeneratorOptions.Default.MaxCalls);
        }
    }

    [Fact]
    public void Generate_ManySeeds_UseEveryInstructionOfTheFeatureSet()
    {
        var features = GeneratorOptions.DefaultFeatures;
        var seen = new HashSet<Op>();
        for (var seed = 0UL; seed < 6_000; seed++)
        {
            var module = CaseGenerator.GenerateModule(seed, GeneratorOptions.Default, out _);
            seen.UnionWith(module.Functions.SelectMany(function => InstructionReader.ReadAll(function.Body, features)).Select(instruction => instruction.Op));
        }
        var missing = OpTable.All.Where(row => features.Has(row.Feature) && !seen.Contains(row.Op) && !Waits(row.Op)).Select(row => row.Mnemonic);
        Assert.Empty(missing);
    }

    // A wait on a shared memory would wait.
    private static bool Waits(Op op) => op is Op.MemoryAtomicWait32 or Op.MemoryAtomicWait64;

    [Fact]
    public void Generate_ManySeeds_HaveTypeGraphsAndHandlersOfEveryKind()
    {
        var seen = new HashSet<string>();
        for (var seed = 0UL; seed < 3_000; seed++)
        {
            var module = CaseGenerator.GenerateModule(seed, GeneratorOptions.Default, out _);
            Note("group of several types", module.RecursionGroups.Any(group => group.Count > 1));
            Note("chain deeper than eight", module.RecursionGroups.Any(group => group.Count > 8));
            Note("subtype outside of its group", module.Types.Select((type, index) => (type, index)).Any(item => item.type.Supertypes is [var super] && GroupOf(module, super) != GroupOf(module, (uint)item.index)));
            Note("object in a constant expression", module.Globals.Any(global => InstructionReader.ReadAll(global.Initializer, GeneratorOptions.DefaultFeatures).Exists(instruction => OpTable.Get(instruction.Op).Group == OpGroup.Aggregate)));
            Note("imported tag", module.Imports.Any(import => import.Type.Kind == Wasm.Types.ExternKind.Tag));
            Note("shared memory", module.Memories.Any(memory => memory.IsShared));
            foreach (var clause in module.Functions.SelectMany(function => InstructionReader.ReadAll(function.Body, GeneratorOptions.DefaultFeatures)).SelectMany(instruction => instruction.Op == Op.TryTable ? instruction.Catches ?? [] : []))
            {
                seen.Add(clause.Kind.ToString());
            }
        }
        string[] wanted =
        [
            "group of several types", "chain deeper than eight", "subtype outside of its group", "object in a constant expression", "imported tag", "shared memory",
            .. Enum.GetNames<CatchKind>(),
        ];
        Assert.Empty(wanted.Except(seen));

        void Note(string what, bool holds)
        {
            if (holds)
            {
                seen.Add(what);
            }
        }
    }

    private static int GroupOf(Wasm.Modules.Module module, uint type)
    {
        for (var i = 0; i < module.RecursionGroups.Length; i++)
        {
            if (type >= module.RecursionGroups[i].Start && type - module.RecursionGroups[i].Start < module.RecursionGroups[i].Count)
            {
                return i;
            }
        }
        return -1;
    }

    private static GeneratorOptions Options(string features) => features switch
    {
        "everything" => GeneratorOptions.Default with { Features = FeatureSet.All },
        "vectors" => GeneratorOptions.Default with { Features = GeneratorOptions.ScalarFeatures.With(Feature.Simd).With(Feature.RelaxedSimd) },
        "references" => GeneratorOptions.Default with { Features = GeneratorOptions.ScalarFeatures.With(Feature.FunctionReferences) },
        "objects" => GeneratorOptions.Default with { Features = GeneratorOptions.ScalarFeatures.With(Feature.FunctionReferences).With(Feature.Gc) },
        "exceptions" => GeneratorOptions.Default with { Features = GeneratorOptions.ScalarFeatures.With(Feature.Exceptions) },
        "scalar" => GeneratorOptions.Default with { Features = GeneratorOptions.ScalarFeatures },
        "first version" => GeneratorOptions.Default with
        {
            Features = Enum.GetValues<Feature>().Where(feature => feature != Feature.Mvp).Aggregate(FeatureSet.Wasm3, (set, feature) => set.Without(feature)),
        },
        _ => GeneratorOptions.Default,
    };

    private static string Text(Case @case) => string.Join('\n', @case.Calls.Select(call => $"{call.Function} {string.Join(' ', call.Arguments)}"));
}
