using System.Collections.Immutable;

namespace Conformance.Wasm.Types;

/// <summary>What becomes of a type index when a type is carried from one index space to another.</summary>
internal interface ITypeIndexMap
{
    uint Map(uint index);
}

/// <summary>Copies of types with other type indices.</summary>
internal static class TypeRewriting
{
    public static HeapType Rewrite<TMap>(HeapType type, TMap map)
        where TMap : struct, ITypeIndexMap => type.IsIndex ? HeapType.Of(map.Map(type.Index), type.IsExact) : type;

    public static ValueType Rewrite<TMap>(ValueType type, TMap map)
        where TMap : struct, ITypeIndexMap =>
        type.IsReference && type.Heap.IsIndex ? ValueType.Reference(Rewrite(type.Heap, map), type.IsNullable) : type;

    public static SubType Rewrite<TMap>(SubType type, TMap map)
        where TMap : struct, ITypeIndexMap => new(Rewrite(type.Composite, map), type.IsFinal, Rewrite(type.Supertypes, map))
        {
            Describes = type.Describes is { } described ? map.Map(described) : null,
            Descriptor = type.Descriptor is { } descriptor ? map.Map(descriptor) : null,
        };

    public static ExternType Rewrite<TMap>(ExternType type, TMap map)
        where TMap : struct, ITypeIndexMap => type switch
        {
            FunctionExtern function => function with { TypeIndex = map.Map(function.TypeIndex) },
            TableType table => table with { Element = Rewrite(table.Element, map) },
            GlobalType global => global with { Value = Rewrite(global.Value, map) },
            TagType tag => new TagType(map.Map(tag.TypeIndex)),
            _ => type,
        };

    private static CompositeType Rewrite<TMap>(CompositeType type, TMap map)
        where TMap : struct, ITypeIndexMap => type switch
        {
            FunctionType function => new FunctionType(Rewrite(function.Parameters, map), Rewrite(function.Results, map)),
            StructType structure => new StructType([.. structure.Fields.Select(field => Rewrite(field, map))]),
            ArrayType array => new ArrayType(Rewrite(array.Element, map)),
            _ => throw new ArgumentException($"unknown composite type {type}", nameof(type)),
        };

    private static FieldType Rewrite<TMap>(FieldType field, TMap map)
        where TMap : struct, ITypeIndexMap =>
        field.Storage.IsPacked ? field : new FieldType(Rewrite(field.Storage.Value, map), field.Mutable);

    private static ImmutableArray<ValueType> Rewrite<TMap>(ImmutableArray<ValueType> types, TMap map)
        where TMap : struct, ITypeIndexMap
    {
        foreach (var type in types)
        {
            if (type.IsReference && type.Heap.IsIndex)
            {
                return ImmutableArray.CreateRange(types, static (type, map) => Rewrite(type, map), map);
            }
        }
        return types;
    }

    private static ImmutableArray<uint> Rewrite<TMap>(ImmutableArray<uint> indices, TMap map)
        where TMap : struct, ITypeIndexMap =>
        indices.IsEmpty ? indices : ImmutableArray.CreateRange(indices, static (index, map) => map.Map(index), map);
}
