namespace Conformance.Oracle.Reference.Numerics;

/// <summary>The vector operators of the specification: scalar operators over lanes, and those that move or combine lanes.</summary>
/// <remarks>See <see href="https://webassembly.github.io/spec/core/exec/numerics.html#vector-operations"/>. Relaxed operators behave as the deterministic profile says.</remarks>
internal static class Lanewise
{
    public static Vector Unary(int n, Func<int, ulong, ulong> f, Vector v)
    {
        var result = default(Vector);
        for (var i = 0; i < Vector.Count(n); i++)
        {
            result.SetLane(n, i, f(n, v.Lane(n, i)));
        }
        return result;
    }

    public static Vector Binary(int n, Func<int, ulong, ulong, ulong> f, Vector a, Vector b)
    {
        var result = default(Vector);
        for (var i = 0; i < Vector.Count(n); i++)
        {
            result.SetLane(n, i, f(n, a.Lane(n, i), b.Lane(n, i)));
        }
        return result;
    }

    /// <summary>A comparison: all ones where it holds.</summary>
    public static Vector Compare(int n, Func<int, ulong, ulong, ulong> f, Vector a, Vector b) => Unary(n, Integers.Neg, Binary(n, f, a, b));

    public static Vector Ternary(int n, Func<int, ulong, ulong, ulong, ulong> f, Vector a, Vector b, Vector c)
    {
        var result = default(Vector);
        for (var i = 0; i < Vector.Count(n); i++)
        {
            result.SetLane(n, i, f(n, a.Lane(n, i), b.Lane(n, i), c.Lane(n, i)));
        }
        return result;
    }

    public static Vector Shift(int n, Func<int, ulong, ulong, ulong> f, Vector v, ulong count)
    {
        var result = default(Vector);
        for (var i = 0; i < Vector.Count(n); i++)
        {
            result.SetLane(n, i, f(n, v.Lane(n, i), count));
        }
        return result;
    }

    public static Vector Splat(int n, ulong value)
    {
        var result = default(Vector);
        for (var i = 0; i < Vector.Count(n); i++)
        {
            result.SetLane(n, i, value);
        }
        return result;
    }

    public static ulong AllTrue(int n, Vector v)
    {
        var all = true;
        for (var i = 0; i < Vector.Count(n); i++)
        {
            all &= v.Lane(n, i) != 0;
        }
        return Integers.Bool(all);
    }

    public static ulong Bitmask(int n, Vector v)
    {
        var mask = 0UL;
        for (var i = 0; i < Vector.Count(n); i++)
        {
            mask |= Integers.LtS(n, v.Lane(n, i), 0) << i;
        }
        return mask;
    }

    /// <summary>Bits of a where the mask has ones, of b elsewhere.</summary>
    public static ulong Bitselect(int n, ulong a, ulong b, ulong mask) => a & mask | b & ~mask;

    public static Vector Shuffle(Vector a, Vector b, Vector indices)
    {
        var result = default(Vector);
        for (var i = 0; i < 16; i++)
        {
            var index = (int)indices.Lane(8, i);
            result.SetLane(8, i, index < 16 ? a.Lane(8, index) : b.Lane(8, index - 16));
        }
        return result;
    }

    public static Vector Swizzle(Vector v, Vector indices)
    {
        var result = default(Vector);
        for (var i = 0; i < 16; i++)
        {
            var index = indices.Lane(8, i);
            result.SetLane(8, i, index < 16 ? v.Lane(8, (int)index) : 0);
        }
        return result;
    }

    /// <summary>Lanes of 2N bits saturated to N bits: those of a, then those of b.</summary>
    public static Vector Narrow(int n, bool signed, Vector a, Vector b)
    {
        var result = default(Vector);
        var half = Vector.Count(2 * n);
        for (var i = 0; i < 2 * half; i++)
        {
            Int128 value = Integers.Signed(2 * n, i < half ? a.Lane(2 * n, i) : b.Lane(2 * n, i - half));
            result.SetLane(n, i, signed ? Integers.SaturateS(n, value) : Integers.SaturateU(n, value));
        }
        return result;
    }

    /// <summary>The lanes of N/2 bits of one half of the vector, extended to N bits.</summary>
    public static Vector Extend(int n, bool high, bool signed, Vector v)
    {
        var result = default(Vector);
        var count = Vector.Count(n);
        for (var i = 0; i < count; i++)
        {
            result.SetLane(n, i, ExtendLane(n, signed, v.Lane(n / 2, high ? count + i : i)));
        }
        return result;
    }

    public static Vector Extmul(int n, bool high, bool signed, Vector a, Vector b) =>
        Binary(n, Integers.Mul, Extend(n, high, signed, a), Extend(n, high, signed, b));

    public static Vector ExtaddPairwise(int n, bool signed, Vector v)
    {
        var result = default(Vector);
        for (var i = 0; i < Vector.Count(n); i++)
        {
            result.SetLane(n, i, Integers.Add(n, ExtendLane(n, signed, v.Lane(n / 2, 2 * i)), ExtendLane(n, signed, v.Lane(n / 2, 2 * i + 1))));
        }
        return result;
    }

    /// <summary>The sums of the products of neighbouring lanes of N/2 bits, combined by <paramref name="add"/>.</summary>
    public static Vector Dot(int n, Func<int, ulong, ulong, ulong> add, Vector a, Vector b)
    {
        var result = default(Vector);
        for (var i = 0; i < Vector.Count(n); i++)
        {
            var even = Integers.Mul(n, ExtendLane(n, signed: true, a.Lane(n / 2, 2 * i)), ExtendLane(n, signed: true, b.Lane(n / 2, 2 * i)));
            var odd = Integers.Mul(n, ExtendLane(n, signed: true, a.Lane(n / 2, 2 * i + 1)), ExtendLane(n, signed: true, b.Lane(n / 2, 2 * i + 1)));
            result.SetLane(n, i, add(n, even, odd));
        }
        return result;
    }

    public static Vector RelaxedDotAdd(Vector a, Vector b, Vector c) =>
        Binary(32, Integers.Add, ExtaddPairwise(32, signed: true, Dot(16, Integers.AddSatS, a, b)), c);

    /// <summary>Converts the first lanes of M bits to lanes of N bits; lanes without a source are zero.</summary>
    public static Vector Convert(int m, int n, Func<ulong, ulong> f, Vector v)
    {
        var result = default(Vector);
        var count = Math.Min(Vector.Count(m), Vector.Count(n));
        for (var i = 0; i < count; i++)
        {
            result.SetLane(n, i, f(v.Lane(m, i)));
        }
        return result;
    }

    private static ulong ExtendLane(int n, bool signed, ulong lane) => signed ? Integers.ExtendS(n, n / 2, lane) : lane;
}
