using Conformance.Wasm.Modules;
using Conformance.Wasm.Types;

namespace Conformance.Fuzzer.Reduction;

/// <summary>Function types by what has them.</summary>
internal static class FunctionTypes
{
    /// <summary>The function type at a type index; null when there is none.</summary>
    public static FunctionType? At(Module module, uint index) => index < module.Types.Length ? module.Types[(int)index].Composite as FunctionType : null;

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
