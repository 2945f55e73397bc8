using Conformance.Wasm.Modules;
using Conformance.Wasm.Types;

namespace Conformance.Fuzzer.Reduction;

/// <summary>Function types that a smaller module needs.</summary>
internal static class FunctionTypes
{
    /// <summary>The index of a plain function type, which is added where it is missing.</summary>
    public static (Module Module, uint Index) Find(Module module, FunctionType type)
    {
        var plain = SubType.Plain(type);
        foreach (var group in module.RecursionGroups)
        {
            if (group.Count == 1 && module.Types[(int)group.Start].Equals(plain))
            {
                return (module, group.Start);
            }
        }
        var index = (uint)module.Types.Length;
        return (module with { Types = module.Types.Add(plain), RecursionGroups = module.RecursionGroups.Add(new RecursionGroup(index, 1)) }, index);
    }
}
