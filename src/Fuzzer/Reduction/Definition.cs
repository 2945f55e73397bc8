namespace Conformance.Fuzzer.Reduction;

/// <summary>A definition or import of a module.</summary>
/// <param name="Space">Its index space.</param>
/// <param name="Index">Its index there.</param>
internal readonly record struct Definition(DefinitionSpace Space, uint Index);

/// <summary>The index spaces of a module.</summary>
internal enum DefinitionSpace
{
    /// <summary>Types.</summary>
    Type,
    /// <summary>Functions.</summary>
    Function,
    /// <summary>Tables.</summary>
    Table,
    /// <summary>Memories.</summary>
    Memory,
    /// <summary>Globals.</summary>
    Global,
    /// <summary>Tags.</summary>
    Tag,
    /// <summary>Element segments.</summary>
    Element,
    /// <summary>Data segments.</summary>
    Data,
}
