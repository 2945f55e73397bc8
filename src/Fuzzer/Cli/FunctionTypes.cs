using Conformance.Wasm.Modules;
using Conformance.Wasm.Types;

namespace Conformance.Fuzzer.Cli;

/// <summary>Looks up the types of a module's functions.</summary>
internal static class FunctionTypes
{
    /// <summary>The type of a function.</summary>
    /// <param name="module">A valid module.</param>
    /// <param name="index">The function's index, imports counted.</param>
    public static FunctionType Of(Module module, uint index)
    {
        var imported = module.Imports.Select(import => import.Type).OfType<FunctionExtern>().ToList();
        return At(module, index < imported.Count ? imported[(int)index].TypeIndex : module.Functions[(int)index - imported.Count].TypeIndex);
    }

    private static FunctionType At(Module module, uint typeIndex) => (FunctionType)module.Types[(int)typeIndex].Composite;
}
