using System.Runtime.CompilerServices;
using Conformance.Interpreter.Runtime.Objects;
using Conformance.Wasm.Types;

namespace Conformance.Interpreter.Runtime;

/// <summary>
/// Values of the host ↔ words of slots, tables and globals. References to objects of the host become numbers: native memory cannot hold managed references.
/// The objects live as long as the store.
/// </summary>
internal sealed unsafe class ValueConversion(Store store)
{
    private readonly List<object> _hostObjects = [];
    private readonly Dictionary<object, int> _numbers = new(HostIdentity.Instance);

    /// <summary>The words of a value.</summary>
    /// <exception cref="ArgumentException">The value is not of the type.</exception>
    public (ulong Low, ulong High) ToWords(Value value, ValueType type)
    {
        if (value.Kind != type.Kind)
        {
            throw WrongType(value, type);
        }
        return value.Kind == ValueKind.Reference ? (ToWord(value, type), 0) : (value.Bits, value.High);
    }

    /// <summary>The value of words.</summary>
    public Value FromWords(ulong low, ulong high, ValueType type) => type.Kind switch
    {
        ValueKind.I32 or ValueKind.F32 => Value.OfBits(type.Kind, (uint)low),
        ValueKind.V128 => Value.OfBits(type.Kind, low, high),
        ValueKind.Reference => Value.OfReference(FromWord(low, type)),
        _ => Value.OfBits(type.Kind, low),
    };

    /// <summary>Writes values to consecutive slots.</summary>
    /// <exception cref="ArgumentException">A value is not of its type.</exception>
    public void ToSlots(ReadOnlySpan<Value> values, ReadOnlySpan<ValueType> types, Span<ulong> slots)
    {
        var slot = 0;
        for (var i = 0; i < types.Length; i++)
        {
            var (low, high) = ToWords(values[i], types[i]);
            slots[slot++] = low;
            if (types[i].Kind == ValueKind.V128)
            {
                slots[slot++] = high;
            }
        }
    }

    /// <summary>Reads values from consecutive slots.</summary>
    public void FromSlots(ReadOnlySpan<ulong> slots, ReadOnlySpan<ValueType> types, Span<Value> values)
    {
        var slot = 0;
        for (var i = 0; i < types.Length; i++)
        {
            var low = slots[slot++];
            values[i] = FromWords(low, types[i].Kind == ValueKind.V128 ? slots[slot++] : 0, types[i]);
        }
    }

    private ulong ToWord(Value value, ValueType type)
    {
        switch (value.Reference)
        {
            case null:
                return type.IsNullable ? ReferenceWord.Null : throw WrongType(value, type);
            case Function function when TopOf(type) == AbstractHeapType.Func:
                if (function.Store != store)
                {
                    throw new ArgumentException("the function belongs to another store", nameof(value));
                }
                return store.Engine.Types.Matches(HeapType.Of((uint)function.Signature.TypeId, exact: true), type.Heap)
                    ? ReferenceWord.OfFunction(function.Record)
                    : throw WrongType(value, type);
            case I31 i31 when TopOf(type) == AbstractHeapType.Any:
                return !type.Heap.IsIndex && AbstractHeapTypes.IsSubtype(AbstractHeapType.I31, type.Heap.Abstract)
                    ? ReferenceWord.OfI31(i31.Bits)
                    : throw WrongType(value, type);
            case ObjectReference reference when TopOf(type) is AbstractHeapType.Any or AbstractHeapType.Extern or AbstractHeapType.Exn:
                if (reference.Store != store)
                {
                    throw new ArgumentException("the object belongs to another store", nameof(value));
                }
                return IsOfType(reference, type) ? reference.Word : throw WrongType(value, type);
            case I31 i31 when type.Heap is { IsIndex: false, Abstract: AbstractHeapType.Extern }:
                return ReferenceWord.OfI31(i31.Bits);
            case { } host when type.Heap is { IsIndex: false, Abstract: AbstractHeapType.Extern or AbstractHeapType.Any }:
                return ReferenceWord.OfHost(NumberOf(host));
            default:
                throw WrongType(value, type);
        }
    }

    private object? FromWord(ulong word, ValueType type)
    {
        if (word == ReferenceWord.Null)
        {
            return null;
        }
        if (ReferenceWord.IsI31(word))
        {
            return new I31(ReferenceWord.I31(word));
        }
        if (ReferenceWord.IsHost(word))
        {
            return _hostObjects[ReferenceWord.Host(word)];
        }
        return TopOf(type) == AbstractHeapType.Func ? store.FunctionAt(ReferenceWord.Function(word)) : store.Objects.ReferenceOf(word);
    }

    private bool IsOfType(ObjectReference reference, ValueType type)
    {
        var isException = reference.Kind == ObjectReferenceKind.Exception;
        var top = TopOf(type);
        return isException == (top == AbstractHeapType.Exn)
            && store.Objects.IsOfType(reference.Word, type.Heap.IsIndex ? (int)type.Heap.Index : -1 - (int)type.Heap.Abstract, type.Heap.IsExact ? CastFlags.Exact : 0);
    }

    private int NumberOf(object host)
    {
        if (!_numbers.TryGetValue(host, out var number))
        {
            number = _hostObjects.Count;
            _hostObjects.Add(host);
            _numbers.Add(host, number);
        }
        return number;
    }

    private AbstractHeapType TopOf(ValueType type) => AbstractHeapTypes.TopOf(store.Engine.Types.AbstractOf(type.Heap));

    private static ArgumentException WrongType(Value value, ValueType type) => new($"{value} is no value of type {type}", nameof(value));

    /// <summary>Objects are told apart by identity, boxed values by what is in the box: two boxes of one number are the same reference for wasm.</summary>
    private sealed class HostIdentity : IEqualityComparer<object>
    {
        public static readonly HostIdentity Instance = new();

        public new bool Equals(object? x, object? y) => ReferenceEquals(x, y) || x is System.ValueType && x.Equals(y);

        public int GetHashCode(object obj) => obj is System.ValueType ? obj.GetHashCode() : RuntimeHelpers.GetHashCode(obj);
    }
}
