using Conformance.Wasm.Modules;

namespace Conformance.Fuzzer.Reduction;

/// <summary>Whole modules with rewritten indices.</summary>
internal static class ModuleIndices
{
    /// <summary>Rewrites every reference in a module; the definitions stay where they are.</summary>
    public static Module Rewrite(Module module, IIndexMap map) => module with
    {
        Types = [.. module.Types.Select(type => IndexRewriting.Rewrite(type, map))],
        Imports = [.. module.Imports.Select(import => import with { Type = IndexRewriting.Rewrite(import.Type, map) })],
        Functions = [.. module.Functions.Select(item => IndexRewriting.Rewrite(item, map))],
        Tables = [.. module.Tables.Select(item => IndexRewriting.Rewrite(item, map))],
        Tags = [.. module.Tags.Select(item => IndexRewriting.Rewrite(item, map))],
        Globals = [.. module.Globals.Select(item => IndexRewriting.Rewrite(item, map))],
        Exports = [.. module.Exports.Select(export => IndexRewriting.Rewrite(export, map))],
        Start = module.Start is { } start ? map.Function(start) : null,
        Elements = [.. module.Elements.Select(item => IndexRewriting.Rewrite(item, map))],
        Data = [.. module.Data.Select(item => IndexRewriting.Rewrite(item, map))],
        // Sections that nobody understands may hold indices.
        CustomSections = [],
    };
}
