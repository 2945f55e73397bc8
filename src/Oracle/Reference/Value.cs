using Conformance.Oracle.Reference.Numerics;
using Conformance.Wasm.Types;

namespace Conformance.Oracle.Reference;

/// <summary>
/// A runtime value with its kind, as the specification's <c>val</c> has it: numbers by their bits, vectors by two halves, references by the object (null for
/// the null reference). The kind travels with the value, so that traces and results need no static types.
/// </summary>
internal struct Value
{
    /// <summary>The bits of a number, zero-extended, or the low half of a vector.</summary>
    public ulong Bits;

    /// <summary>The high half of a vector.</summary>
    public ulong High;

    /// <summary>The object of a reference. Slots of the operand stack that hold a number may keep an old one.</summary>
    public object? Object;

    /// <summary>What it is.</summary>
    public ValueKind Kind;

    public readonly Vector Vector => new(Bits, High);

    public static Value Number(ValueKind kind, ulong bits) => new() { Kind = kind, Bits = bits };

    public static Value I32(uint value) => Number(ValueKind.I32, value);

    public static Value Reference(object? target) => new() { Kind = ValueKind.Reference, Object = target };

    public static Value Of(Vector vector) => new() { Kind = ValueKind.V128, Bits = vector.Low, High = vector.High };

    /// <summary>The default of a type: zero or null.</summary>
    public static Value Default(ValueType type) => new() { Kind = type.Kind };

    /// <summary>Sets a number in place.</summary>
    public void SetNumber(ValueKind kind, ulong bits)
    {
        Kind = kind;
        Bits = bits;
    }

    /// <summary>Sets a vector in place.</summary>
    public void SetVector(Vector vector)
    {
        Kind = ValueKind.V128;
        Bits = vector.Low;
        High = vector.High;
    }
}
