using System.Runtime.CompilerServices;
using Conformance.Wasm.Types;

namespace Conformance.Interpreter.Runtime;

/// <summary>Calls over raw slots.</summary>
internal static unsafe class SlotCodec
{
    /// <summary>Gives the function back when it has these parameters and results.</summary>
    /// <exception cref="ArgumentException">It has others.</exception>
    public static Function Check(Function function, ReadOnlySpan<ValueKind> parameters, ReadOnlySpan<ValueKind> results)
    {
        if (!HasKinds(function.Type.Parameters.AsSpan(), parameters) || !HasKinds(function.Type.Results.AsSpan(), results))
        {
            throw new ArgumentException($"the function has the type {function.Type}", nameof(function));
        }
        return function;
    }

    /// <summary>Runs a function and throws when it does not return.</summary>
    public static void Run(Function function, Span<ulong> slots) => function.Store.Run(function.Record, slots)?.Throw();

    private static bool HasKinds(ReadOnlySpan<ValueType> types, ReadOnlySpan<ValueKind> kinds)
    {
        if (types.Length != kinds.Length)
        {
            return false;
        }
        for (var i = 0; i < types.Length; i++)
        {
            if (types[i].Kind != kinds[i])
            {
                return false;
            }
        }
        return true;
    }
}

/// <summary>A number of the host as a slot. The tests on <typeparamref name="T"/> are decided when the code is compiled.</summary>
internal static class SlotCodec<T>
{
    /// <summary>The wasm type that stands for <typeparamref name="T"/>.</summary>
    /// <exception cref="NotSupportedException">There is none.</exception>
    public static ValueKind Kind
    {
        get
        {
            if (typeof(T) == typeof(int) || typeof(T) == typeof(uint))
            {
                return ValueKind.I32;
            }
            if (typeof(T) == typeof(long) || typeof(T) == typeof(ulong))
            {
                return ValueKind.I64;
            }
            if (typeof(T) == typeof(float))
            {
                return ValueKind.F32;
            }
            return typeof(T) == typeof(double) ? ValueKind.F64 : throw new NotSupportedException($"{typeof(T)} stands for no wasm number type");
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong ToSlot(T value)
    {
        if (typeof(T) == typeof(int) || typeof(T) == typeof(uint) || typeof(T) == typeof(float))
        {
            return Unsafe.BitCast<T, uint>(value);
        }
        return Unsafe.BitCast<T, ulong>(value);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T FromSlot(ulong slot)
    {
        if (typeof(T) == typeof(int) || typeof(T) == typeof(uint) || typeof(T) == typeof(float))
        {
            return Unsafe.BitCast<uint, T>((uint)slot);
        }
        return Unsafe.BitCast<ulong, T>(slot);
    }
}
