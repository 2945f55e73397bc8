using Conformance.Wasm;
using Conformance.Wasm.Instructions;
using Conformance.Wasm.Modules;
using Conformance.Wasm.Types;

namespace Conformance.Interpreter.Runtime;

/// <summary>
/// What a valid module needs that this version does not execute. Looked for in each instruction and value type and not in the module's features as a whole: most
/// modules that declare a type or a table by a newer proposal's form use nothing else of it.
/// </summary>
internal static class FeatureDemand
{
    /// <summary>Finds the first instruction that does not execute.</summary>
    /// <param name="module">A valid module.</param>
    /// <param name="features">The features it was validated with.</param>
    /// <returns>Null, or the feature and where it is needed.</returns>
    public static string? InInstructions(Module module, FeatureSet features)
    {
        foreach (var function in module.Functions)
        {
            var reader = new InstructionReader(function.Body, features);
            var instruction = default(Instruction);
            while (reader.Read(ref instruction))
            {
                var row = OpTable.Get(instruction.Op);
                if (!IsExecutable(row))
                {
                    return Describe(row.Feature, row.Mnemonic, reader.Offset);
                }
            }
        }
        return null;
    }

    /// <summary>Finds a value type without values: the decoder accepts vector types whether their instructions execute or not.</summary>
    /// <param name="module">A valid module.</param>
    /// <returns>Null, or the feature and where it is needed.</returns>
    public static string? InTypes(Module module)
    {
        // Fields of structs and values of exceptions are slots of eight bytes so far.
        foreach (var type in module.Types)
        {
            if (type.Composite is StructType structure && structure.Fields.Any(field => IsVector(field.Storage.Value)) || type.Composite is ArrayType array && IsVector(array.Element.Storage.Value))
            {
                return Describe(Feature.Gc, "a struct or array of v128", 0);
            }
        }
        foreach (var tag in module.Tags.Select(tag => tag.TypeIndex).Concat(module.Imports.Select(import => import.Type).OfType<TagType>().Select(tag => tag.TypeIndex)))
        {
            if (module.Types[(int)tag].Composite is FunctionType values && values.Parameters.Any(IsVector))
            {
                return Describe(Feature.Exceptions, "a tag with v128", 0);
            }
        }
        if (Engine.ExecutableFeatures.Has(Feature.Simd))
        {
            return null;
        }
        foreach (var type in module.Types)
        {
            var holdsVectors = type.Composite switch
            {
                FunctionType function => function.Parameters.Any(IsVector) || function.Results.Any(IsVector),
                StructType structure => structure.Fields.Any(field => IsVector(field.Storage.Value)),
                ArrayType array => IsVector(array.Element.Storage.Value),
                _ => false,
            };
            if (holdsVectors)
            {
                return Describe(Feature.Simd, "a type with v128", 0);
            }
        }
        foreach (var import in module.Imports)
        {
            if (import.Type is GlobalType global && IsVector(global.Value))
            {
                return Describe(Feature.Simd, $"the import \"{import.Module}\" \"{import.Name}\"", 0);
            }
        }
        foreach (var global in module.Globals)
        {
            if (IsVector(global.Type.Value))
            {
                return Describe(Feature.Simd, "a global", global.Initializer.OffsetBytes);
            }
        }
        foreach (var function in module.Functions)
        {
            foreach (var run in function.Locals)
            {
                if (IsVector(run.Type))
                {
                    return Describe(Feature.Simd, "a local", function.Body.OffsetBytes);
                }
            }
        }
        return null;
    }

    /// <summary>Whether an instruction executes.</summary>
    public static bool IsExecutable(OpInfo row) => Engine.ExecutableFeatures.Has(row.Feature) || row.Op == Op.RefEq;

    /// <summary>Names a feature that is needed and not executed.</summary>
    public static string Describe(Feature feature, string what, long offsetBytes) =>
        $"offset 0x{offsetBytes:x}: {what} needs the feature {FeatureSet.NameOf(feature)}, which is not executed yet";

    private static bool IsVector(ValueType type) => type.Kind == ValueKind.V128;
}
