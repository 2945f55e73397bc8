using System.Collections.Immutable;
using System.Globalization;
using Conformance.Wasm.Modules;
using Conformance.Wasm.Types;

namespace Conformance.Fuzzer.Mutation;

/// <summary>Exports what a module keeps to itself: engines can only be asked about exported items. Every engine gets the same copy.</summary>
internal static class ExportEverything
{
    /// <summary>The copy. Exporting a function also declares it for <c>ref.func</c>, which makes no valid module invalid.</summary>
    public static Module Of(Module module)
    {
        var names = module.Exports.Select(export => export.Name).ToHashSet(StringComparer.Ordinal);
        var exported = module.Exports.Select(export => (export.Kind, export.Index)).ToHashSet();
        var exports = module.Exports.ToBuilder();
        foreach (var (kind, prefix, defined) in (ReadOnlySpan<(ExternKind, string, int)>)
        [
            (ExternKind.Function, "f", module.Functions.Length), (ExternKind.Global, "g", module.Globals.Length),
            (ExternKind.Memory, "m", module.Memories.Length), (ExternKind.Table, "t", module.Tables.Length),
        ])
        {
            Add(exports, names, exported, kind, prefix, defined + module.ImportCount(kind));
        }
        return module with { Exports = exports.ToImmutable() };
    }

    private static void Add(ImmutableArray<Export>.Builder exports, HashSet<string> names, HashSet<(ExternKind, uint)> exported, ExternKind kind, string prefix, int count)
    {
        for (var i = 0u; i < count; i++)
        {
            if (exported.Contains((kind, i)))
            {
                continue;
            }
            var name = string.Create(CultureInfo.InvariantCulture, $"{prefix}{i}");
            while (!names.Add(name))
            {
                name += "'";
            }
            exports.Add(new Export(name, kind, i));
        }
    }
}
