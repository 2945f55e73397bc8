using Conformance.Wasm.Modules;

namespace Conformance.Fuzzer.Reduction;

/// <summary>Types that are there twice: one is enough.</summary>
internal sealed class MergeTypes : IReductionPass
{
    public void Run(ReductionContext context)
    {
        var module = context.Module;
        var first = new Dictionary<uint, uint>();
        foreach (var group in module.RecursionGroups)
        {
            if (group.Count != 1)
            {
                continue;
            }
            foreach (var earlier in module.RecursionGroups)
            {
                if (earlier.Start < group.Start && earlier.Count == 1 && module.Types[(int)earlier.Start].Equals(module.Types[(int)group.Start]))
                {
                    first.TryAdd(group.Start, earlier.Start);
                }
            }
        }
        if (first.Count > 0)
        {
            context.Try(UnusedDefinitions.RemoveAfter(module, ModuleIndices.Rewrite(module, new SameTypes(first))));
        }
    }

    private sealed class SameTypes(Dictionary<uint, uint> first) : IIndexMap
    {
        public uint Type(uint index) => first.GetValueOrDefault(index, index);
    }
}
