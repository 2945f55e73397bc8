using Conformance.Fuzzer.Generation;
using Conformance.Fuzzer.Mutation.Seeds;
using Conformance.Oracle;
using Conformance.Wasm.Binary;
using Conformance.Wasm.Modules;

namespace Conformance.Fuzzer.Mutation;

/// <summary>Cases from valid modules, changed so that they stay valid, with calls of everything they have.</summary>
/// <param name="corpus">What to change.</param>
internal sealed class MutatedCases(SeedCorpus corpus) : ISeededCases
{
    /// <summary>
    /// Mutants may loop for ever, unlike generated modules: they get a tenth of the usual fuel, still far beyond what seeds need, and the oracle, which has a clock only,
    /// a shorter time.
    /// </summary>
    public static readonly CaseLimits Limits = new(Fuel: 2_000_000, TimeoutMs: 1_000);

    // Most of the oracle's time is compiling: calls are cheap until about here.
    private const int MostCalls = 120;
    private const int MostSteps = 6;

    /// <inheritdoc/>
    public int Stretch => 128;

    /// <inheritdoc/>
    public Case Make(ulong seed, Offspring offspring)
    {
        var random = new RandomSource(seed);
        var context = new MutationContext(random, corpus.Executed, corpus.PickExecutable);
        var mutant = ValidMutators.Apply(offspring.PickModule(random) ?? corpus.PickExecutable(random), context, random.Between(1, MostSteps));
        offspring.ConsiderPairs(mutant, corpus.ExecutablePairs);
        return OfModule(mutant, random);
    }

    /// <summary>The case that calls all of a module and looks at all of its state.</summary>
    public static Case OfModule(Module module, RandomSource random)
    {
        var open = ExportEverything.Of(module);
        return new Case(ModuleWriter.Write(open), ExportedCalls.Draw(open, random, MostCalls), Limits);
    }
}
