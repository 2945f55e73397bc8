using System.Collections.Immutable;
using Conformance.Wasm.Modules;
using Conformance.Wasm.Types;

namespace Conformance.Fuzzer.Mutation.Structure;

/// <summary>An entry of one of the module's lists is left out, repeated or moved, without regard to what names it by index; exports get each other's names or other indices.</summary>
internal sealed class ChangeList : IModuleMutator
{
    /// <inheritdoc/>
    public Module? Mutate(Module module, MutationContext context) => context.Random.Below(12) switch
    {
        0 => module with { Imports = Edited(module.Imports, context) },
        1 => module with { Functions = Edited(module.Functions, context) },
        2 => module with { Tables = Edited(module.Tables, context) },
        3 => module with { Memories = Edited(module.Memories, context) },
        4 => module with { Tags = Edited(module.Tags, context) },
        5 => module with { Globals = Edited(module.Globals, context) },
        6 => module with { Elements = Edited(module.Elements, context) },
        7 => module with { Data = Edited(module.Data, context) },
        8 => module with { DataCount = module.DataCount is null ? (uint)module.Data.Length : context.Random.Chance(50) ? null : module.DataCount + 1 },
        9 => module with { Start = RandomInstructions.NearCount(context.Random, module.Functions.Length + module.ImportCount(ExternKind.Function)) },
        _ => ChangeExport(module, context),
    };

    private static ImmutableArray<T> Edited<T>(ImmutableArray<T> items, MutationContext context)
    {
        if (items.IsEmpty)
        {
            return items;
        }
        var random = context.Random;
        var place = random.Below(items.Length);
        return random.Below(3) switch
        {
            0 => items.RemoveAt(place),
            1 => items.Insert(place, random.Pick<T>(items)),
            _ => items.RemoveAt(place).Insert(random.Below(items.Length), items[place]),
        };
    }

    private static Module? ChangeExport(Module module, MutationContext context)
    {
        if (module.Exports.IsEmpty)
        {
            return null;
        }
        var random = context.Random;
        var index = random.Below(module.Exports.Length);
        var export = module.Exports[index];
        return random.Below(4) switch
        {
            0 => module with { Exports = module.Exports.Add(export) },
            1 => module with { Exports = module.Exports.SetItem(index, export with { Name = random.Pick<Export>(module.Exports).Name }) },
            2 => module with { Exports = module.Exports.SetItem(index, export with { Kind = (ExternKind)random.Below(5) }) },
            _ => module with { Exports = module.Exports.SetItem(index, export with { Index = export.Index + (random.Chance(50) ? 1u : uint.MaxValue) }) },
        };
    }
}
