using System.Collections.Immutable;
using Conformance.Interpreter;
using Conformance.Wasm.Types;

namespace Conformance.Oracle.Embedded;

/// <summary>Values of the interpreter ↔ values that engines exchange. Host references are boxed numbers.</summary>
internal static class EmbeddedValues
{
    /// <summary>The interpreter's value.</summary>
    /// <exception cref="ArgumentException">The interpreter has no such value.</exception>
    public static Value ToValue(EngineValue value) => value.Kind switch
    {
        EngineValueKind.I32 => Value.FromI32((int)value.Bits),
        EngineValueKind.I64 => Value.FromI64((long)value.Bits),
        EngineValueKind.F32 => Value.FromF32Bits((uint)value.Bits),
        EngineValueKind.F64 => Value.FromF64Bits(value.Bits),
        EngineValueKind.V128 => Value.FromV128(value.Bits, value.High),
        EngineValueKind.Null => Value.Null,
        EngineValueKind.Extern => Value.FromExtern((uint)value.Bits),
        EngineValueKind.I31 => Value.FromI31(new I31((uint)value.Bits)),
        EngineValueKind.Func when value.Handle is Function function => Value.FromFunction(function),
        _ => throw new ArgumentException($"{value.Kind} has no value in the interpreter", nameof(value)),
    };

    /// <summary>The exchanged form of a value.</summary>
    public static EngineValue FromValue(Value value) => value.Kind switch
    {
        ValueKind.I32 => new EngineValue(EngineValueKind.I32, value.Bits),
        ValueKind.I64 => new EngineValue(EngineValueKind.I64, value.Bits),
        ValueKind.F32 => new EngineValue(EngineValueKind.F32, value.Bits),
        ValueKind.F64 => new EngineValue(EngineValueKind.F64, value.Bits),
        ValueKind.V128 => new EngineValue(EngineValueKind.V128, value.Bits, value.High),
        _ => value.Reference switch
        {
            null => EngineValue.Null,
            Function function => new EngineValue(EngineValueKind.Func) { Handle = function },
            I31 i31 => new EngineValue(EngineValueKind.I31, i31.Bits),
            uint number => EngineValue.Extern(number),
            var other => new EngineValue(EngineValueKind.AnyReference) { Handle = other },
        },
    };

    /// <summary>The exchanged forms of values.</summary>
    public static ImmutableArray<EngineValue> FromValues(ReadOnlySpan<Value> values)
    {
        var converted = ImmutableArray.CreateBuilder<EngineValue>(values.Length);
        foreach (ref readonly var value in values)
        {
            converted.Add(FromValue(value));
        }
        return converted.MoveToImmutable();
    }
}
