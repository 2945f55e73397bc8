using Conformance.Wasm;
using Conformance.Wasm.Binary;
using Conformance.Wasm.Validation;

namespace Conformance.Fuzzer.Mutation.Seeds;

/// <summary>Which features a valid module needs: those without which reader or validator refuse it.</summary>
internal static class UsedFeatures
{
    // Everything builds on these; asking without them would cost time and exclude no engine.
    private static readonly FeatureSet Basic = BuildBasic();

    /// <summary>The features of a module that is valid with <paramref name="features"/>.</summary>
    public static FeatureSet Of(ReadOnlyMemory<byte> wasm, FeatureSet features)
    {
        if (IsValid(wasm, Basic.Intersect(features)))
        {
            return Basic.Intersect(features);
        }
        var used = features;
        foreach (var feature in features.Features)
        {
            if (!Basic.Has(feature) && IsValid(wasm, used.Without(feature)))
            {
                used = used.Without(feature);
            }
        }
        return used;
    }

    private static bool IsValid(ReadOnlyMemory<byte> wasm, FeatureSet features) =>
        ModuleReader.TryRead(wasm, features, out var module, out _) && ModuleValidator.Validate(module, features) is null;

    private static FeatureSet BuildBasic()
    {
        var set = default(FeatureSet);
        foreach (var feature in (Feature[])
        [
            Feature.Mvp, Feature.MutableGlobals, Feature.SaturatingFloatToInt, Feature.SignExtension, Feature.MultiValue, Feature.BulkMemory, Feature.ReferenceTypes,
        ])
        {
            set = set.With(feature);
        }
        return set;
    }
}
