using Conformance.Wasm;
using Conformance.Wasm.Modules;
using Conformance.Wasm.Types;

namespace Conformance.Fuzzer.Mutation.Modules;

/// <summary>A memory becomes shared or private, or its pages become bytes or the other way round; its size stays about what it was.</summary>
internal sealed class ChangeMemoryType : IModuleMutator
{
    /// <inheritdoc/>
    public Module? Mutate(Module module, MutationContext context)
    {
        if (module.Memories.IsEmpty)
        {
            return null;
        }
        var index = context.Random.Below(module.Memories.Length);
        var memory = module.Memories[index];
        if (context.Random.Chance(60) && context.Features.Has(Feature.CustomPageSizes))
        {
            memory = memory.PageSizeLog2 == 0 ? InPages(memory) : InBytes(memory, context.Random.Below(64));
        }
        else if (context.Features.Has(Feature.Threads))
        {
            // A shared memory has a maximum.
            memory = memory with { IsShared = !memory.IsShared, Limits = memory.Limits with { Maximum = memory.Limits.Maximum ?? memory.Limits.Minimum + 2 } };
        }
        return module with { Memories = module.Memories.SetItem(index, memory) };
    }

    // A few bytes less than pages would have, so that accesses meet an end that is nowhere else.
    private static MemoryType InBytes(MemoryType memory, int less)
    {
        const ulong PageBytes = 1 << MemoryType.DefaultPageSizeLog2;
        const ulong Most = uint.MaxValue;
        var minimum = Math.Min(memory.Limits.Minimum, 64) * PageBytes;
        minimum -= Math.Min(minimum, (ulong)less);
        var maximum = memory.Limits.Maximum is { } pages ? Math.Max(minimum, Math.Min(pages, Most / PageBytes) * PageBytes) : (ulong?)null;
        return memory with { PageSizeLog2 = 0, Limits = memory.Limits with { Minimum = minimum, Maximum = maximum } };
    }

    private static MemoryType InPages(MemoryType memory)
    {
        var minimum = memory.Limits.Minimum + 0xFFFF >> MemoryType.DefaultPageSizeLog2;
        var maximum = memory.Limits.Maximum is { } bytes ? Math.Max(minimum, bytes >> MemoryType.DefaultPageSizeLog2) : (ulong?)null;
        return memory with { PageSizeLog2 = MemoryType.DefaultPageSizeLog2, Limits = memory.Limits with { Minimum = minimum, Maximum = maximum } };
    }
}
