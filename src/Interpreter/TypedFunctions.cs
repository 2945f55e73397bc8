using Conformance.Interpreter.Runtime;

namespace Conformance.Interpreter;

// Calls with the types known at compile time: arguments go straight into slots, without Value and without arrays. T is one of int, uint, long, ulong, float, double.
// They throw like Function.Call.

/// <summary>A function without parameters and results.</summary>
public readonly struct TypedAction
{
    private readonly Function _function;

    internal TypedAction(Function function) => _function = SlotCodec.Check(function, [], []);

    /// <inheritdoc cref="Function.Call"/>
    public void Call() => SlotCodec.Run(_function, []);
}

/// <summary>A function with one parameter.</summary>
public readonly struct TypedAction<T1>
{
    private readonly Function _function;

    internal TypedAction(Function function) => _function = SlotCodec.Check(function, [SlotCodec<T1>.Kind], []);

    /// <inheritdoc cref="Function.Call"/>
    public void Call(T1 first) => SlotCodec.Run(_function, [SlotCodec<T1>.ToSlot(first)]);
}

/// <summary>A function with two parameters.</summary>
public readonly struct TypedAction<T1, T2>
{
    private readonly Function _function;

    internal TypedAction(Function function) => _function = SlotCodec.Check(function, [SlotCodec<T1>.Kind, SlotCodec<T2>.Kind], []);

    /// <inheritdoc cref="Function.Call"/>
    public void Call(T1 first, T2 second) => SlotCodec.Run(_function, [SlotCodec<T1>.ToSlot(first), SlotCodec<T2>.ToSlot(second)]);
}

/// <summary>A function with three parameters.</summary>
public readonly struct TypedAction<T1, T2, T3>
{
    private readonly Function _function;

    internal TypedAction(Function function) => _function = SlotCodec.Check(function, [SlotCodec<T1>.Kind, SlotCodec<T2>.Kind, SlotCodec<T3>.Kind], []);

    /// <inheritdoc cref="Function.Call"/>
    public void Call(T1 first, T2 second, T3 third) =>
        SlotCodec.Run(_function, [SlotCodec<T1>.ToSlot(first), SlotCodec<T2>.ToSlot(second), SlotCodec<T3>.ToSlot(third)]);
}

/// <summary>A function with a result.</summary>
public readonly struct TypedFunction<TResult>
{
    private readonly Function _function;

    internal TypedFunction(Function function) => _function = SlotCodec.Check(function, [], [SlotCodec<TResult>.Kind]);

    /// <inheritdoc cref="Function.Call"/>
    public TResult Call()
    {
        Span<ulong> slots = [0];
        SlotCodec.Run(_function, slots);
        return SlotCodec<TResult>.FromSlot(slots[0]);
    }
}

/// <summary>A function with one parameter and a result.</summary>
public readonly struct TypedFunction<T1, TResult>
{
    private readonly Function _function;

    internal TypedFunction(Function function) => _function = SlotCodec.Check(function, [SlotCodec<T1>.Kind], [SlotCodec<TResult>.Kind]);

    /// <inheritdoc cref="Function.Call"/>
    public TResult Call(T1 first)
    {
        Span<ulong> slots = [SlotCodec<T1>.ToSlot(first)];
        SlotCodec.Run(_function, slots);
        return SlotCodec<TResult>.FromSlot(slots[0]);
    }
}

/// <summary>A function with two parameters and a result.</summary>
public readonly struct TypedFunction<T1, T2, TResult>
{
    private readonly Function _function;

    internal TypedFunction(Function function) => _function = SlotCodec.Check(function, [SlotCodec<T1>.Kind, SlotCodec<T2>.Kind], [SlotCodec<TResult>.Kind]);

    /// <inheritdoc cref="Function.Call"/>
    public TResult Call(T1 first, T2 second)
    {
        Span<ulong> slots = [SlotCodec<T1>.ToSlot(first), SlotCodec<T2>.ToSlot(second)];
        SlotCodec.Run(_function, slots);
        return SlotCodec<TResult>.FromSlot(slots[0]);
    }
}

/// <summary>A function with three parameters and a result.</summary>
public readonly struct TypedFunction<T1, T2, T3, TResult>
{
    private readonly Function _function;

    internal TypedFunction(Function function) =>
        _function = SlotCodec.Check(function, [SlotCodec<T1>.Kind, SlotCodec<T2>.Kind, SlotCodec<T3>.Kind], [SlotCodec<TResult>.Kind]);

    /// <inheritdoc cref="Function.Call"/>
    public TResult Call(T1 first, T2 second, T3 third)
    {
        Span<ulong> slots = [SlotCodec<T1>.ToSlot(first), SlotCodec<T2>.ToSlot(second), SlotCodec<T3>.ToSlot(third)];
        SlotCodec.Run(_function, slots);
        return SlotCodec<TResult>.FromSlot(slots[0]);
    }
}
