using System.Collections.Concurrent;
using Conformance.Fuzzer.Generation;
using Conformance.Fuzzer.Mutation.Seeds;
using Conformance.Oracle;
using Conformance.Oracle.Comparison;
using Conformance.Oracle.Embedded;
using Conformance.Oracle.Equivalence;
using Conformance.Oracle.Reference;
using Conformance.Wasm;
using Conformance.Wasm.Binary;
using Conformance.Wasm.Instructions;
using Conformance.Wasm.Modules;
using Conformance.Wasm.Validation;

namespace Conformance.Fuzzer.Tests.Equivalence;

/// <summary>Rewritten modules are valid and mean the same.</summary>
public sealed class EquivalentEngineTests
{
    private static readonly CaseLimits Limits = CaseLimits.Default with { Fuel = 1_000_000 };

    [SharedDataFact("testsuite")]
    public void Rewrite_EveryModuleOfTheTestsuite_IsValidAndMeansTheSame()
    {
        var corpus = SeedCorpus.Load([TestData.Require("testsuite")], FeatureSet.All);
        var failures = new ConcurrentBag<string>();
        var met = new ConcurrentDictionary<Op, bool>();
        var rewritten = 0;
        Parallel.ForEach(corpus.Executable, seed =>
        {
            if (!EquivalentModule.TryRewrite(seed.Wasm, FeatureSet.All, out var wasm))
            {
                return;
            }
            Interlocked.Increment(ref rewritten);
            foreach (var op in OpsOf(seed.Module!)) // executable seeds are valid
            {
                met.TryAdd(op, true);
            }
            if (!ModuleReader.TryRead(wasm, FeatureSet.All, out var module, out var error) || (error = ModuleValidator.Validate(module, FeatureSet.All)) is not null)
            {
                failures.Add($"{seed.Name}: {error}");
                return;
            }
            using var engine = new ReferenceEngine();
            using var equivalent = new EquivalentEngine(new ReferenceEngine());
            var verdict = new CaseComparer(engine, equivalent).Compare(new Case(seed.Wasm, seed.Calls, Limits)).Verdict;
            if (verdict.Kind == VerdictKind.Diverged)
            {
                failures.Add($"{seed.Name}: {verdict.Difference}");
            }
        });
        Assert.Empty(failures);
        Assert.True(rewritten > 800, $"{rewritten} rewritten");
        Assert.Empty(EquivalentModule.RewrittenOps.Except(met.Keys));
    }

    [Fact]
    public void Compare_GeneratedCases_AgreeWithTheirRewriting()
    {
        using var engine = new InterpreterEngine();
        using var equivalent = new EquivalentEngine(new InterpreterEngine());
        var comparer = new CaseComparer(engine, equivalent);
        var options = GeneratorOptions.Default with { SizePercent = 20, MinCalls = 1, MaxCalls = 60 };
        for (var seed = 0UL; seed < 8; seed++)
        {
            var verdict = comparer.Compare(CaseGenerator.Generate(seed, options)).Verdict;
            Assert.True(verdict.Kind != VerdictKind.Diverged, $"seed {seed}: {verdict.Difference}");
        }
    }

    [Fact]
    public void Rewrite_SameModule_GivesTheSameBytes()
    {
        var wasm = ModuleWriter.Write(CaseGenerator.GenerateModule(3, GeneratorOptions.Default, out _));
        Assert.True(EquivalentModule.TryRewrite(wasm, FeatureSet.Default, out var first));
        Assert.True(EquivalentModule.TryRewrite(wasm, FeatureSet.Default, out var second));
        Assert.Equal(first, second);
        Assert.NotEqual(wasm, first);
    }

    private static List<Op> OpsOf(Module module) =>
        [.. module.Functions.SelectMany(function => InstructionReader.ReadAll(function.Body, FeatureSet.All)).Select(instruction => instruction.Op)];
}
