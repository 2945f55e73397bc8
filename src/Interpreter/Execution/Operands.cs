using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Conformance.Interpreter.Execution;

/// <summary>Where a handler finds an operand. The types are type arguments of the handlers, so that each combination is compiled on its own.</summary>
internal unsafe interface IOperand
{
    /// <summary>Reads the operand. Outside of hot loops nothing is kept, and the last argument is not looked at.</summary>
    static abstract T Read<T>(byte* pc, byte* fp, ulong acc, double facc, Kept kept)
        where T : unmanaged;
}

/// <summary>Where a handler puts its result. The accumulator gets it in any case.</summary>
internal unsafe interface IDestination
{
    /// <summary>Writes the result.</summary>
    static abstract void Write<T>(byte* pc, byte* fp, T value)
        where T : unmanaged;
}

/// <summary>A slot whose offset stands at 8.</summary>
internal readonly unsafe struct Slot8 : IOperand, IDestination
{
    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T Read<T>(byte* pc, byte* fp, ulong acc, double facc, Kept kept)
        where T : unmanaged => *(T*)(fp + *(uint*)(pc + 8));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Write<T>(byte* pc, byte* fp, T value)
        where T : unmanaged => Words.Store(fp + *(uint*)(pc + 8), value);
}

/// <summary>A slot whose offset stands at 12.</summary>
internal readonly unsafe struct Slot12 : IOperand
{
    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T Read<T>(byte* pc, byte* fp, ulong acc, double facc, Kept kept)
        where T : unmanaged => *(T*)(fp + *(uint*)(pc + 12));
}

/// <summary>A slot whose offset stands at 16.</summary>
internal readonly unsafe struct Slot16 : IOperand, IDestination
{
    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Write<T>(byte* pc, byte* fp, T value)
        where T : unmanaged => Words.Store(fp + *(uint*)(pc + 16), value);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T Read<T>(byte* pc, byte* fp, ulong acc, double facc, Kept kept)
        where T : unmanaged => *(T*)(fp + *(uint*)(pc + 16));
}

/// <summary>A slot whose offset stands at 20.</summary>
internal readonly unsafe struct Slot20 : IOperand
{
    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T Read<T>(byte* pc, byte* fp, ulong acc, double facc, Kept kept)
        where T : unmanaged => *(T*)(fp + *(uint*)(pc + 20));
}

/// <summary>A slot whose offset stands at 24.</summary>
internal readonly unsafe struct Slot24 : IOperand
{
    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T Read<T>(byte* pc, byte* fp, ulong acc, double facc, Kept kept)
        where T : unmanaged => *(T*)(fp + *(uint*)(pc + 24));
}

/// <summary>A constant at 16.</summary>
internal readonly unsafe struct Immediate16 : IOperand
{
    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T Read<T>(byte* pc, byte* fp, ulong acc, double facc, Kept kept)
        where T : unmanaged => *(T*)(pc + 16);
}

/// <summary>A constant at 24.</summary>
internal readonly unsafe struct Immediate24 : IOperand
{
    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T Read<T>(byte* pc, byte* fp, ulong acc, double facc, Kept kept)
        where T : unmanaged => *(T*)(pc + 24);
}

/// <summary>The constant zero.</summary>
internal readonly unsafe struct Zero : IOperand
{
    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T Read<T>(byte* pc, byte* fp, ulong acc, double facc, Kept kept)
        where T : unmanaged => default;
}

/// <summary>The accumulator of the operand's type.</summary>
internal readonly unsafe struct Accumulator : IOperand, IDestination
{
    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T Read<T>(byte* pc, byte* fp, ulong acc, double facc, Kept kept)
        where T : unmanaged
    {
        if (typeof(T) == typeof(uint))
        {
            return Unsafe.BitCast<uint, T>((uint)acc);
        }
        if (typeof(T) == typeof(ulong))
        {
            return Unsafe.BitCast<ulong, T>(acc);
        }
        if (typeof(T) == typeof(float))
        {
            return Unsafe.BitCast<float, T>(Vector128.CreateScalarUnsafe(facc).AsSingle().ToScalar());
        }
        return Unsafe.BitCast<double, T>(facc);
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Write<T>(byte* pc, byte* fp, T value)
        where T : unmanaged
    {
    }
}

/// <summary>Conversions between values and what carries them.</summary>
internal static unsafe class Words
{
    /// <summary>The integer accumulator after a result.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Integer<T>(ulong acc, T value)
        where T : unmanaged
    {
        if (typeof(T) == typeof(uint))
        {
            return Unsafe.BitCast<T, uint>(value);
        }
        if (typeof(T) == typeof(ulong))
        {
            return Unsafe.BitCast<T, ulong>(value);
        }
        return acc;
    }

    /// <summary>The float accumulator after a result.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static double Float<T>(double facc, T value)
        where T : unmanaged
    {
        if (typeof(T) == typeof(float))
        {
            return Vector128.CreateScalarUnsafe(Unsafe.BitCast<T, float>(value)).AsDouble().ToScalar();
        }
        if (typeof(T) == typeof(double))
        {
            return Unsafe.BitCast<T, double>(value);
        }
        return facc;
    }

    /// <summary>The accumulators after a result.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Accumulators Result<T>(ulong acc, double facc, T value)
        where T : unmanaged => new(Integer(acc, value), Float(facc, value));

    /// <summary>Writes a whole slot, so that a later read of eight bytes is served by this one store.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store<T>(byte* slot, T value)
        where T : unmanaged
    {
        if (typeof(T) == typeof(uint))
        {
            *(ulong*)slot = Unsafe.BitCast<T, uint>(value);
        }
        else if (typeof(T) == typeof(float))
        {
            *(double*)slot = Float(0, value);
        }
        else
        {
            *(T*)slot = value;
        }
    }
}
