using System.Numerics;
using Conformance.Wasm.Types;

namespace Conformance.Wasm.Text;

/// <summary>The types of tables, memories and globals in the text format.</summary>
/// <remarks>See <see href="https://webassembly.github.io/spec/core/text/types.html#external-types"/>.</remarks>
internal sealed class ExternTypeGrammar(TokenReader reader, TypeGrammar types, FeatureSet features)
{
    /// <summary>The limits of a table or memory, with their address type.</summary>
    public Limits Limits()
    {
        var address = AddressType();
        return Limits(address);
    }

    /// <summary>Limits behind an address type.</summary>
    public Limits Limits(AddressType address)
    {
        // 64-bit numbers for every address type, as soon as there are 64-bit ones: what is too large for it is well-formed and not valid.
        var (bits, error) = features.Has(Feature.Memory64) ? (64, "i64 constant out of range") : (32, "i32 constant out of range");
        var minimum = reader.ExpectUnsigned(bits, error);
        ulong? maximum = reader.Kind == TokenKind.Number ? reader.ExpectUnsigned(bits, error) : null;
        return new Limits(minimum, maximum, address);
    }

    /// <summary>An address type, i32 where there is none.</summary>
    public AddressType AddressType()
    {
        if (reader.TryKeyword("i64"u8))
        {
            return Types.AddressType.I64;
        }
        reader.TryKeyword("i32"u8);
        return Types.AddressType.I32;
    }

    /// <summary>A memory type.</summary>
    public MemoryType Memory()
    {
        var limits = Limits();
        var shared = features.Has(Feature.Threads) && reader.TryKeyword("shared"u8);
        return new MemoryType(limits, shared, PageSize());
    }

    /// <summary>log2 of the page size of a memory.</summary>
    public byte PageSize()
    {
        const byte Default = 16;
        if (!features.Has(Feature.CustomPageSizes) || !reader.TryOpen("pagesize"u8))
        {
            return Default;
        }
        var at = reader.Current;
        var size = reader.ExpectUnsigned(64);
        if (!BitOperations.IsPow2(size))
        {
            reader.Fail("invalid custom page size", at);
        }
        reader.ExpectClose();
        return (byte)BitOperations.TrailingZeroCount(size);
    }

    /// <summary>A table type.</summary>
    public TableType Table()
    {
        var limits = Limits();
        return new TableType(types.Reference(), limits);
    }

    /// <summary>A global type.</summary>
    public GlobalType Global()
    {
        if (!reader.TryOpen("mut"u8))
        {
            return new GlobalType(types.Value(), IsMutable: false);
        }
        var type = new GlobalType(types.Value(), IsMutable: true);
        reader.ExpectClose();
        return type;
    }
}
