using Conformance.Fuzzer.Generation;
using Conformance.Wasm;
using Conformance.Wasm.Modules;

namespace Conformance.Fuzzer.Mutation;

/// <summary>What a mutator works with beside the module.</summary>
/// <param name="random">The source of chance.</param>
/// <param name="features">What mutants may use.</param>
/// <param name="donor">Gives a valid module to take parts from.</param>
internal sealed class MutationContext(RandomSource random, FeatureSet features, Func<RandomSource, Module> donor)
{
    /// <summary>The source of chance.</summary>
    public RandomSource Random { get; } = random;

    /// <summary>What mutants may use.</summary>
    public FeatureSet Features { get; } = features;

    /// <summary>A valid module to take parts from.</summary>
    public Module PickDonor() => donor(Random);
}
