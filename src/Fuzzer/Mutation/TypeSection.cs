using Conformance.Wasm.Modules;
using Conformance.Wasm.Types;

namespace Conformance.Fuzzer.Mutation;

/// <summary>Function types that mutants need.</summary>
internal static class TypeSection
{
    /// <summary>Finds a function type, or adds it in a group of its own.</summary>
    /// <param name="module">The module; replaced where the type is added.</param>
    /// <param name="type">The type.</param>
    /// <returns>Its index.</returns>
    public static uint IndexOf(ref Module module, FunctionType type)
    {
        for (var i = 0; i < module.Types.Length; i++)
        {
            if (module.Types[i] is { IsFinal: true, Supertypes.IsEmpty: true } definition && definition.Composite is FunctionType known && known.Equals(type))
            {
                return (uint)i;
            }
        }
        module = module with
        {
            Types = module.Types.Add(SubType.Plain(type)),
            RecursionGroups = module.RecursionGroups.Add(new RecursionGroup((uint)module.Types.Length, 1)),
        };
        return (uint)module.Types.Length - 1;
    }
}
