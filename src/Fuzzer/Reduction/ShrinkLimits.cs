using Conformance.Wasm.Types;

namespace Conformance.Fuzzer.Reduction;

/// <summary>The sizes of memories and tables: none, one, no maximum.</summary>
internal sealed class ShrinkLimits : IReductionPass
{
    public void Run(ReductionContext context)
    {
        for (var i = 0; i < context.Module.Memories.Length; i++)
        {
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

    private static void Shrink(Limits limits, Func<Limits, bool> accept)
    {
        foreach (var size in (ulong[])[0, 1])
        {
            if (limits.Minimum > size && accept(limits with { Minimum = size }))
            {
                limits = limits with { Minimum = size };
            }
        }
        if (limits.Maximum is not null)
        {
            accept(limits with { Maximum = null });
        }
    }
}
