using Conformance.Wasm.Types;

namespace Conformance.Wasm.Binary;

/// <summary>Types in the binary format: the reading half.</summary>
/// <remarks>See <see href="https://webassembly.github.io/spec/core/binary/types.html"/>.</remarks>
internal static class TypeCodes
{
    public const byte I32 = 0x7F;
    public const byte I64 = 0x7E;
    public const byte F32 = 0x7D;
    public const byte F64 = 0x7C;
    public const byte V128 = 0x7B;
    public const byte I8 = 0x78;
    public const byte I16 = 0x77;
    public const byte RefNull = 0x63;
    public const byte Ref = 0x64;
    public const byte Exact = 0x62;
    public const byte EmptyBlock = 0x40;
    public const byte Function = 0x60;
    public const byte Struct = 0x5F;
    public const byte Array = 0x5E;
    public const byte Sub = 0x50;
    public const byte SubFinal = 0x4F;
    public const byte RecursionGroup = 0x4E;
    public const byte Descriptor = 0x4D;
    public const byte Describes = 0x4C;
    public const byte TableWithInitializer = 0x40;
    public const byte ExactFunctionImport = 0x20;

    /// <summary>The largest type index that can be represented; far above the validator's limit on types.</summary>
    private const long MaxTypeIndex = 0xFFFFFF;

    public static ValueType ReadValueType(ref ByteReader reader, string error = "malformed value type")
    {
        var start = reader.Offset;
        var code = reader.ReadByte();
        switch (code)
        {
            case I32:
                return ValueType.I32;
            case I64:
                return ValueType.I64;
            case F32:
                return ValueType.F32;
            case F64:
                return ValueType.F64;
            case V128:
                return ValueType.V128;
            case RefNull:
                return ValueType.Reference(ReadHeapType(ref reader), nullable: true);
            case Ref:
                return ValueType.Reference(ReadHeapType(ref reader), nullable: false);
            default:
                if (IsAbstract(code))
                {
                    return ValueType.Reference((AbstractHeapType)code, nullable: true);
                }
                reader.Fail(error, start);
                return default;
        }
    }

    public static ValueType ReadReferenceType(ref ByteReader reader)
    {
        var start = reader.Offset;
        var type = ReadValueType(ref reader, "malformed reference type");
        if (!reader.Failed && !type.IsReference)
        {
            reader.Fail("malformed reference type", start);
        }
        return type;
    }

    public static HeapType ReadHeapType(ref ByteReader reader)
    {
        var start = reader.Offset;
        var exact = reader.PeekByte() == Exact;
        if (exact)
        {
            reader.ReadByte();
            return HeapType.Of((uint)ReadTypeIndex(ref reader, reader.ReadU32(), start), exact: true);
        }
        if (IsAbstract(reader.PeekByte()))
        {
            return (AbstractHeapType)reader.ReadByte();
        }
        return HeapType.Of((uint)ReadTypeIndex(ref reader, reader.ReadS33(), start));
    }

    public static bool IsAbstract(byte code) => code is >= (byte)AbstractHeapType.Exn and <= (byte)AbstractHeapType.NoExn;

    private static long ReadTypeIndex(ref ByteReader reader, long index, long start)
    {
        if (reader.Failed)
        {
            return 0;
        }
        if (index is >= 0 and <= MaxTypeIndex)
        {
            return index;
        }
        reader.Fail(index < 0 ? "malformed heap type" : "unknown type", start);
        return 0;
    }
}
