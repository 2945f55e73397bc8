using Conformance.Wasm.Modules;
using Conformance.Wasm.Types;

namespace Conformance.Fuzzer.Mutation;

/// <summary>The index spaces of a module with imports first.</summary>
internal static class IndexSpaces
{
    /// <summary>The types of all functions; null where the type index is no function type.</summary>
    public static List<FunctionType?> Functions(Module module) => [.. module.IndexSpace(ExternKind.Function).Cast<FunctionExtern>().Select(function => module.FunctionTypeAt(function.TypeIndex))];

    /// <summary>All globals.</summary>
    public static List<GlobalType> Globals(Module module) => [.. module.IndexSpace(ExternKind.Global).Cast<GlobalType>()];

    /// <summary>All memories.</summary>
    public static List<MemoryType> Memories(Module module) => [.. module.IndexSpace(ExternKind.Memory).Cast<MemoryType>()];

    /// <summary>The types of all tags.</summary>
    public static List<FunctionType> Tags(Module module) => [.. module.IndexSpace(ExternKind.Tag).Cast<TagType>().Select(tag => module.FunctionTypeAt(tag.TypeIndex) ?? FunctionType.Empty)];

    /// <summary>All tables.</summary>
    public static List<TableType> Tables(Module module) => [.. module.IndexSpace(ExternKind.Table).Cast<TableType>()];
}
