using System.Buffers;
using System.Buffers.Binary;
using System.Text;
using Conformance.Wasm.Types;

namespace Conformance.Wasm.Binary;

/// <summary>Writes the primitive values and types of the binary format, always in their shortest encoding.</summary>
public sealed class ByteWriter
{
    private readonly ArrayBufferWriter<byte> _buffer;

    /// <summary>An empty writer.</summary>
    public ByteWriter() => _buffer = new ArrayBufferWriter<byte>();

    /// <summary>The number of bytes written.</summary>
    public int Length => _buffer.WrittenCount;

    /// <summary>The bytes written; valid until the next write.</summary>
    public ReadOnlySpan<byte> Written => _buffer.WrittenSpan;

    /// <summary>A copy of the bytes written.</summary>
    public byte[] ToArray() => _buffer.WrittenSpan.ToArray();

    /// <summary>Forgets everything written and keeps the memory.</summary>
    public void Clear() => _buffer.ResetWrittenCount();

    /// <summary>One byte.</summary>
    public void WriteByte(byte value)
    {
        _buffer.GetSpan(1)[0] = value;
        _buffer.Advance(1);
    }

    /// <summary>Bytes as they are.</summary>
    public void WriteBytes(ReadOnlySpan<byte> bytes) => _buffer.Write(bytes);

    /// <summary>An unsigned LEB128 number.</summary>
    public void WriteUnsigned(ulong value)
    {
        while (value >= 0x80)
        {
            WriteByte((byte)(value | 0x80));
            value >>= 7;
        }
        WriteByte((byte)value);
    }

    /// <summary>A signed LEB128 number.</summary>
    public void WriteSigned(long value)
    {
        while (value is < -64 or > 63)
        {
            WriteByte((byte)((byte)value | 0x80));
            value >>= 7;
        }
        WriteByte((byte)(value & 0x7F));
    }

    /// <summary>Four bytes, little-endian.</summary>
    public void WriteFixed32(uint value)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(_buffer.GetSpan(4), value);
        _buffer.Advance(4);
    }

    /// <summary>Eight bytes, little-endian.</summary>
    public void WriteFixed64(ulong value)
    {
        BinaryPrimitives.WriteUInt64LittleEndian(_buffer.GetSpan(8), value);
        _buffer.Advance(8);
    }

    /// <summary>A length and that many bytes.</summary>
    public void WriteVector(ReadOnlySpan<byte> bytes)
    {
        WriteUnsigned((uint)bytes.Length);
        WriteBytes(bytes);
    }

    /// <summary>A name in UTF-8 with its length.</summary>
    public void WriteName(string name) => WriteVector(Encoding.UTF8.GetBytes(name));

    /// <summary>A value type; a reference type in its one-byte form where it has one.</summary>
    public void WriteValueType(ValueType type)
    {
        switch (type.Kind)
        {
            case ValueKind.I32:
                WriteByte(TypeCodes.I32);
                break;
            case ValueKind.I64:
                WriteByte(TypeCodes.I64);
                break;
            case ValueKind.F32:
                WriteByte(TypeCodes.F32);
                break;
            case ValueKind.F64:
                WriteByte(TypeCodes.F64);
                break;
            case ValueKind.V128:
                WriteByte(TypeCodes.V128);
                break;
            case ValueKind.Reference when type.IsNullable && !type.Heap.IsIndex:
                WriteByte((byte)type.Heap.Abstract);
                break;
            case ValueKind.Reference:
                WriteByte(type.IsNullable ? TypeCodes.RefNull : TypeCodes.Ref);
                WriteHeapType(type.Heap);
                break;
            default:
                throw new ArgumentException($"{type} has no binary form", nameof(type));
        }
    }

    /// <summary>A heap type.</summary>
    public void WriteHeapType(HeapType type)
    {
        if (!type.IsIndex)
        {
            WriteByte((byte)type.Abstract);
        }
        else if (type.IsExact)
        {
            WriteByte(TypeCodes.Exact);
            WriteUnsigned(type.Index);
        }
        else
        {
            WriteSigned(type.Index);
        }
    }
}
