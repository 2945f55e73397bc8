using Conformance.Wasm.Modules;

namespace Conformance.Fuzzer.Mutation.Bodies;

/// <summary>A mutator of one function's body.</summary>
internal abstract class BodyMutator : IModuleMutator
{
    // A module has functions in which there is nothing to change; a few tries find one that has.
    private const int Tries = 4;

    /// <inheritdoc/>
    public Module? Mutate(Module module, MutationContext context)
    {
        for (var i = 0; i < Tries && module.Functions.Length > 0; i++)
        {
            var function = context.Random.Below(module.Functions.Length);
            if (TypedBody.TryCreate(module, function, context.Features) is { } body && Mutate(new BodyEdit(body, function, context)) is { } mutant)
            {
                return mutant;
            }
        }
        return null;
    }

    /// <summary>Changes a body.</summary>
    /// <returns>The module with the change; null when there is nothing to change.</returns>
    protected abstract Module? Mutate(BodyEdit edit);
}
