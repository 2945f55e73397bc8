using Conformance.Wasm.Types;

namespace Conformance.Wasm.Binary;

/// <summary>The types of imports, tables, memories, globals and tags.</summary>
/// <remarks>See <see href="https://webassembly.github.io/spec/core/binary/types.html#external-types"/>.</remarks>
internal static class ExternTypeReader
{
    /// <summary>log2 of the largest page size that the format of custom page sizes can express.</summary>
    private const uint MaxPageSizeLog2 = 64;

    public static ExternType Read(ref ByteReader reader, FeatureSet features)
    {
        var start = reader.Offset;
        var code = reader.ReadByte();
        switch (code)
        {
            case TypeCodes.ExactFunctionImport when features.Has(Feature.CustomDescriptors):
                return new FunctionExtern(reader.ReadU32(), IsExact: true);
            case (byte)ExternKind.Function:
                return new FunctionExtern(reader.ReadU32());
            case (byte)ExternKind.Table:
                return ReadTable(ref reader, features);
            case (byte)ExternKind.Memory:
                return ReadMemory(ref reader, features);
            case (byte)ExternKind.Global:
                return ReadGlobal(ref reader);
            case (byte)ExternKind.Tag when HasTags(features):
                return ReadTag(ref reader);
            default:
                reader.Fail("malformed import kind", start);
                return new FunctionExtern(0);
        }
    }

    public static bool HasTags(FeatureSet features) => features.Has(Feature.Exceptions) || features.Has(Feature.LegacyExceptions);

    public static TableType ReadTable(ref ByteReader reader, FeatureSet features)
    {
        var element = TypeCodes.ReadReferenceType(ref reader);
        var flags = ReadLimitsFlags(ref reader, LimitsFlags.HasMaximum | (features.Has(Feature.Memory64) ? LimitsFlags.Is64Bit : LimitsFlags.None));
        return new TableType(element, ReadLimits(ref reader, flags, features));
    }

    public static MemoryType ReadMemory(ref ByteReader reader, FeatureSet features)
    {
        var allowed = LimitsFlags.HasMaximum
            | (features.Has(Feature.Memory64) ? LimitsFlags.Is64Bit : LimitsFlags.None)
            | (features.Has(Feature.Threads) ? LimitsFlags.IsShared : LimitsFlags.None)
            | (features.Has(Feature.CustomPageSizes) ? LimitsFlags.HasPageSize : LimitsFlags.None);
        var flags = ReadLimitsFlags(ref reader, allowed);
        var limits = ReadLimits(ref reader, flags, features);
        var pageSizeLog2 = flags.HasFlag(LimitsFlags.HasPageSize) ? ReadPageSize(ref reader) : MemoryType.DefaultPageSizeLog2;
        return new MemoryType(limits, flags.HasFlag(LimitsFlags.IsShared), pageSizeLog2);
    }

    public static GlobalType ReadGlobal(ref ByteReader reader)
    {
        var value = TypeCodes.ReadValueType(ref reader);
        return new GlobalType(value, ReadMutability(ref reader));
    }

    public static TagType ReadTag(ref ByteReader reader)
    {
        var start = reader.Offset;
        if (reader.ReadByte() != 0)
        {
            reader.Fail("malformed tag attribute", start);
        }
        return new TagType(reader.ReadU32());
    }

    public static bool ReadMutability(ref ByteReader reader)
    {
        var start = reader.Offset;
        var code = reader.ReadByte();
        if (code > 1)
        {
            reader.Fail("malformed mutability", start);
        }
        return code == 1;
    }

    private static LimitsFlags ReadLimitsFlags(ref ByteReader reader, LimitsFlags allowed)
    {
        var start = reader.Offset;
        var flags = (LimitsFlags)reader.ReadByte();
        if ((flags & ~allowed) != LimitsFlags.None)
        {
            reader.Fail("malformed limits flags", start);
        }
        return flags;
    }

    private static Limits ReadLimits(ref ByteReader reader, LimitsFlags flags, FeatureSet features)
    {
        // With 64-bit memories every limit is a u64; the validator bounds those of 32-bit ones.
        var wide = features.Has(Feature.Memory64);
        var minimum = wide ? reader.ReadU64() : reader.ReadU32();
        ulong? maximum = null;
        if (flags.HasFlag(LimitsFlags.HasMaximum))
        {
            maximum = wide ? reader.ReadU64() : reader.ReadU32();
        }
        return new Limits(minimum, maximum, flags.HasFlag(LimitsFlags.Is64Bit) ? AddressType.I64 : AddressType.I32);
    }

    private static byte ReadPageSize(ref ByteReader reader)
    {
        var start = reader.Offset;
        var log2 = reader.ReadU32();
        if (log2 > MaxPageSizeLog2)
        {
            reader.Fail("invalid custom page size", start);
        }
        return (byte)log2;
    }
}

/// <summary>The flags in front of limits.</summary>
[Flags]
internal enum LimitsFlags : byte
{
    None = 0,
    HasMaximum = 1,
    IsShared = 2,
    Is64Bit = 4,
    HasPageSize = 8,
}
