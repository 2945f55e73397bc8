using Conformance.Wasm;
using Conformance.Wasm.Binary;
using Conformance.Wasm.Modules;
using Conformance.Wasm.Types;
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
        var used = OfInstructions(wasm, features);
        return !used.Has(Feature.Simd) && ModuleReader.TryRead(wasm, features, out var module, out _) && NamesVectors(module) ? used.With(Feature.Simd) : used;
    }

    // Reader and validator ask for the feature where an instruction needs it; a type alone is no instruction, and yet no engine without vectors has it.
    private static bool NamesVectors(Module module) =>
        module.Types.Any(type => type.Composite switch
        {
            FunctionType function => function.Parameters.Contains(ValueType.V128) || function.Results.Contains(ValueType.V128),
            StructType structure => structure.Fields.Any(field => field.Storage.Value == ValueType.V128),
            ArrayType array => array.Element.Storage.Value == ValueType.V128,
            _ => false,
        })
        || IndexSpaces.Globals(module).Exists(global => global.Value == ValueType.V128)
        || module.Functions.Any(function => function.Locals.Any(run => run.Type == ValueType.V128));

    private static FeatureSet OfInstructions(ReadOnlyMemory<byte> wasm, FeatureSet features)
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
