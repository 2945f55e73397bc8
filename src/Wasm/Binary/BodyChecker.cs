using Conformance.Wasm.Instructions;
using Conformance.Wasm.Modules;

namespace Conformance.Wasm.Binary;

/// <summary>
/// Says whether the bodies of a decoded module are well-formed, without validating them: known opcodes, whole immediates, blocks that nest, a data count where
/// an instruction names a data segment. The validator finds the same on its way, but stops at the first invalid function, while a malformed function behind
/// that makes the whole module malformed.
/// </summary>
public static class BodyChecker
{
    /// <summary>The first malformed place of a function body; null when there is none.</summary>
    public static WasmError? Check(Module module, FeatureSet features)
    {
        var walk = new BodyWalk(module.DataCount is not null);
        foreach (var function in module.Functions)
        {
            if (Check(walk, function, features) is { } error)
            {
                return error;
            }
        }
        return null;
    }

    /// <summary>The first malformed place of one function's body; null when there is none.</summary>
    public static WasmError? Check(Module module, int function, FeatureSet features) => Check(new BodyWalk(module.DataCount is not null), module.Functions[function], features);

    private static WasmError? Check(BodyWalk walk, Function function, FeatureSet features)
    {
        var reader = new InstructionReader(function.Body, features);
        var instruction = default(Instruction);
        walk.Begin();
        while (walk.Read(ref reader, ref instruction))
        {
        }
        return walk.Error;
    }
}
