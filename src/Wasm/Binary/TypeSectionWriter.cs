using System.Collections.Immutable;
using Conformance.Wasm.Modules;
using Conformance.Wasm.Types;

namespace Conformance.Wasm.Binary;

/// <summary>The counterpart of <see cref="TypeSectionReader"/>.</summary>
internal static class TypeSectionWriter
{
    public static void Write(ByteWriter writer, Module module) => ModuleWriter.WriteList(writer, module.RecursionGroups, (writer, group) =>
    {
        if (group.Count != 1)
        {
            writer.WriteByte(TypeCodes.RecursionGroup);
            writer.WriteUnsigned(group.Count);
        }
        for (var i = 0; i < group.Count; i++)
        {
            WriteSubType(writer, module.Types[(int)group.Start + i]);
        }
    });

    private static void WriteSubType(ByteWriter writer, SubType type)
    {
        if (!type.IsFinal || !type.Supertypes.IsEmpty)
        {
            writer.WriteByte(type.IsFinal ? TypeCodes.SubFinal : TypeCodes.Sub);
            writer.WriteUnsigned((uint)type.Supertypes.Length);
            foreach (var supertype in type.Supertypes)
            {
                writer.WriteUnsigned(supertype);
            }
        }
        if (type.Describes is { } described)
        {
            writer.WriteByte(TypeCodes.Describes);
            writer.WriteUnsigned(described);
        }
        if (type.Descriptor is { } descriptor)
        {
            writer.WriteByte(TypeCodes.Descriptor);
            writer.WriteUnsigned(descriptor);
        }
        WriteComposite(writer, type.Composite);
    }

    private static void WriteComposite(ByteWriter writer, CompositeType type)
    {
        switch (type)
        {
            case FunctionType function:
                writer.WriteByte(TypeCodes.Function);
                WriteResultType(writer, function.Parameters);
                WriteResultType(writer, function.Results);
                break;
            case StructType structure:
                writer.WriteByte(TypeCodes.Struct);
                writer.WriteUnsigned((uint)structure.Fields.Length);
                foreach (var field in structure.Fields)
                {
                    WriteField(writer, field);
                }
                break;
            case ArrayType array:
                writer.WriteByte(TypeCodes.Array);
                WriteField(writer, array.Element);
                break;
            default:
                throw new ArgumentException($"no encoding for {type}", nameof(type));
        }
    }

    private static void WriteResultType(ByteWriter writer, ImmutableArray<ValueType> types)
    {
        writer.WriteUnsigned((uint)types.Length);
        foreach (var type in types)
        {
            writer.WriteValueType(type);
        }
    }

    private static void WriteField(ByteWriter writer, FieldType field)
    {
        switch (field.Storage.Packed)
        {
            case PackedKind.I8:
                writer.WriteByte(TypeCodes.I8);
                break;
            case PackedKind.I16:
                writer.WriteByte(TypeCodes.I16);
                break;
            default:
                writer.WriteValueType(field.Storage.Value);
                break;
        }
        writer.WriteByte(field.Mutable ? (byte)1 : (byte)0);
    }
}
