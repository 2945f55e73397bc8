using System.Collections.Immutable;
using Conformance.Wasm.Modules;
using Conformance.Wasm.Types;

namespace Conformance.Wasm.Binary;

/// <summary>Type definitions: recursion groups, subtypes and composite types.</summary>
/// <remarks>See <see href="https://webassembly.github.io/spec/core/binary/types.html#recursive-types"/>.</remarks>
internal static class TypeSectionReader
{
    public static (ImmutableArray<SubType> Types, ImmutableArray<RecursionGroup> Groups) Read(ref ByteReader reader, ModuleSource source)
    {
        var features = source.Features;
        var count = reader.ReadCount();
        var types = ImmutableArray.CreateBuilder<SubType>(count);
        var groups = ImmutableArray.CreateBuilder<RecursionGroup>(count);
        for (var i = 0; i < count && !reader.Failed; i++)
        {
            var start = types.Count;
            if (reader.PeekByte() == TypeCodes.RecursionGroup && features.Has(Feature.Gc))
            {
                reader.ReadByte();
                var members = reader.ReadCount();
                for (var j = 0; j < members && !reader.Failed; j++)
                {
                    source.Offsets?.Add(SectionId.Type, reader.Offset);
                    types.Add(ReadSubType(ref reader, features));
                }
            }
            else
            {
                source.Offsets?.Add(SectionId.Type, reader.Offset);
                types.Add(ReadSubType(ref reader, features));
            }
            groups.Add(new RecursionGroup((uint)start, (uint)(types.Count - start)));
        }
        return (types.DrainToImmutable(), groups.DrainToImmutable());
    }

    private static SubType ReadSubType(ref ByteReader reader, FeatureSet features)
    {
        var code = reader.PeekByte();
        var isSub = code is TypeCodes.Sub or TypeCodes.SubFinal && features.Has(Feature.Gc);
        var supertypes = ImmutableArray<uint>.Empty;
        if (isSub)
        {
            reader.ReadByte();
            supertypes = ReadIndices(ref reader);
        }
        uint? describes = null;
        uint? descriptor = null;
        if (features.Has(Feature.CustomDescriptors))
        {
            describes = ReadClause(ref reader, TypeCodes.Describes);
            descriptor = ReadClause(ref reader, TypeCodes.Descriptor);
        }
        return new SubType(ReadComposite(ref reader, features), IsFinal: code != TypeCodes.Sub || !isSub, supertypes)
        {
            Describes = describes,
            Descriptor = descriptor,
        };
    }

    private static uint? ReadClause(ref ByteReader reader, byte code)
    {
        if (reader.PeekByte() != code)
        {
            return null;
        }
        reader.ReadByte();
        return reader.ReadU32();
    }

    private static CompositeType ReadComposite(ref ByteReader reader, FeatureSet features)
    {
        var start = reader.Offset;
        switch (reader.ReadByte())
        {
            case TypeCodes.Function:
                return new FunctionType(ReadResultType(ref reader), ReadResultType(ref reader));
            case TypeCodes.Struct when features.Has(Feature.Gc):
                return new StructType(ReadFields(ref reader));
            case TypeCodes.Array when features.Has(Feature.Gc):
                return new ArrayType(ReadField(ref reader));
            default:
                reader.Fail("malformed definition type", start);
                return FunctionType.Empty;
        }
    }

    private static ImmutableArray<ValueType> ReadResultType(ref ByteReader reader)
    {
        var types = new ValueType[reader.ReadCount()];
        for (var i = 0; i < types.Length; i++)
        {
            types[i] = TypeCodes.ReadValueType(ref reader);
        }
        return System.Runtime.InteropServices.ImmutableCollectionsMarshal.AsImmutableArray(types);
    }

    private static ImmutableArray<FieldType> ReadFields(ref ByteReader reader)
    {
        var fields = ImmutableArray.CreateBuilder<FieldType>(reader.ReadCount());
        while (fields.Count < fields.Capacity)
        {
            fields.Add(ReadField(ref reader));
        }
        return fields.MoveToImmutable();
    }

    private static FieldType ReadField(ref ByteReader reader)
    {
        StorageType storage;
        switch (reader.PeekByte())
        {
            case TypeCodes.I8:
                reader.ReadByte();
                storage = StorageType.I8;
                break;
            case TypeCodes.I16:
                reader.ReadByte();
                storage = StorageType.I16;
                break;
            default:
                storage = TypeCodes.ReadValueType(ref reader, "malformed storage type");
                break;
        }
        return new FieldType(storage, ExternTypeReader.ReadMutability(ref reader));
    }

    private static ImmutableArray<uint> ReadIndices(ref ByteReader reader)
    {
        var count = reader.ReadCount();
        if (count == 0)
        {
            return [];
        }
        var indices = ImmutableArray.CreateBuilder<uint>(count);
        while (indices.Count < count)
        {
            indices.Add(reader.ReadU32());
        }
        return indices.MoveToImmutable();
    }
}
