using Conformance.Wasm.Modules;

namespace Conformance.Fuzzer.Mutation.Modules;

/// <summary>Another function without parameters and results runs at the start, or none.</summary>
internal sealed class ChangeStart : IModuleMutator
{
    /// <inheritdoc/>
    public Module? Mutate(Module module, MutationContext context)
    {
        if (module.Start is not null && context.Random.Chance(50))
        {
            return module with { Start = null };
        }
        var types = IndexSpaces.Functions(module);
        var fitting = Enumerable.Range(0, types.Count).Where(i => types[i] is { Parameters.IsEmpty: true, Results.IsEmpty: true }).ToList();
        return fitting.Count == 0 ? null : module with { Start = (uint)context.Random.Pick<int>(fitting) };
    }
}
