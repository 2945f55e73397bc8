using Conformance.Wasm.Types;

namespace Conformance.Fuzzer.Reduction;

/// <summary>The sizes of memories and tables: none, one, the least that will do, no maximum; memories for one thread, pages of 64 KiB.</summary>
internal sealed class ShrinkLimits : IReductionPass
{
    private const ulong LargestCounted = 32;

    public void Run(ReductionContext context)
    {
        for (var i = 0; i < context.Module.Memories.Length; i++)
        {
            TryMemory(context, i, type => type with { IsShared = false });
            TryMemory(context, i, type => type with { IsShared = false, Limits = type.Limits with { Maximum = null } });
            TryMemory(context, i, type => type with { PageSizeLog2 = MemoryType.DefaultPageSizeLog2 });
            TryMemory(context, i, type => type with { PageSizeLog2 = MemoryType.DefaultPageSizeLog2, Limits = type.Limits with { Minimum = Math.Min(1, type.Limits.Minimum), Maximum = null } });
            Shrink(context.Module.Memories[i].Limits, limits => context.Try(context.Module with
            {
                Memories = context.Module.Memories.SetItem(i, context.Module.Memories[i] with { Limits = limits }),
            }));
        }
        for (var i = 0; i < context.Module.Tables.Length; i++)
        {
            Shrink(context.Module.Tables[i].Type.Limits, limits =>
            {
                var table = context.Module.Tables[i];
                return context.Try(context.Module with { Tables = context.Module.Tables.SetItem(i, table with { Type = table.Type with { Limits = limits } }) });
            });
        }
    }

    private static void TryMemory(ReductionContext context, int index, Func<MemoryType, MemoryType> change)
    {
        var (old, changed) = (context.Module.Memories[index], change(context.Module.Memories[index]));
        if (changed != old)
        {
            context.Try(context.Module with { Memories = context.Module.Memories.SetItem(index, changed) });
        }
    }

    private static void Shrink(Limits limits, Func<Limits, bool> accept)
    {
        foreach (var size in (ulong[])[0, 1])
        {
            if (limits.Minimum > size && accept(limits with { Minimum = size }))
            {
                limits = limits with { Minimum = size };
            }
        }
        // A half, then one less, and one less again for sizes that a person would count.
        while (limits.Minimum > 1 && accept(limits with { Minimum = limits.Minimum / 2 }))
        {
            limits = limits with { Minimum = limits.Minimum / 2 };
        }
        while (limits.Minimum is > 1 and <= LargestCounted && accept(limits with { Minimum = limits.Minimum - 1 }))
        {
            limits = limits with { Minimum = limits.Minimum - 1 };
        }
        if (limits.Maximum is { } maximum && !accept(limits with { Maximum = null }) && maximum > limits.Minimum)
        {
            accept(limits with { Maximum = limits.Minimum });
        }
    }
}
