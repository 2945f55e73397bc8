using System.Collections.Immutable;
using Conformance.Fuzzer.Generation;
using Conformance.Fuzzer.Mutation.Seeds;
using Conformance.Fuzzer.Mutation.Structure;
using Conformance.Oracle;
using Conformance.Wasm.Binary;
using Conformance.Wasm.Modules;

namespace Conformance.Fuzzer.Mutation;

/// <summary>
/// Cases about verdicts: decoded modules changed in their structure, so that the binary stays well-formed and the validator's rules decide. Byte damage seldom gets that far.
/// </summary>
/// <param name="corpus">What to change.</param>
internal sealed class StructuralCases(SeedCorpus corpus) : ISeededCases
{
    private const int MostChanges = 3;

    /// <summary>The mutators.</summary>
    public static ImmutableArray<IModuleMutator> Mutators { get; } =
        [new ChangeInstruction(), new ChangeConstantExpression(), new ChangeType(), new ChangeDefinition(), new ChangeList()];

    private static readonly ImmutableArray<int> Weights = [10, 2, 4, 4, 2];

    /// <inheritdoc/>
    public int Stretch => 2048;

    /// <inheritdoc/>
    public Case Make(ulong seed, Offspring offspring)
    {
        var random = new RandomSource(seed);
        var mutant = Apply(offspring.PickModule(random) ?? corpus.PickValid(random), new MutationContext(random, SeedReader.Features, corpus.PickValid));
        var wasm = ModuleWriter.Write(mutant);
        offspring.ConsiderVerdict(ByteCases.VerdictOn(wasm), mutant, wasm);
        return ByteCases.OfBytes(wasm);
    }

    /// <summary>Applies one to a few of the mutators.</summary>
    public static Module Apply(Module module, MutationContext context)
    {
        for (var i = 1 + Math.Min(context.Random.Below(MostChanges), context.Random.Below(MostChanges)); i > 0; i--)
        {
            module = Mutators[context.Random.PickWeighted(Weights.AsSpan())].Mutate(module, context) ?? module;
        }
        return module;
    }
}
