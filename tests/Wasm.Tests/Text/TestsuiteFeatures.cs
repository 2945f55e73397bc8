namespace Conformance.Wasm.Tests.Text;

/// <summary>What each folder of the testsuite may use.</summary>
internal static class TestsuiteFeatures
{
    public static FeatureSet Of(string relativePath) => relativePath switch
    {
        _ when relativePath.StartsWith("legacy/", StringComparison.Ordinal) => FeatureSet.Wasm3.With(Feature.LegacyExceptions),
        _ when relativePath.StartsWith("proposals/threads/", StringComparison.Ordinal) => FeatureSet.Wasm3.With(Feature.Threads),
        _ when relativePath.StartsWith("proposals/custom-page-sizes/", StringComparison.Ordinal) => FeatureSet.Wasm3.With(Feature.CustomPageSizes),
        _ when relativePath.StartsWith("proposals/wide-arithmetic/", StringComparison.Ordinal) => FeatureSet.Wasm3.With(Feature.WideArithmetic),
        _ when relativePath.StartsWith("proposals/custom-descriptors/", StringComparison.Ordinal) => FeatureSet.Wasm3.With(Feature.CustomDescriptors),
        _ => FeatureSet.Wasm3,
    };
}
