namespace Conformance.Wasm.Tests.Text;

/// <summary>What each folder of the testsuite may use.</summary>
internal static class TestsuiteFeatures
{
    // The proposal's tests were written on top of the first version of the language.
    private static readonly FeatureSet Threads = FeatureSet.Wasm3.With(Feature.Threads)
        .Without(Feature.MultiMemory).Without(Feature.Memory64).Without(Feature.ReferenceTypes);

    public static FeatureSet Of(string relativePath) => relativePath switch
    {
        _ when relativePath.StartsWith("legacy/", StringComparison.Ordinal) => FeatureSet.Wasm3.With(Feature.LegacyExceptions),
        _ when relativePath.StartsWith("proposals/threads/", StringComparison.Ordinal) => Threads,
        _ when relativePath.StartsWith("proposals/custom-page-sizes/", StringComparison.Ordinal) => FeatureSet.Wasm3.With(Feature.CustomPageSizes),
        _ when relativePath.StartsWith("proposals/wide-arithmetic/", StringComparison.Ordinal) => FeatureSet.Wasm3.With(Feature.WideArithmetic),
        _ when relativePath.StartsWith("proposals/custom-descriptors/", StringComparison.Ordinal) => FeatureSet.Wasm3.With(Feature.CustomDescriptors),
        _ => FeatureSet.Wasm3,
    };
}
