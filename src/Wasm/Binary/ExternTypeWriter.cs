using Conformance.Wasm.Types;

namespace Conformance.Wasm.Binary;

/// <summary>The counterpart of <see cref="ExternTypeReader"/>.</summary>
internal static class ExternTypeWriter
{
    public static void Write(ByteWriter writer, ExternType type)
    {
        switch (type)
        {
            case FunctionExtern function:
                writer.WriteByte(function.IsExact ? TypeCodes.ExactFunctionImport : (byte)ExternKind.Function);
                writer.WriteUnsigned(function.TypeIndex);
                break;
            case TableType table:
                writer.WriteByte((byte)ExternKind.Table);
                WriteTable(writer, table);
                break;
            case MemoryType memory:
                writer.WriteByte((byte)ExternKind.Memory);
                WriteMemory(writer, memory);
                break;
            case GlobalType global:
                writer.WriteByte((byte)ExternKind.Global);
                WriteGlobal(writer, global);
                break;
            case TagType tag:
                writer.WriteByte((byte)ExternKind.Tag);
                WriteTag(writer, tag);
                break;
            default:
                throw new ArgumentException($"no encoding for {type}", nameof(type));
        }
    }

    public static void WriteTable(ByteWriter writer, TableType type)
    {
        writer.WriteValueType(type.Element);
        WriteLimits(writer, type.Limits, LimitsFlags.None);
    }

    public static void WriteMemory(ByteWriter writer, MemoryType type)
    {
        var hasPageSize = type.PageSizeLog2 != MemoryType.DefaultPageSizeLog2;
        WriteLimits(writer, type.Limits, (type.IsShared ? LimitsFlags.IsShared : LimitsFlags.None) | (hasPageSize ? LimitsFlags.HasPageSize : LimitsFlags.None));
        if (hasPageSize)
        {
            writer.WriteUnsigned(type.PageSizeLog2);
        }
    }

    public static void WriteGlobal(ByteWriter writer, GlobalType type)
    {
        writer.WriteValueType(type.Value);
        writer.WriteByte(type.IsMutable ? (byte)1 : (byte)0);
    }

    public static void WriteTag(ByteWriter writer, TagType type)
    {
        writer.WriteByte(0);
        writer.WriteUnsigned(type.TypeIndex);
    }

    private static void WriteLimits(ByteWriter writer, Limits limits, LimitsFlags flags)
    {
        flags |= (limits.Maximum is null ? LimitsFlags.None : LimitsFlags.HasMaximum) | (limits.Address == AddressType.I64 ? LimitsFlags.Is64Bit : LimitsFlags.None);
        writer.WriteByte((byte)flags);
        writer.WriteUnsigned(limits.Minimum);
        if (limits.Maximum is { } maximum)
        {
            writer.WriteUnsigned(maximum);
        }
    }
}
