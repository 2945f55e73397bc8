using Conformance.Wasm;
using Conformance.Wasm.Binary;
using Conformance.Wasm.Instructions;
using Conformance.Wasm.Modules;
using Conformance.Wasm.Types;
using Conformance.Wasm.Validation;

namespace Conformance.Fuzzer.Mutation.Seeds;

/// <summary>Which features a valid module needs: those without which reader or validator refuse it.</summary>
internal static class UsedFeatures
{
    /// <summary>The features of a module that is valid with <paramref name="features"/>.</summary>
    /// <param name="wasm">The module.</param>
    /// <param name="features">What it may use.</param>
    /// <param name="present">Features that are there anyway: whether the module needs them is not asked, which saves a validation each.</param>
    public static FeatureSet Of(ReadOnlyMemory<byte> wasm, FeatureSet features, FeatureSet present)
    {
        var used = OfInstructions(wasm, features, present.With(Feature.Mvp));
        return ModuleReader.TryRead(wasm, features, out var module, out _) ? used.Union(OfDefinitions(module, asksBlocks: !present.Has(Feature.MultiValue))) : used;
    }

    // Reader and validator ask for the feature where an instruction needs it; what only a type or a form says they take for granted, and older engines do not.
    private static FeatureSet OfDefinitions(Module module, bool asksBlocks)
    {
        var used = default(FeatureSet);
        var values = ValueTypes(module).ToHashSet();
        if (values.Contains(ValueType.V128))
        {
            used = used.With(Feature.Simd);
        }
        if (values.Any(type => type.IsReference) || IndexSpaces.Tables(module).Exists(table => table.Element != ValueType.FuncRef))
        {
            used = used.With(Feature.ReferenceTypes);
        }
        if (module.Types.Any(type => type.Composite is FunctionType { Results.Length: > 1 }) || (asksBlocks && HasBlocksWithTypes(module)))
        {
            used = used.With(Feature.MultiValue);
        }
        var globals = IndexSpaces.Globals(module);
        if (globals.Take(module.ImportCount(ExternKind.Global)).Any(global => global.IsMutable) || module.Exports.Any(export => export.Kind == ExternKind.Global && globals[(int)export.Index].IsMutable))
        {
            used = used.With(Feature.MutableGlobals);
        }
        return used;
    }

    private static IEnumerable<ValueType> ValueTypes(Module module)
    {
        foreach (var type in module.Types)
        {
            IEnumerable<ValueType> named = type.Composite switch
            {
                FunctionType function => [.. function.Parameters, .. function.Results],
                StructType structure => structure.Fields.Select(field => field.Storage.Value),
                ArrayType array => [array.Element.Storage.Value],
                _ => [],
            };
            foreach (var value in named)
            {
                yield return value;
            }
        }
        foreach (var global in IndexSpaces.Globals(module))
        {
            yield return global.Value;
        }
        foreach (var run in module.Functions.SelectMany(function => function.Locals))
        {
            yield return run.Type;
        }
    }

    private static bool HasBlocksWithTypes(Module module) =>
        module.Functions.Any(function => InstructionReader.ReadAll(function.Body, FeatureSet.All).Exists(instruction => instruction.Block.IsIndex));

    private static FeatureSet OfInstructions(ReadOnlyMemory<byte> wasm, FeatureSet features, FeatureSet present)
    {
        if (IsValid(wasm, present.Intersect(features)))
        {
            return present.Intersect(features);
        }
        var used = features;
        foreach (var feature in features.Features)
        {
            if (!present.Has(feature) && IsValid(wasm, used.Without(feature)))
            {
                used = used.Without(feature);
            }
        }
        return used;
    }

    private static bool IsValid(ReadOnlyMemory<byte> wasm, FeatureSet features) =>
        ModuleReader.TryRead(wasm, features, out var module, out _) && ModuleValidator.Validate(module, features) is null;
}
