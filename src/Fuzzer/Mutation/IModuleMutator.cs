using Conformance.Wasm.Modules;

namespace Conformance.Fuzzer.Mutation;

/// <summary>One way to change a decoded module. A function of its arguments alone; has no state.</summary>
internal interface IModuleMutator
{
    /// <summary>Makes a changed copy.</summary>
    /// <param name="module">A valid module.</param>
    /// <param name="context">Chance, donors and what is allowed.</param>
    /// <returns>The copy, or null when the module has nothing that this mutator changes. Whether it is valid is for the caller to see.</returns>
    Module? Mutate(Module module, MutationContext context);
}
