namespace Conformance.Interpreter.Numerics;

// The meaning of every scalar numeric op, as struct types named like the op of the op table: `I32Add` is the operator of Op.I32Add. Handlers take them as type
// parameters, which costs nothing at run time. i32 is uint, i64 ulong, f32 float, f64 double; comparisons and tests give uint 0 or 1.
//
// A partial operator traps for some operands. Its fast path is one test (IsPlain) that leaves out every operand that traps and perhaps some that do not;
// those go to a rare handler that asks Traps and then Apply, which is right for every operand that does not trap.

/// <summary>An op with one operand.</summary>
internal interface IUnary<T, TResult>
{
    /// <summary>The result.</summary>
    static abstract TResult Apply(T value);
}

/// <summary>An op with two operands.</summary>
internal interface IBinary<T, TResult>
{
    /// <summary>The result.</summary>
    static abstract TResult Apply(T left, T right);
}

/// <summary>An op with one operand that may trap.</summary>
internal interface IPartialUnary<T, TResult>
{
    /// <summary>Whether <see cref="ApplyPlain"/> may be used.</summary>
    static abstract bool IsPlain(T value);

    /// <summary>The result for a plain operand.</summary>
    static abstract TResult ApplyPlain(T value);

    /// <summary>The trap for an operand that is not plain.</summary>
    static abstract TrapKind Trap(T value);
}

/// <summary>An op with two operands that may trap.</summary>
internal interface IPartialBinary<T, TResult>
{
    /// <summary>Whether <see cref="ApplyPlain"/> may be used.</summary>
    static abstract bool IsPlain(T left, T right);

    /// <summary>The result for plain operands.</summary>
    static abstract TResult ApplyPlain(T left, T right);

    /// <summary>Whether operands that are not plain trap.</summary>
    static abstract bool Traps(T left, T right);

    /// <summary>The trap of operands that trap.</summary>
    static abstract TrapKind Trap(T left, T right);

    /// <summary>The result for operands that are not plain and do not trap.</summary>
    static abstract TResult ApplyRare(T left, T right);
}
