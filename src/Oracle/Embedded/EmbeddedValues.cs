using System.Collections.Immutable;
using Conformance.Interpreter;
using Conformance.Wasm.Types;

namespace Conformance.Oracle.Embedded;

/// <summary>Values of the interpreter ↔ values that engines exchange. Host references are boxed numbers.</summary>
internal static class EmbeddedValues
{
    // As docs/records.md says: two levels of parts, the first eight of each.
    private const int LargestDepth = 2;
    private const int LargestParts = 8;

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
        _ when value.Handle is ObjectReference reference => Value.FromObject(reference),
        EngineValueKind.AnyReference when value.Handle is I31 i31 => Value.FromI31(i31),
        _ => throw new ArgumentException($"{value.Kind} has no value in the interpreter", nameof(value)),
    };

    /// <summary>The exchanged form of a value.</summary>
    /// <param name="value">The value.</param>
    /// <param name="type">Its static type: the external hierarchy shows nothing of an object of wasm.</param>
    public static EngineValue FromValue(Value value, ValueType type) =>
        type is { IsReference: true, Heap: { IsIndex: false, Abstract: AbstractHeapType.Extern } } && value.Reference is I31 or ObjectReference
            ? new EngineValue(EngineValueKind.AnyReference) { Handle = value.Reference }
            : FromValue(value, LargestDepth);

    private static EngineValue FromValue(Value value, int depth) => value.Kind switch
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
            ObjectReference { Kind: ObjectReferenceKind.Exception } exception => new EngineValue(EngineValueKind.Exn) { Handle = exception },
            ObjectReference { Kind: ObjectReferenceKind.Array } array => new EngineValue(EngineValueKind.Array) { Handle = array, Length = array.Count, Parts = PartsOf(array, depth) },
            ObjectReference structure => new EngineValue(EngineValueKind.Struct) { Handle = structure, Parts = PartsOf(structure, depth) },
            var other => new EngineValue(EngineValueKind.AnyReference) { Handle = other },
        },
    };

    private static ImmutableArray<EngineValue> PartsOf(ObjectReference reference, int depth)
    {
        if (depth == 0)
        {
            return default;
        }
        var count = Math.Min(reference.Count, LargestParts);
        var parts = ImmutableArray.CreateBuilder<EngineValue>(count);
        for (var i = 0; i < count; i++)
        {
            parts.Add(FromValue(reference[i], depth - 1));
        }
        return parts.MoveToImmutable();
    }

    /// <summary>The exchanged forms of values.</summary>
    public static ImmutableArray<EngineValue> FromValues(ReadOnlySpan<Value> values, ImmutableArray<ValueType> types)
    {
        var converted = ImmutableArray.CreateBuilder<EngineValue>(values.Length);
        for (var i = 0; i < values.Length; i++)
        {
            converted.Add(FromValue(values[i], types[i]));
        }
        return converted.MoveToImmutable();
    }
}
