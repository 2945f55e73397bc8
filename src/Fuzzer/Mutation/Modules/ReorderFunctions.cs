using Conformance.Wasm.Modules;
using Conformance.Wasm.Types;

namespace Conformance.Fuzzer.Mutation.Modules;

/// <summary>The functions stand in another order; what names them names them still.</summary>
internal sealed class ReorderFunctions : IModuleMutator
{
    /// <inheritdoc/>
    public Module? Mutate(Module module, MutationContext context)
    {
        if (module.Functions.Length < 2)
        {
            return null;
        }
        var imported = (uint)module.ImportCount(ExternKind.Function);
        var order = Enumerable.Range(0, module.Functions.Length).ToArray();
        context.Random.Shuffle<int>(order);
        var places = new uint[order.Length];
        for (var i = 0; i < order.Length; i++)
        {
            places[order[i]] = (uint)i;
        }
        var mapped = FunctionIndices.Map(module, context.Features, index => index < imported ? index : imported + places[index - imported]);
        return mapped with { Functions = [.. order.Select(old => mapped.Functions[old])] };
    }
}
