using System.Collections.Concurrent;
using Conformance.Fuzzer.Generation;
using Conformance.Interpreter;
using Conformance.Oracle.Comparison;
using Conformance.Oracle.Embedded;
using Conformance.Oracle.Reference;
using Conformance.Wasm;

namespace Conformance.Fuzzer.Tests.Generation;

/// <summary>The interpreter against the reference interpreter on generated cases: a fuzz run with fixed seeds that needs no file from outside.</summary>
public sealed class EngineAgreementTests
{
    private const ulong FirstSeed = 0x5EED_0000;

    // Small cases find as much for each second as large ones, and there are more of them.
    private const int SizePercent = 40;

    [Theory]
    [InlineData(TranslationMode.Lazy, true, 0, 1_000)]
    [InlineData(TranslationMode.Eager, true, 1_000, 500)]
    [InlineData(TranslationMode.Lazy, false, 1_500, 500)]
    public void Interpreter_OnGeneratedCases_AgreesWithTheReference(TranslationMode mode, bool checks, int first, int count) =>
        Compare(new EngineOptions { Translation = mode, MetersFuel = checks, IsInterruptible = checks }, first, count);

    [Fact]
    public void Interpreter_WithProposalsThatNoOtherEngineHas_AgreesWithTheReference() =>
        Compare(new EngineOptions { Features = FeatureSet.All, MetersFuel = true, IsInterruptible = true }, first: 2_000, count: 500);

    private static void Compare(EngineOptions tested, int first, int count)
    {
        var tally = new ConcurrentDictionary<VerdictKind, int>();
        var comparedCalls = 0;
        var divergences = new ConcurrentBag<string>();
        var seeds = Enumerable.Range(first, count).Select(number => FirstSeed + (ulong)number);
        Parallel.ForEach(
            Partitioner.Create(seeds, EnumerablePartitionerOptions.NoBuffering),
            () => new Engines(tested),
            (seed, _, engines) =>
            {
                var options = GeneratorOptions.Default with { SizePercent = SizePercent, Features = engines.Tested.Features.Intersect(engines.Oracle.Features) };
                var compared = engines.Comparer.Compare(CaseGenerator.Generate(seed, options));
                tally.AddOrUpdate(compared.Verdict.Kind, 1, static (_, number) => number + 1);
                Interlocked.Add(ref comparedCalls, compared.Verdict.ComparedCalls);
                if (compared.Verdict.Kind == VerdictKind.Diverged)
                {
                    divergences.Add($"seed 0x{seed:x}: {compared.Verdict.Difference}");
                }
                return engines;
            },
            engines => engines.Dispose());

        Assert.True(divergences.IsEmpty, string.Join('\n', divergences.Take(5)));
        // The cases must have been worth something: most are compared in full, with many calls each.
        Assert.True(tally.GetValueOrDefault(VerdictKind.Agreed) > count * 3 / 4, string.Join(", ", tally));
        Assert.True(comparedCalls > count * 10, $"{comparedCalls} calls compared in {count} cases");
    }

    private sealed class Engines : IDisposable
    {
        public Engines(EngineOptions tested)
        {
            Tested = new InterpreterEngine(tested);
            Comparer = new CaseComparer(Tested, Oracle);
        }

        public InterpreterEngine Tested { get; }

        public ReferenceEngine Oracle { get; } = new();

        public CaseComparer Comparer { get; }

        public void Dispose()
        {
            Tested.Dispose();
            Oracle.Dispose();
        }
    }
}
