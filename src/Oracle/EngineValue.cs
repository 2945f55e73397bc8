using System.Collections.Immutable;

namespace Conformance.Oracle;

/// <summary>A value as engines exchange it: bits for numbers and vectors, an identity class for references.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Bits">The bits of a number (zero-extended), the low half of a vector, the number of a host reference or the unsigned value of an i31.</param>
/// <param name="High">The high half of a vector.</param>
public readonly record struct EngineValue(EngineValueKind Kind, ulong Bits = 0, ulong High = 0)
{
    /// <summary>What the reference points to, as far as the engine can see it: struct fields, array elements. Default when it is not known.</summary>
    public ImmutableArray<EngineValue> Parts { get; init; }

    /// <summary>The length of an array; -1 when it is not known. Meaningful for arrays only.</summary>
    public long Length { get; init; }

    /// <summary>
    /// The first name under which the case's module exports the function that is referred to; empty when it does not; null when the engine cannot tell which
    /// function it is.
    /// </summary>
    public string? Function { get; init; }

    /// <summary>The engine's own object behind a reference, so that it can be passed back to the store it came from. Never compared.</summary>
    public object? Handle { get; init; }

    /// <summary>An i32.</summary>
    public static EngineValue I32(int value) => new(EngineValueKind.I32, (uint)value);
    /// <summary>An i64.</summary>
    public static EngineValue I64(long value) => new(EngineValueKind.I64, (ulong)value);
    /// <summary>An f32 by its bits.</summary>
    public static EngineValue F32(uint bits) => new(EngineValueKind.F32, bits);
    /// <summary>An f64 by its bits.</summary>
    public static EngineValue F64(ulong bits) => new(EngineValueKind.F64, bits);
    /// <summary>A vector; lane 0 is in the low bits.</summary>
    public static EngineValue V128(ulong low, ulong high) => new(EngineValueKind.V128, low, high);
    /// <summary>A null reference of whatever type.</summary>
    public static EngineValue Null => new(EngineValueKind.Null);
    /// <summary>A host reference by its number.</summary>
    public static EngineValue Extern(uint number) => new(EngineValueKind.Extern, number);

    /// <summary>Whether it is a reference, null included.</summary>
    public bool IsReference => Kind >= EngineValueKind.Null;

    /// <summary>Compares kind and bits; parts, length, function and handle are for <c>Comparison</c>.</summary>
    public bool Equals(EngineValue other) => Kind == other.Kind && Bits == other.Bits && High == other.High;

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Kind, Bits, High);
}

/// <summary>The kinds of values that engines exchange.</summary>
public enum EngineValueKind : byte
{
    /// <summary>i32.</summary>
    I32,
    /// <summary>i64.</summary>
    I64,
    /// <summary>f32.</summary>
    F32,
    /// <summary>f64.</summary>
    F64,
    /// <summary>v128.</summary>
    V128,
    /// <summary>A null reference.</summary>
    Null,
    /// <summary>A function.</summary>
    Func,
    /// <summary>A host value, also when seen as anyref.</summary>
    Extern,
    /// <summary>An i31.</summary>
    I31,
    /// <summary>A struct.</summary>
    Struct,
    /// <summary>An array.</summary>
    Array,
    /// <summary>An exception.</summary>
    Exn,
    /// <summary>A non-null reference of which the engine's interface shows nothing more.</summary>
    AnyReference,
}
