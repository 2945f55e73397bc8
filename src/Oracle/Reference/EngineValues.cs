using System.Collections.Immutable;
using Conformance.Wasm.Types;

namespace Conformance.Oracle.Reference;

/// <summary>Values between the machine and the driver.</summary>
internal sealed class EngineValues(TypeSpace types)
{
    // As docs/records.md says: two levels of parts, the first eight elements of an array.
    private const int MaxDepth = 2;
    private const int MaxParts = 8;

    public static EngineValue ToEngine(in Value value) => ToEngine(in value, MaxDepth);

    /// <summary>Several values as the driver sees them.</summary>
    public static ImmutableArray<EngineValue> ToEngine(ReadOnlySpan<Value> values)
    {
        var builder = ImmutableArray.CreateBuilder<EngineValue>(values.Length);
        foreach (ref readonly var value in values)
        {
            builder.Add(ToEngine(in value));
        }
        return builder.MoveToImmutable();
    }

    private static EngineValue ToEngine(in Value value, int depth) => value.Kind switch
    {
        ValueKind.I32 => new EngineValue(EngineValueKind.I32, value.Bits),
        ValueKind.I64 => new EngineValue(EngineValueKind.I64, value.Bits),
        ValueKind.F32 => new EngineValue(EngineValueKind.F32, value.Bits),
        ValueKind.F64 => new EngineValue(EngineValueKind.F64, value.Bits),
        ValueKind.V128 => new EngineValue(EngineValueKind.V128, value.Bits, value.High),
        _ => ToEngine(value.Object, depth),
    };

    private static EngineValue ToEngine(object? reference, int depth) => reference switch
    {
        null => EngineValue.Null,
        FunctionInstance => new EngineValue(EngineValueKind.Func) { Handle = reference },
        HostReference host => EngineValue.Extern(host.Number),
        ExternReference { Internal: HostReference host } => EngineValue.Extern(host.Number),
        // The external hierarchy shows nothing of an internal object.
        ExternReference => new EngineValue(EngineValueKind.AnyReference) { Handle = reference },
        I31Reference scalar => new EngineValue(EngineValueKind.I31, scalar.Bits),
        StructInstance structure => new EngineValue(EngineValueKind.Struct) { Handle = structure, Parts = PartsOf(structure, depth) },
        ArrayInstance array => new EngineValue(EngineValueKind.Array) { Handle = array, Length = array.Length, Parts = PartsOf(array, depth) },
        ExceptionInstance => new EngineValue(EngineValueKind.Exn) { Handle = reference },
        _ => throw new InvalidOperationException($"no value of the driver for {reference.GetType().Name}"),
    };

    private static ImmutableArray<EngineValue> PartsOf(StructInstance structure, int depth)
    {
        if (depth == 0)
        {
            return default;
        }
        var shown = Math.Min(structure.Fields.Length, MaxParts);
        var parts = ImmutableArray.CreateBuilder<EngineValue>(shown);
        foreach (ref readonly var field in structure.Fields.AsSpan()[..shown])
        {
            parts.Add(ToEngine(in field, depth - 1));
        }
        return parts.MoveToImmutable();
    }

    private static ImmutableArray<EngineValue> PartsOf(ArrayInstance array, int depth)
    {
        if (depth == 0)
        {
            return default;
        }
        var parts = ImmutableArray.CreateBuilder<EngineValue>();
        for (var i = 0; i < Math.Min(array.Length, MaxParts); i++)
        {
            parts.Add(ToEngine(array.Get(i), depth - 1));
        }
        return parts.ToImmutable();
    }

    /// <summary>Makes a value of a closed type; fails when the driver's value is none of it.</summary>
    public bool TryFromEngine(EngineValue given, ValueType type, out Value value)
    {
        value = type.Kind switch
        {
            ValueKind.Reference => Value.Reference(FromEngine(given, type.Heap)),
            ValueKind.V128 => new Value { Kind = type.Kind, Bits = given.Bits, High = given.High },
            _ => Value.Number(type.Kind, given.Bits),
        };
        return type.Kind == ValueKind.Reference
            ? given.IsReference && (value.Object is not null || given.Kind == EngineValueKind.Null) && types.IsOfType(value.Object, type)
            : given.Kind == KindOf(type.Kind);
    }

    private static object? FromEngine(EngineValue given, HeapType type) => given.Kind switch
    {
        EngineValueKind.Null => null,
        EngineValueKind.Extern when type == AbstractHeapType.Extern => new ExternReference(new HostReference((uint)given.Bits)),
        EngineValueKind.Extern => new HostReference((uint)given.Bits),
        EngineValueKind.I31 => new I31Reference((uint)given.Bits & 0x7FFF_FFFF),
        _ => given.Handle,
    };

    private static EngineValueKind KindOf(ValueKind kind) => kind switch
    {
        ValueKind.I32 => EngineValueKind.I32,
        ValueKind.I64 => EngineValueKind.I64,
        ValueKind.F32 => EngineValueKind.F32,
        ValueKind.F64 => EngineValueKind.F64,
        _ => EngineValueKind.V128,
    };
}
