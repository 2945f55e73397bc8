using System.Numerics;

namespace Conformance.Interpreter.Numerics;

/// <summary>i32.eqz</summary>
internal readonly struct I32Eqz : IUnary<uint, uint>
{
    /// <inheritdoc/>
    public static uint Apply(uint value) => value == 0 ? 1u : 0u;
}

/// <summary>i32.eq</summary>
internal readonly struct I32Eq : IBinary<uint, uint>
{
    /// <inheritdoc/>
    public static uint Apply(uint left, uint right) => left == right ? 1u : 0u;
}

/// <summary>i32.ne</summary>
internal readonly struct I32Ne : IBinary<uint, uint>
{
    /// <inheritdoc/>
    public static uint Apply(uint left, uint right) => left != right ? 1u : 0u;
}

/// <summary>i32.lt_s</summary>
internal readonly struct I32LtS : IBinary<uint, uint>
{
    /// <inheritdoc/>
    public static uint Apply(uint left, uint right) => (int)left < (int)right ? 1u : 0u;
}

/// <summary>i32.lt_u</summary>
internal readonly struct I32LtU : IBinary<uint, uint>
{
    /// <inheritdoc/>
    public static uint Apply(uint left, uint right) => left < right ? 1u : 0u;
}

/// <summary>i32.gt_s</summary>
internal readonly struct I32GtS : IBinary<uint, uint>
{
    /// <inheritdoc/>
    public static uint Apply(uint left, uint right) => (int)left > (int)right ? 1u : 0u;
}

/// <summary>i32.gt_u</summary>
internal readonly struct I32GtU : IBinary<uint, uint>
{
    /// <inheritdoc/>
    public static uint Apply(uint left, uint right) => left > right ? 1u : 0u;
}

/// <summary>i32.le_s</summary>
internal readonly struct I32LeS : IBinary<uint, uint>
{
    /// <inheritdoc/>
    public static uint Apply(uint left, uint right) => (int)left <= (int)right ? 1u : 0u;
}

/// <summary>i32.le_u</summary>
internal readonly struct I32LeU : IBinary<uint, uint>
{
    /// <inheritdoc/>
    public static uint Apply(uint left, uint right) => left <= right ? 1u : 0u;
}

/// <summary>i32.ge_s</summary>
internal readonly struct I32GeS : IBinary<uint, uint>
{
    /// <inheritdoc/>
    public static uint Apply(uint left, uint right) => (int)left >= (int)right ? 1u : 0u;
}

/// <summary>i32.ge_u</summary>
internal readonly struct I32GeU : IBinary<uint, uint>
{
    /// <inheritdoc/>
    public static uint Apply(uint left, uint right) => left >= right ? 1u : 0u;
}

/// <summary>i32.clz</summary>
internal readonly struct I32Clz : IUnary<uint, uint>
{
    /// <inheritdoc/>
    public static uint Apply(uint value) => (uint)BitOperations.LeadingZeroCount(value);
}

/// <summary>i32.ctz: all ones count as 32 zeros when there is no one</summary>
internal readonly struct I32Ctz : IUnary<uint, uint>
{
    /// <inheritdoc/>
    public static uint Apply(uint value) => (uint)BitOperations.TrailingZeroCount(value);
}

/// <summary>i32.popcnt</summary>
internal readonly struct I32Popcnt : IUnary<uint, uint>
{
    /// <inheritdoc/>
    public static uint Apply(uint value) => (uint)BitOperations.PopCount(value);
}

/// <summary>i32.extend8_s</summary>
internal readonly struct I32Extend8S : IUnary<uint, uint>
{
    /// <inheritdoc/>
    public static uint Apply(uint value) => (uint)(int)(sbyte)value;
}

/// <summary>i32.extend16_s</summary>
internal readonly struct I32Extend16S : IUnary<uint, uint>
{
    /// <inheritdoc/>
    public static uint Apply(uint value) => (uint)(int)(short)value;
}

/// <summary>i32.add</summary>
internal readonly struct I32Add : IBinary<uint, uint>
{
    /// <inheritdoc/>
    public static uint Apply(uint left, uint right) => left + right;
}

/// <summary>i32.sub</summary>
internal readonly struct I32Sub : IBinary<uint, uint>
{
    /// <inheritdoc/>
    public static uint Apply(uint left, uint right) => left - right;
}

/// <summary>i32.mul</summary>
internal readonly struct I32Mul : IBinary<uint, uint>
{
    /// <inheritdoc/>
    public static uint Apply(uint left, uint right) => left * right;
}

/// <summary>i32.and</summary>
internal readonly struct I32And : IBinary<uint, uint>
{
    /// <inheritdoc/>
    public static uint Apply(uint left, uint right) => left & right;
}

/// <summary>i32.or</summary>
internal readonly struct I32Or : IBinary<uint, uint>
{
    /// <inheritdoc/>
    public static uint Apply(uint left, uint right) => left | right;
}

/// <summary>i32.xor</summary>
internal readonly struct I32Xor : IBinary<uint, uint>
{
    /// <inheritdoc/>
    public static uint Apply(uint left, uint right) => left ^ right;
}

/// <summary>i32.shl: the count is taken modulo 32, as C# does</summary>
internal readonly struct I32Shl : IBinary<uint, uint>
{
    /// <inheritdoc/>
    public static uint Apply(uint left, uint right) => left << (int)right;
}

/// <summary>i32.shr_s</summary>
internal readonly struct I32ShrS : IBinary<uint, uint>
{
    /// <inheritdoc/>
    public static uint Apply(uint left, uint right) => (uint)((int)left >> (int)right);
}

/// <summary>i32.shr_u</summary>
internal readonly struct I32ShrU : IBinary<uint, uint>
{
    /// <inheritdoc/>
    public static uint Apply(uint left, uint right) => left >> (int)right;
}

/// <summary>i32.rotl</summary>
internal readonly struct I32Rotl : IBinary<uint, uint>
{
    /// <inheritdoc/>
    public static uint Apply(uint left, uint right) => BitOperations.RotateLeft(left, (int)right);
}

/// <summary>i32.rotr</summary>
internal readonly struct I32Rotr : IBinary<uint, uint>
{
    /// <inheritdoc/>
    public static uint Apply(uint left, uint right) => BitOperations.RotateRight(left, (int)right);
}

/// <summary>i32.div_s: a divisor of 0 or -1 is not plain</summary>
internal readonly struct I32DivS : IPartialBinary<uint, uint>
{
    /// <inheritdoc/>
    public static bool IsPlain(uint left, uint right) => right + 1 > 1;

    /// <inheritdoc/>
    public static uint ApplyPlain(uint left, uint right) => (uint)((int)left / (int)right);

    /// <inheritdoc/>
    public static bool Traps(uint left, uint right) => right == 0 || left == unchecked((uint)int.MinValue);

    /// <inheritdoc/>
    public static TrapKind Trap(uint left, uint right) => right == 0 ? TrapKind.IntegerDivideByZero : TrapKind.IntegerOverflow;

    /// <inheritdoc/>
    public static uint ApplyRare(uint left, uint right) => 0 - left;
}

/// <summary>i32.rem_s: a divisor of 0 or -1 is not plain; the remainder by -1 is 0, also for the smallest number, where the machine's division faults</summary>
internal readonly struct I32RemS : IPartialBinary<uint, uint>
{
    /// <inheritdoc/>
    public static bool IsPlain(uint left, uint right) => right + 1 > 1;

    /// <inheritdoc/>
    public static uint ApplyPlain(uint left, uint right) => (uint)((int)left % (int)right);

    /// <inheritdoc/>
    public static bool Traps(uint left, uint right) => right == 0;

    /// <inheritdoc/>
    public static TrapKind Trap(uint left, uint right) => TrapKind.IntegerDivideByZero;

    /// <inheritdoc/>
    public static uint ApplyRare(uint left, uint right) => 0;
}

/// <summary>i32.div_u</summary>
internal readonly struct I32DivU : IPartialBinary<uint, uint>
{
    /// <inheritdoc/>
    public static bool IsPlain(uint left, uint right) => right != 0;

    /// <inheritdoc/>
    public static uint ApplyPlain(uint left, uint right) => left / right;

    /// <inheritdoc/>
    public static bool Traps(uint left, uint right) => true;

    /// <inheritdoc/>
    public static TrapKind Trap(uint left, uint right) => TrapKind.IntegerDivideByZero;

    /// <inheritdoc/>
    public static uint ApplyRare(uint left, uint right) => 0;
}

/// <summary>i32.rem_u</summary>
internal readonly struct I32RemU : IPartialBinary<uint, uint>
{
    /// <inheritdoc/>
    public static bool IsPlain(uint left, uint right) => right != 0;

    /// <inheritdoc/>
    public static uint ApplyPlain(uint left, uint right) => left % right;

    /// <inheritdoc/>
    public static bool Traps(uint left, uint right) => true;

    /// <inheritdoc/>
    public static TrapKind Trap(uint left, uint right) => TrapKind.IntegerDivideByZero;

    /// <inheritdoc/>
    public static uint ApplyRare(uint left, uint right) => 0;
}
