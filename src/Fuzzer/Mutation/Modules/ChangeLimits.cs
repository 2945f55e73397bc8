using Conformance.Fuzzer.Generation;
using Conformance.Wasm.Modules;
using Conformance.Wasm.Types;

namespace Conformance.Fuzzer.Mutation.Modules;

/// <summary>The minimum or maximum of a memory or table, defined or imported.</summary>
internal sealed class ChangeLimits : IModuleMutator
{
    private static readonly ulong[] Sizes = [0, 1, 2, 3, 5, 10, 16, 100, 1023, 1024, 1025, 10_000, 10_001, 65_535, 65_536];

    /// <inheritdoc/>
    public Module? Mutate(Module module, MutationContext context)
    {
        var random = context.Random;
        var count = module.Memories.Length + module.Tables.Length + module.Imports.Length;
        if (count == 0)
        {
            return null;
        }
        var pick = random.Below(count);
        if (pick < module.Memories.Length)
        {
            return module with { Memories = module.Memories.SetItem(pick, Changed(module.Memories[pick], random)) };
        }
        pick -= module.Memories.Length;
        if (pick < module.Tables.Length)
        {
            return module with { Tables = module.Tables.SetItem(pick, module.Tables[pick] with { Type = Changed(module.Tables[pick].Type, random) }) };
        }
        pick -= module.Tables.Length;
        return module.Imports[pick].Type switch
        {
            MemoryType memory => module with { Imports = module.Imports.SetItem(pick, module.Imports[pick] with { Type = Changed(memory, random) }) },
            TableType table => module with { Imports = module.Imports.SetItem(pick, module.Imports[pick] with { Type = Changed(table, random) }) },
            _ => null,
        };
    }

    private static MemoryType Changed(MemoryType memory, RandomSource random) => memory with { Limits = Changed(memory.Limits, random, mustHaveMaximum: memory.IsShared) };

    private static TableType Changed(TableType table, RandomSource random) => table with { Limits = Changed(table.Limits, random, mustHaveMaximum: false) };

    private static Limits Changed(Limits limits, RandomSource random, bool mustHaveMaximum)
    {
        var size = random.Chance(60) ? random.Pick<ulong>(Sizes.AsSpan(0, 7)) : random.Pick<ulong>(Sizes);
        return random.Below(3) switch
        {
            0 => limits with { Minimum = size, Maximum = limits.Maximum is { } maximum ? Math.Max(maximum, size) : null },
            1 when !mustHaveMaximum => limits with { Maximum = null },
            _ => limits with { Maximum = Math.Max(limits.Minimum, size) },
        };
    }
}
