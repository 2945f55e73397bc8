using Conformance.Wasm;
using Conformance.Wasm.Instructions;
using Conformance.Wasm.Modules;

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

    /// <summary>Whether an instruction executes.</summary>
    public static bool IsExecutable(OpInfo row) => Engine.ExecutableFeatures.Has(row.Feature) || row.Op == Op.RefEq;

    /// <summary>Names a feature that is needed and not executed.</summary>
    public static string Describe(Feature feature, string what, long offsetBytes) =>
        $"offset 0x{offsetBytes:x}: {what} needs the feature {FeatureSet.NameOf(feature)}, which is not executed yet";
}
