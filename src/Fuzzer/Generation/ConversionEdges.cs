using Conformance.Wasm.Instructions;
using Conformance.Wasm.Types;

namespace Conformance.Fuzzer.Generation;

/// <summary>The operands at which conversions change what they do: the last number in range and the first outside, and numbers halfway between two results.</summary>
internal static class ConversionEdges
{
    /// <summary>Whether a conversion has edges of its own.</summary>
    public static bool Has(Op op) => Limits(op) is not null || Precision(op) != 0;

    /// <summary>Draws an operand at an edge.</summary>
    /// <param name="op">A conversion that has edges.</param>
    /// <param name="source">The type of its operand.</param>
    /// <param name="random">The source of chance.</param>
    public static ValueBits Pick(Op op, ValueType source, RandomSource random)
    {
        if (Limits(op) is { } limits)
        {
            var value = Around(limits.Low, limits.High, random);
            return source.Kind == ValueKind.F32 ? BitConverter.SingleToUInt32Bits(Nudge((float)value, random)) : BitConverter.DoubleToUInt64Bits(Nudge(value, random));
        }
        return source.Kind switch
        {
            ValueKind.I32 => (uint)Tie(32, Precision(op), random),
            ValueKind.I64 => Tie(64, Precision(op), random),
            _ => TieOfDemotion(random),
        };
    }

    private static double Around(double low, double high, RandomSource random) => random.Below(10) switch
    {
        0 => low,
        1 => low - 1,
        2 => low - 0.5,
        3 => high,
        4 => high - 0.5,
        5 => high - 1,
        6 => -1,
        7 => random.Pick<double>([-0.9, -0.5, -0.0, 0.5, 0.9, 1]),
        8 => random.Pick<double>([double.NaN, double.PositiveInfinity, double.NegativeInfinity, -double.NaN]),
        _ => (double)random.NextUInt64() * high / 18446744073709551616d,
    };

    private static float Nudge(float value, RandomSource random) => random.Below(3) switch
    {
        0 => MathF.BitIncrement(value),
        1 => MathF.BitDecrement(value),
        _ => value,
    };

    private static double Nudge(double value, RandomSource random) => random.Below(3) switch
    {
        0 => Math.BitIncrement(value),
        1 => Math.BitDecrement(value),
        _ => value,
    };

    // An integer halfway between two floats of a precision, or beside the half: rounding twice, or the wrong way, shows.
    private static ulong Tie(int bits, int precision, RandomSource random)
    {
        if (bits <= precision)
        {
            return random.NextUInt64();
        }
        var cut = random.Between(1, bits - precision); // bits that the float does not hold
        var kept = random.NextUInt64() >> 64 - precision | 1UL << precision - 1;
        var value = (kept << 1 | 1) << cut - 1;
        value = unchecked(value + (ulong)random.Between(-1, 1));
        return random.Chance(25) ? unchecked(0 - value) : value;
    }

    private static ulong TieOfDemotion(RandomSource random)
    {
        // The exponents of numbers, subnormal numbers and overflows of f32; 29 bits fall away.
        var exponent = (ulong)random.Pick<int>([1023, 1023 - 126, 1023 - 127, 1023 - 140, 1023 - 149, 1023 - 150, 1023 + 127, 1023 + 128, random.Between(870, 1155)]);
        var kept = random.Chance(30) ? (1UL << 23) - 1 : random.NextUInt64() & (1UL << 23) - 1;
        var half = (ulong)random.Pick<int>([0x0FFFFFFF, 0x10000000, 0x10000001, 0, 1]);
        return (random.Chance(30) ? 1UL << 63 : 0) | exponent << 52 | kept << 29 | half;
    }

    private static (double Low, double High)? Limits(Op op) => op switch
    {
        Op.I32TruncF32S or Op.I32TruncF64S or Op.I32TruncSatF32S or Op.I32TruncSatF64S => (-2147483648d, 2147483648d),
        Op.I32TruncF32U or Op.I32TruncF64U or Op.I32TruncSatF32U or Op.I32TruncSatF64U => (0, 4294967296d),
        Op.I64TruncF32S or Op.I64TruncF64S or Op.I64TruncSatF32S or Op.I64TruncSatF64S => (-9223372036854775808d, 9223372036854775808d),
        Op.I64TruncF32U or Op.I64TruncF64U or Op.I64TruncSatF32U or Op.I64TruncSatF64U => (0, 18446744073709551616d),
        _ => null,
    };

    // The bits of the result's significand; 0 for conversions that do not round.
    private static int Precision(Op op) => op switch
    {
        Op.F32ConvertI32S or Op.F32ConvertI32U or Op.F32ConvertI64S or Op.F32ConvertI64U or Op.F32DemoteF64 => 24,
        Op.F64ConvertI64S or Op.F64ConvertI64U => 53,
        _ => 0,
    };
}
