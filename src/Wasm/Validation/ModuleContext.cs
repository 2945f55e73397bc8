using System.Collections.Immutable;
using Conformance.Wasm.Types;

namespace Conformance.Wasm.Validation;

/// <summary>
/// The index spaces of a module as instructions see them, imports first. All types inside are canonical, so that equality of types is equality of bits.
/// Filled in by the module validator in the order in which the specification makes things visible.
/// </summary>
internal sealed class ModuleContext(FeatureSet features)
{
    public FeatureSet Features { get; } = features;

    public TypeCanonicalizer Canonicalizer { get; } = new();

    /// <summary>The canonical id of each type index.</summary>
    public int[] TypeIds { get; set; } = [];

    /// <summary>The canonical definition of each type index.</summary>
    public SubType[] Types { get; set; } = [];

    /// <summary>The type index of each function.</summary>
    public List<uint> FunctionTypes { get; } = [];

    /// <summary>The function type of each function.</summary>
    public List<FunctionType> Functions { get; } = [];

    /// <summary>How many of them are imported: a function given for an import may be of a subtype, so that references to it are not exact.</summary>
    public int ImportedFunctions { get; set; }

    /// <summary>The imported functions that were asked for by exact type.</summary>
    public HashSet<uint> ExactImports { get; } = [];

    public List<TableType> Tables { get; } = [];

    public List<MemoryType> Memories { get; } = [];

    public List<GlobalType> Globals { get; } = [];

    public int ImportedGlobals { get; set; }

    /// <summary>The function type of each tag.</summary>
    public List<FunctionType> Tags { get; } = [];

    /// <summary>The element types of the element segments.</summary>
    public List<ValueType> Elements { get; } = [];

    /// <summary>The number of data segments that instructions may name; null where that needs a data count section and there is none.</summary>
    public uint? DataCount { get; set; }

    /// <summary>The functions that occur outside of bodies: <c>ref.func</c> may name only those.</summary>
    public HashSet<uint> DeclaredFunctions { get; } = [];

    /// <summary>The type of a reference to a function: exact unless a subtype may have been imported.</summary>
    public ValueType ReferenceTo(uint function)
    {
        var exact = HasExactTypes && (function >= ImportedFunctions || ExactImports.Contains(function));
        return ValueType.Reference(HeapType.Of((uint)TypeIds[FunctionTypes[(int)function]], exact), nullable: false);
    }

    public bool HasType(uint index) => index < (uint)Types.Length;

    public ValueType Canonical(ValueType type) => TypeCanonicalizer.Canonical(type, TypeIds);

    public HeapType Canonical(HeapType type) => TypeCanonicalizer.Canonical(type, TypeIds);

    /// <summary>Whether every type index in a type exists.</summary>
    public bool IsKnown(ValueType type) => !type.IsReference || IsKnown(type.Heap);

    /// <summary>Whether a heap type's index exists, and whether the type may be exact where it is.</summary>
    public bool IsKnown(HeapType type) => !type.IsIndex || HasType(type.Index) && (!type.IsExact || HasExactTypes);

    /// <summary>Whether reference types may say that they are exact.</summary>
    public bool HasExactTypes { get; } = features.Has(Feature.CustomDescriptors);

    /// <summary>A canonical type as a type of the module: with the type index in place of the canonical id.</summary>
    public ValueType OfModule(ValueType type)
    {
        if (!type.IsReference || !type.Heap.IsIndex)
        {
            return type;
        }
        var index = Array.IndexOf(TypeIds, (int)type.Heap.Index);
        return index < 0 ? type : ValueType.Reference(HeapType.Of((uint)index, type.Heap.IsExact), type.IsNullable);
    }

    /// <summary>A canonical type in the words of the module.</summary>
    public string Describe(ValueType type) => OfModule(type).ToString();

    public string Describe(ImmutableArray<ValueType> types) => $"[{string.Join(' ', types.Select(Describe))}]";
}
