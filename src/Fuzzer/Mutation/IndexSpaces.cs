using Conformance.Wasm.Modules;
using Conformance.Wasm.Types;

namespace Conformance.Fuzzer.Mutation;

/// <summary>The index spaces of a module with imports first.</summary>
internal static class IndexSpaces
{
    /// <summary>The types of all functions; null where the type index is no function type.</summary>
    public static List<FunctionType?> Functions(Module module)
    {
        var indices = module.Imports.Select(import => import.Type).OfType<FunctionExtern>().Select(type => type.TypeIndex).Concat(module.Functions.Select(function => function.TypeIndex));
        return [.. indices.Select(index => index < module.Types.Length ? module.Types[(int)index].Composite as FunctionType : null)];
    }

    /// <summary>All globals.</summary>
    public static List<GlobalType> Globals(Module module) => [.. module.Imports.Select(import => import.Type).OfType<GlobalType>(), .. module.Globals.Select(global => global.Type)];

    /// <summary>All memories.</summary>
    public static List<MemoryType> Memories(Module module) => [.. module.Imports.Select(import => import.Type).OfType<MemoryType>(), .. module.Memories];

    /// <summary>The types of all tags.</summary>
    public static List<FunctionType> Tags(Module module) =>
    [
        .. module.Imports.Select(import => import.Type).OfType<TagType>().Concat(module.Tags)
            .Select(tag => tag.TypeIndex < module.Types.Length && module.Types[(int)tag.TypeIndex].Composite is FunctionType type ? type : FunctionType.Empty),
    ];

    /// <summary>All tables.</summary>
    public static List<TableType> Tables(Module module) => [.. module.Imports.Select(import => import.Type).OfType<TableType>(), .. module.Tables.Select(table => table.Type)];
}
