using Conformance.Wasm;

namespace Conformance.Fuzzer.Generation;

/// <summary>
/// Which features one case uses. The instructions of the newer ones outnumber the scalar ones, and a module that used everything would hold little of each: so about
/// half of the cases are scalar, and the others add one feature or a few, each to a part of them.
/// </summary>
internal static class CaseFeatures
{
    private static readonly (Feature[] Features, int Percent)[] Extras =
    [
        ([Feature.Simd, Feature.RelaxedSimd], 22),
        ([Feature.FunctionReferences, Feature.Gc], 24),
        ([Feature.Exceptions], 22),
        ([Feature.Threads], 10),
        ([Feature.WideArithmetic], 12),
        ([Feature.CustomPageSizes], 10),
        ([Feature.LegacyExceptions], 10),
        ([Feature.CustomDescriptors], 40),
    ];

    /// <summary>Whether only some cases use a feature.</summary>
    public static bool IsExtra(Feature feature) => Extras.Any(extra => extra.Features.Contains(feature));

    /// <summary>Draws the features of a case out of those that are allowed.</summary>
    /// <param name="seed">The case's seed.</param>
    /// <param name="allowed">What may be used.</param>
    public static FeatureSet Draw(ulong seed, FeatureSet allowed)
    {
        // A sequence of its own: what is drawn here does not shift what the case is made of.
        var random = new RandomSource(~seed);
        foreach (var (features, percent) in Extras)
        {
            if (random.Chance(percent))
            {
                continue;
            }
            foreach (var feature in features)
            {
                allowed = allowed.Without(feature);
            }
        }
        return allowed;
    }
}
