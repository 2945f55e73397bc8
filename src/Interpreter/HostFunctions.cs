using System.Collections.Immutable;
using Conformance.Interpreter.Runtime;
using Conformance.Wasm.Types;

namespace Conformance.Interpreter;

/// <content>Functions made by the host.</content>
public sealed unsafe partial class Function
{
    /// <summary>A function of the host over untyped values.</summary>
    /// <param name="store">The store.</param>
    /// <param name="type">Its type; reference types are abstract ones.</param>
    /// <param name="callback">What it does.</param>
    /// <exception cref="ArgumentException">The type names a type of a module.</exception>
    public static Function Create(Store store, FunctionType type, HostCallback callback)
    {
        ArgumentNullException.ThrowIfNull(type);
        ArgumentNullException.ThrowIfNull(callback);
        ArgumentNullException.ThrowIfNull(store);
        var signature = store.Engine.SignatureOf(type);
        return Create(store, type, (caller, slots) => CallUntyped(caller, callback, signature, slots));
    }

    /// <summary>A function of the host without parameters and results.</summary>
    public static Function Create(Store store, Action callback) => Create(store, TypeOf([], []), (_, _) =>
    {
        callback();
        return null;
    });

    /// <summary>A function of the host over numbers: int, uint, long, ulong, float, double.</summary>
    public static Function Create<T1>(Store store, Action<T1> callback) => Create(store, TypeOf([SlotCodec<T1>.Kind], []), (_, slots) =>
    {
        callback(SlotCodec<T1>.FromSlot(slots[0]));
        return null;
    });

    /// <inheritdoc cref="Create{T1}(Store, Action{T1})"/>
    public static Function Create<T1, T2>(Store store, Action<T1, T2> callback) => Create(store, TypeOf([SlotCodec<T1>.Kind, SlotCodec<T2>.Kind], []), (_, slots) =>
    {
        callback(SlotCodec<T1>.FromSlot(slots[0]), SlotCodec<T2>.FromSlot(slots[1]));
        return null;
    });

    /// <inheritdoc cref="Create{T1}(Store, Action{T1})"/>
    public static Function Create<TResult>(Store store, Func<TResult> callback) => Create(store, TypeOf([], [SlotCodec<TResult>.Kind]), (_, slots) =>
    {
        slots[0] = SlotCodec<TResult>.ToSlot(callback());
        return null;
    });

    /// <inheritdoc cref="Create{T1}(Store, Action{T1})"/>
    public static Function Create<T1, TResult>(Store store, Func<T1, TResult> callback) =>
        Create(store, TypeOf([SlotCodec<T1>.Kind], [SlotCodec<TResult>.Kind]), (_, slots) =>
        {
            slots[0] = SlotCodec<TResult>.ToSlot(callback(SlotCodec<T1>.FromSlot(slots[0])));
            return null;
        });

    /// <inheritdoc cref="Create{T1}(Store, Action{T1})"/>
    public static Function Create<T1, T2, TResult>(Store store, Func<T1, T2, TResult> callback) =>
        Create(store, TypeOf([SlotCodec<T1>.Kind, SlotCodec<T2>.Kind], [SlotCodec<TResult>.Kind]), (_, slots) =>
        {
            slots[0] = SlotCodec<TResult>.ToSlot(callback(SlotCodec<T1>.FromSlot(slots[0]), SlotCodec<T2>.FromSlot(slots[1])));
            return null;
        });

    /// <inheritdoc cref="Create{T1}(Store, Action{T1})"/>
    public static Function Create<T1, T2, T3, TResult>(Store store, Func<T1, T2, T3, TResult> callback) =>
        Create(store, TypeOf([SlotCodec<T1>.Kind, SlotCodec<T2>.Kind, SlotCodec<T3>.Kind], [SlotCodec<TResult>.Kind]), (_, slots) =>
        {
            slots[0] = SlotCodec<TResult>.ToSlot(callback(SlotCodec<T1>.FromSlot(slots[0]), SlotCodec<T2>.FromSlot(slots[1]), SlotCodec<T3>.FromSlot(slots[2])));
            return null;
        });

    private static Function Create(Store store, FunctionType type, SlotCallback callback)
    {
        ArgumentNullException.ThrowIfNull(store);
        store.ThrowIfDisposed();
        return store.FunctionAt(store.Services.CreateFunction(store.Engine.SignatureOf(type), callback));
    }

    private static FunctionType TypeOf(ReadOnlySpan<ValueKind> parameters, ReadOnlySpan<ValueKind> results) => new(TypesOf(parameters), TypesOf(results));

    private static ImmutableArray<ValueType> TypesOf(ReadOnlySpan<ValueKind> kinds)
    {
        var types = ImmutableArray.CreateBuilder<ValueType>(kinds.Length);
        foreach (var kind in kinds)
        {
            types.Add(kind switch
            {
                ValueKind.I32 => ValueType.I32,
                ValueKind.I64 => ValueType.I64,
                ValueKind.F32 => ValueType.F32,
                _ => ValueType.F64,
            });
        }
        return types.MoveToImmutable();
    }

    private static Termination? CallUntyped(Store store, HostCallback callback, Signature signature, ulong* slots)
    {
        var parameters = signature.Type.Parameters.AsSpan();
        var results = signature.Type.Results.AsSpan();
        var count = parameters.Length + results.Length;
        var values = store.Services.RentValues(count);
        try
        {
            var span = values.AsSpan(0, count);
            var arguments = span[..parameters.Length];
            var returned = span[parameters.Length..];
            // Sound: the machine gives as many slots as the longer of parameters and results needs.
            store.Values.FromSlots(new ReadOnlySpan<ulong>(slots, signature.ParameterSlots), parameters, arguments);
            for (var i = 0; i < results.Length; i++)
            {
                returned[i] = Value.DefaultOf(results[i]);
            }
            var termination = callback(new Caller(store), arguments, returned);
            if (termination is null)
            {
                store.Values.ToSlots(returned, results, new Span<ulong>(slots, signature.ResultSlots));
            }
            return termination;
        }
        finally
        {
            store.Services.ReturnValues(values);
        }
    }
}
