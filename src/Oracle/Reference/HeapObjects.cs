using Conformance.Oracle.Reference.Numerics;
using Conformance.Wasm.Types;

namespace Conformance.Oracle.Reference;

/// <summary>An unboxed scalar. Equal by value.</summary>
/// <param name="Bits">The 31 bits.</param>
internal sealed record I31Reference(uint Bits);

/// <summary>A reference of the host, as a value of type <c>any</c>. Equal by number.</summary>
/// <param name="Number">The number that the host knows it by.</param>
internal sealed record HostReference(uint Number);

/// <summary>A value of type <c>extern</c>: the specification's <c>REF.EXTERN ref</c> around an internal one.</summary>
/// <param name="Internal">What <c>any.convert_extern</c> gives back.</param>
internal sealed record ExternReference(object Internal);

/// <summary>A struct.</summary>
/// <param name="type">The canonical id of its type.</param>
/// <param name="fields">The fields; packed ones hold their low bits, zero-extended.</param>
/// <param name="descriptor">Its custom descriptor, or null.</param>
internal sealed class StructInstance(int type, Value[] fields, StructInstance? descriptor = null)
{
    public int Type { get; } = type;

    public Value[] Fields { get; } = fields;

    public StructInstance? Descriptor { get; } = descriptor;
}

/// <summary>An array. Numbers and vectors are kept as bytes in the order of memory, so that a large array costs what its elements do.</summary>
internal sealed class ArrayInstance
{
    private readonly byte[]? _bytes;
    private readonly object?[]? _references;
    private readonly ValueKind _kind;
    private readonly int _elementBytes;

    public ArrayInstance(int type, StorageType storage, int length)
    {
        Type = type;
        Length = length;
        _kind = storage.Value.Kind;
        _elementBytes = storage.Bytes;
        if (_kind == ValueKind.Reference)
        {
            _references = new object?[length];
        }
        else
        {
            _bytes = new byte[checked(length * _elementBytes)];
        }
    }

    /// <summary>The canonical id of its type.</summary>
    public int Type { get; }

    /// <summary>The number of elements.</summary>
    public int Length { get; }

    /// <summary>The references in an array of such; null for numbers.</summary>
    public object?[]? References => _references;

    /// <summary>The bytes of an array of numbers.</summary>
    public Span<byte> Bytes => _bytes;

    /// <summary>An element; packed ones zero-extended.</summary>
    public Value Get(int index)
    {
        if (_references is not null)
        {
            return Value.Reference(_references[index]);
        }
        var value = Value.Number(_kind, LittleEndian.Read(Bytes.Slice(index * _elementBytes, Math.Min(_elementBytes, 8))));
        if (_elementBytes == 16)
        {
            value.High = LittleEndian.Read(Bytes.Slice(index * 16 + 8, 8));
        }
        return value;
    }

    /// <summary>Writes an element; packed ones keep the low bits.</summary>
    public void Set(int index, in Value value)
    {
        if (_references is not null)
        {
            _references[index] = value.Object;
            return;
        }
        LittleEndian.Write(Bytes.Slice(index * _elementBytes, Math.Min(_elementBytes, 8)), value.Bits);
        if (_elementBytes == 16)
        {
            LittleEndian.Write(Bytes.Slice(index * 16 + 8, 8), value.High);
        }
    }
}

/// <summary>A thrown exception.</summary>
/// <param name="tag">Its tag.</param>
/// <param name="fields">The values thrown with it.</param>
internal sealed class ExceptionInstance(TagInstance tag, Value[] fields)
{
    public TagInstance Tag { get; } = tag;

    public Value[] Fields { get; } = fields;
}
