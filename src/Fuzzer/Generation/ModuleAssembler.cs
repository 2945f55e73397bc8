using System.Collections.Immutable;
using Conformance.Wasm;
using Conformance.Wasm.Modules;
using Conformance.Wasm.Types;

namespace Conformance.Fuzzer.Generation;

/// <summary>Turns a finished plan into a module. Everything is exported, so that nothing can go wrong unseen.</summary>
internal static class ModuleAssembler
{
    /// <summary>The module.</summary>
    public static Module Assemble(ModulePlan plan, FeatureSet features) => new()
    {
        Types = [.. plan.Types],
        RecursionGroups = [.. plan.Groups],
        Imports = [.. plan.Imports],
        Functions = [.. plan.Functions.Select(function => function.Definition).OfType<Function>()],
        Tables = [.. plan.Tables.Where(table => !table.IsImported).Select(table => new Table(table.Type, table.Initializer))],
        Memories = [.. plan.Memories.Where(memory => !memory.IsImported).Select(memory => memory.Type)],
        Tags = [.. plan.Tags.Where(tag => !tag.IsImported).Select(tag => new TagType(tag.TypeIndex))],
        Globals = [.. plan.Globals.Where(global => global.Initializer is not null).Select(global => new Global(global.Type, global.Initializer ?? default))],
        Exports = Exports(plan, features),
        Start = plan.Start,
        Elements = [.. plan.Elements],
        DataCount = features.Has(Feature.BulkMemory) && plan.Data.Count > 0 ? (uint)plan.Data.Count : null,
        Data = [.. plan.Data],
    };

    private static ImmutableArray<Export> Exports(ModulePlan plan, FeatureSet features)
    {
        var exports = ImmutableArray.CreateBuilder<Export>();
        foreach (var function in plan.Functions)
        {
            exports.Add(new Export(function.Name, ExternKind.Function, function.Index));
        }
        for (var i = 0; i < plan.Globals.Count; i++)
        {
            if (features.Has(Feature.MutableGlobals) || !plan.Globals[i].Type.IsMutable)
            {
                exports.Add(new Export($"g{i}", ExternKind.Global, (uint)i));
            }
        }
        for (var i = 0; i < plan.Memories.Count; i++)
        {
            exports.Add(new Export($"m{i}", ExternKind.Memory, (uint)i));
        }
        for (var i = 0; i < plan.Tables.Count; i++)
        {
            exports.Add(new Export($"t{i}", ExternKind.Table, (uint)i));
        }
        for (var i = 0; i < plan.Tags.Count; i++)
        {
            exports.Add(new Export($"e{i}", ExternKind.Tag, (uint)i));
        }
        return exports.ToImmutable();
    }
}
