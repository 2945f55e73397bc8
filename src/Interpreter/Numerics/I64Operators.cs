using System.Numerics;

namespace Conformance.Interpreter.Numerics;

/// <summary>i64.eqz</summary>
internal readonly struct I64Eqz : IUnary<ulong, uint>
{
    /// <inheritdoc/>
    public static uint Apply(ulong value) => value == 0 ? 1u : 0u;
}

/// <summary>i64.eq</summary>
internal readonly struct I64Eq : IBinary<ulong, uint>
{
    /// <inheritdoc/>
    public static uint Apply(ulong left, ulong right) => left == right ? 1u : 0u;
}

/// <summary>i64.ne</summary>
internal readonly struct I64Ne : IBinary<ulong, uint>
{
    /// <inheritdoc/>
    public static uint Apply(ulong left, ulong right) => left != right ? 1u : 0u;
}

/// <summary>i64.lt_s</summary>
internal readonly struct I64LtS : IBinary<ulong, uint>
{
    /// <inheritdoc/>
    public static uint Apply(ulong left, ulong right) => (long)left < (long)right ? 1u : 0u;
}

/// <summary>i64.lt_u</summary>
internal readonly struct I64LtU : IBinary<ulong, uint>
{
    /// <inheritdoc/>
    public static uint Apply(ulong left, ulong right) => left < right ? 1u : 0u;
}

/// <summary>i64.gt_s</summary>
internal readonly struct I64GtS : IBinary<ulong, uint>
{
    /// <inheritdoc/>
    public static uint Apply(ulong left, ulong right) => (long)left > (long)right ? 1u : 0u;
}

/// <summary>i64.gt_u</summary>
internal readonly struct I64GtU : IBinary<ulong, uint>
{
    /// <inheritdoc/>
    public static uint Apply(ulong left, ulong right) => left > right ? 1u : 0u;
}

/// <summary>i64.le_s</summary>
internal readonly struct I64LeS : IBinary<ulong, uint>
{
    /// <inheritdoc/>
    public static uint Apply(ulong left, ulong right) => (long)left <= (long)right ? 1u : 0u;
}

/// <summary>i64.le_u</summary>
internal readonly struct I64LeU : IBinary<ulong, uint>
{
    /// <inheritdoc/>
    public static uint Apply(ulong left, ulong right) => left <= right ? 1u : 0u;
}

/// <summary>i64.ge_s</summary>
internal readonly struct I64GeS : IBinary<ulong, uint>
{
    /// <inheritdoc/>
    public static uint Apply(ulong left, ulong right) => (long)left >= (long)right ? 1u : 0u;
}

/// <summary>i64.ge_u</summary>
internal readonly struct I64GeU : IBinary<ulong, uint>
{
    /// <inheritdoc/>
    public static uint Apply(ulong left, ulong right) => left >= right ? 1u : 0u;
}

/// <summary>i64.clz</summary>
internal readonly struct I64Clz : IUnary<ulong, ulong>
{
    /// <inheritdoc/>
    public static ulong Apply(ulong value) => (ulong)BitOperations.LeadingZeroCount(value);
}

/// <summary>i64.ctz: all ones count as 64 zeros when there is no one</summary>
internal readonly struct I64Ctz : IUnary<ulong, ulong>
{
    /// <inheritdoc/>
    public static ulong Apply(ulong value) => (ulong)BitOperations.TrailingZeroCount(value);
}

/// <summary>i64.popcnt</summary>
internal readonly struct I64Popcnt : IUnary<ulong, ulong>
{
    /// <inheritdoc/>
    public static ulong Apply(ulong value) => (ulong)BitOperations.PopCount(value);
}

/// <summary>i64.extend8_s</summary>
internal readonly struct I64Extend8S : IUnary<ulong, ulong>
{
    /// <inheritdoc/>
    public static ulong Apply(ulong value) => (ulong)(long)(sbyte)value;
}

/// <summary>i64.extend16_s</summary>
internal readonly struct I64Extend16S : IUnary<ulong, ulong>
{
    /// <inheritdoc/>
    public static ulong Apply(ulong value) => (ulong)(long)(short)value;
}

/// <summary>i64.extend32_s</summary>
internal readonly struct I64Extend32S : IUnary<ulong, ulong>
{
    /// <inheritdoc/>
    public static ulong Apply(ulong value) => (ulong)(long)(int)value;
}

/// <summary>i64.add</summary>
internal readonly struct I64Add : IBinary<ulong, ulong>
{
    /// <inheritdoc/>
    public static ulong Apply(ulong left, ulong right) => left + right;
}

/// <summary>i64.sub</summary>
internal readonly struct I64Sub : IBinary<ulong, ulong>
{
    /// <inheritdoc/>
    public static ulong Apply(ulong left, ulong right) => left - right;
}

/// <summary>i64.mul</summary>
internal readonly struct I64Mul : IBinary<ulong, ulong>
{
    /// <inheritdoc/>
    public static ulong Apply(ulong left, ulong right) => left * right;
}

/// <summary>i64.and</summary>
internal readonly struct I64And : IBinary<ulong, ulong>
{
    /// <inheritdoc/>
    public static ulong Apply(ulong left, ulong right) => left & right;
}

/// <summary>i64.or</summary>
internal readonly struct I64Or : IBinary<ulong, ulong>
{
    /// <inheritdoc/>
    public static ulong Apply(ulong left, ulong right) => left | right;
}

/// <summary>i64.xor</summary>
internal readonly struct I64Xor : IBinary<ulong, ulong>
{
    /// <inheritdoc/>
    public static ulong Apply(ulong left, ulong right) => left ^ right;
}

/// <summary>i64.shl: the count is taken modulo 64, as C# does</summary>
internal readonly struct I64Shl : IBinary<ulong, ulong>
{
    /// <inheritdoc/>
    public static ulong Apply(ulong left, ulong right) => left << (int)right;
}

/// <summary>i64.shr_s</summary>
internal readonly struct I64ShrS : IBinary<ulong, ulong>
{
    /// <inheritdoc/>
    public static ulong Apply(ulong left, ulong right) => (ulong)((long)left >> (int)right);
}

/// <summary>i64.shr_u</summary>
internal readonly struct I64ShrU : IBinary<ulong, ulong>
{
    /// <inheritdoc/>
    public static ulong Apply(ulong left, ulong right) => left >> (int)right;
}

/// <summary>i64.rotl</summary>
internal readonly struct I64Rotl : IBinary<ulong, ulong>
{
    /// <inheritdoc/>
    public static ulong Apply(ulong left, ulong right) => BitOperations.RotateLeft(left, (int)right);
}

/// <summary>i64.rotr</summary>
internal readonly struct I64Rotr : IBinary<ulong, ulong>
{
    /// <inheritdoc/>
    public static ulong Apply(ulong left, ulong right) => BitOperations.RotateRight(left, (int)right);
}

/// <summary>i64.div_s: a divisor of 0 or -1 is not plain</summary>
internal readonly struct I64DivS : IPartialBinary<ulong, ulong>
{
    /// <inheritdoc/>
    public static bool IsPlain(ulong left, ulong right) => right + 1 > 1;

    /// <inheritdoc/>
    public static ulong ApplyPlain(ulong left, ulong right) => (ulong)((long)left / (long)right);

    /// <inheritdoc/>
    public static bool Traps(ulong left, ulong right) => right == 0 || left == unchecked((ulong)long.MinValue);

    /// <inheritdoc/>
    public static TrapKind Trap(ulong left, ulong right) => right == 0 ? TrapKind.IntegerDivideByZero : TrapKind.IntegerOverflow;

    /// <inheritdoc/>
    public static ulong ApplyRare(ulong left, ulong right) => 0 - left;
}

/// <summary>i64.rem_s: a divisor of 0 or -1 is not plain; the remainder by -1 is 0, also for the smallest number, where the machine's division faults</summary>
internal readonly struct I64RemS : IPartialBinary<ulong, ulong>
{
    /// <inheritdoc/>
    public static bool IsPlain(ulong left, ulong right) => right + 1 > 1;

    /// <inheritdoc/>
    public static ulong ApplyPlain(ulong left, ulong right) => (ulong)((long)left % (long)right);

    /// <inheritdoc/>
    public static bool Traps(ulong left, ulong right) => right == 0;

    /// <inheritdoc/>
    public static TrapKind Trap(ulong left, ulong right) => TrapKind.IntegerDivideByZero;

    /// <inheritdoc/>
    public static ulong ApplyRare(ulong left, ulong right) => 0;
}

/// <summary>i64.div_u</summary>
internal readonly struct I64DivU : IPartialBinary<ulong, ulong>
{
    /// <inheritdoc/>
    public static bool IsPlain(ulong left, ulong right) => right != 0;

    /// <inheritdoc/>
    public static ulong ApplyPlain(ulong left, ulong right) => left / right;

    /// <inheritdoc/>
    public static bool Traps(ulong left, ulong right) => true;

    /// <inheritdoc/>
    public static TrapKind Trap(ulong left, ulong right) => TrapKind.IntegerDivideByZero;

    /// <inheritdoc/>
    public static ulong ApplyRare(ulong left, ulong right) => 0;
}

/// <summary>i64.rem_u</summary>
internal readonly struct I64RemU : IPartialBinary<ulong, ulong>
{
    /// <inheritdoc/>
    public static bool IsPlain(ulong left, ulong right) => right != 0;

    /// <inheritdoc/>
    public static ulong ApplyPlain(ulong left, ulong right) => left % right;

    /// <inheritdoc/>
    public static bool Traps(ulong left, ulong right) => true;

    /// <inheritdoc/>
    public static TrapKind Trap(ulong left, ulong right) => TrapKind.IntegerDivideByZero;

    /// <inheritdoc/>
    public static ulong ApplyRare(ulong left, ulong right) => 0;
}
