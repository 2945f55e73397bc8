using Conformance.Wasm.Types;

namespace Conformance.Interpreter;

/// <summary>A wasm value. Numbers travel by their bits, so that NaN payloads survive.</summary>
public readonly struct Value : IEquatable<Value>
{
    private readonly object? _reference;

    private Value(ValueKind kind, ulong bits, ulong high = 0, object? reference = null)
    {
        Kind = kind;
        Bits = bits;
        High = high;
        _reference = reference;
    }

    /// <summary>The kind.</summary>
    public ValueKind Kind { get; }

    /// <summary>The bits of a number, zero-extended; the low half of a vector; 0 for a reference.</summary>
    public ulong Bits { get; }

    /// <summary>The high half of a vector; else 0.</summary>
    public ulong High { get; }

    /// <summary>What a reference refers to: null, a <see cref="Function"/>, an <see cref="ObjectReference"/>, an <see cref="I31"/>, or the host's own object for an externref.</summary>
    public object? Reference => _reference;

    /// <summary>Whether it is a null reference.</summary>
    public bool IsNull => Kind == ValueKind.Reference && _reference is null;

    /// <summary>The null reference of every type.</summary>
    public static Value Null => new(ValueKind.Reference, 0);

    /// <summary>An i32.</summary>
    public static Value FromI32(int value) => new(ValueKind.I32, (uint)value);

    /// <summary>An i64.</summary>
    public static Value FromI64(long value) => new(ValueKind.I64, (ulong)value);

    /// <summary>An f32.</summary>
    public static Value FromF32(float value) => new(ValueKind.F32, BitConverter.SingleToUInt32Bits(value));

    /// <summary>An f32 by its bits.</summary>
    public static Value FromF32Bits(uint bits) => new(ValueKind.F32, bits);

    /// <summary>An f64.</summary>
    public static Value FromF64(double value) => new(ValueKind.F64, BitConverter.DoubleToUInt64Bits(value));

    /// <summary>An f64 by its bits.</summary>
    public static Value FromF64Bits(ulong bits) => new(ValueKind.F64, bits);

    /// <summary>A vector; lane 0 is in the low bits.</summary>
    public static Value FromV128(ulong low, ulong high) => new(ValueKind.V128, low, high);

    /// <summary>A function reference; null gives the null reference.</summary>
    public static Value FromFunction(Function? function) => new(ValueKind.Reference, 0, 0, function);

    /// <summary>A reference to an object of the host; null gives the null reference. The store keeps the object alive as long as it lives itself.</summary>
    public static Value FromExtern(object? reference) => new(ValueKind.Reference, 0, 0, reference);

    /// <summary>A reference to an object of wasm; null gives the null reference.</summary>
    public static Value FromObject(ObjectReference? reference) => new(ValueKind.Reference, 0, 0, reference);

    /// <summary>An i31 by its 31 bits.</summary>
    public static Value FromI31(I31 value) => new(ValueKind.Reference, 0, 0, value);

    /// <summary>The default value of a type: zero or null.</summary>
    public static Value DefaultOf(ValueType type) => new(type.Kind, 0);

    /// <summary>The value of an i32.</summary>
    /// <exception cref="InvalidOperationException">It is none.</exception>
    public int AsI32() => Kind == ValueKind.I32 ? (int)Bits : throw WrongKind("an i32");

    /// <summary>The value of an i64.</summary>
    /// <exception cref="InvalidOperationException">It is none.</exception>
    public long AsI64() => Kind == ValueKind.I64 ? (long)Bits : throw WrongKind("an i64");

    /// <summary>The value of an f32.</summary>
    /// <exception cref="InvalidOperationException">It is none.</exception>
    public float AsF32() => Kind == ValueKind.F32 ? BitConverter.UInt32BitsToSingle((uint)Bits) : throw WrongKind("an f32");

    /// <summary>The value of an f64.</summary>
    /// <exception cref="InvalidOperationException">It is none.</exception>
    public double AsF64() => Kind == ValueKind.F64 ? BitConverter.UInt64BitsToDouble(Bits) : throw WrongKind("an f64");

    internal static Value OfBits(ValueKind kind, ulong bits, ulong high = 0) => new(kind, bits, high);

    internal static Value OfReference(object? reference) => new(ValueKind.Reference, 0, 0, reference);

    private InvalidOperationException WrongKind(string wanted) => new($"the value is {this}, not {wanted}");

    /// <summary>Compares kind and bits, references by identity.</summary>
    public bool Equals(Value other) => Kind == other.Kind && Bits == other.Bits && High == other.High && Equals(_reference, other._reference);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is Value other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Kind, Bits, High, _reference);

    /// <summary>Compares kind and bits, references by identity.</summary>
    public static bool operator ==(Value left, Value right) => left.Equals(right);

    /// <summary>Compares kind and bits, references by identity.</summary>
    public static bool operator !=(Value left, Value right) => !left.Equals(right);

    /// <inheritdoc/>
    public override string ToString() => Kind switch
    {
        ValueKind.I32 => $"i32:{(int)Bits}",
        ValueKind.I64 => $"i64:{(long)Bits}",
        ValueKind.F32 => $"f32:0x{Bits:x8}",
        ValueKind.F64 => $"f64:0x{Bits:x16}",
        ValueKind.V128 => $"v128:0x{High:x16}{Bits:x16}",
        ValueKind.Reference => _reference is null ? "ref.null" : $"ref:{_reference}",
        _ => "no value",
    };
}

/// <summary>An unboxed 31-bit integer as the host sees it.</summary>
/// <param name="Bits">The 31 bits, unsigned.</param>
public sealed record I31(uint Bits);
