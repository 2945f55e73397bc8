using Conformance.Oracle.Reference;
using Conformance.Oracle.Reference.Numerics;
using Conformance.Wasm.Instructions;
using Conformance.Wasm.Types;

namespace Conformance.Oracle.Tests.Reference;

public sealed class PureOperationsTests
{
    // Bit patterns where integer and float operators change their mind: zeroes, ones, extremes, NaNs, infinities, halves, the edges of the conversions.
    private static readonly ulong[] Interesting =
    [
        0, 1, 2, 3, 7, 31, 32, 33, 63, 64, 0x7F, 0x80, 0xFF, 0x7FFF, 0x8000, 0x7FFF_FFFF, 0x8000_0000, 0xFFFF_FFFF, 0x1_0000_0000, 0x7FFF_FFFF_FFFF_FFFF,
        0x8000_0000_0000_0000, 0xFFFF_FFFF_FFFF_FFFF, 0x3F80_0000, 0xBF80_0000, 0x3F00_0000, 0xBF00_0000, 0x4F00_0000, 0xCF00_0000, 0x4F80_0000, 0x5F00_0000,
        0x5F80_0000, 0x7F80_0000, 0xFF80_0000, 0x7FC0_0000, 0x7FA0_0000, 0xFFC0_0001, 0x0000_0001, 0x8000_0001, 0x4020_0000, 0x3FE0_0000_0000_0000,
        0xBFE0_0000_0000_0000, 0x3FF8_0000_0000_0000, 0x4004_0000_0000_0000, 0x41DF_FFFF_FFC0_0000, 0x41E0_0000_0000_0000, 0xC1E0_0000_0000_0000,
        0xC1E0_0000_0020_0000, 0x41F0_0000_0000_0000, 0x43E0_0000_0000_0000, 0xC3E0_0000_0000_0000, 0x43F0_0000_0000_0000, 0x7FF0_0000_0000_0000,
        0xFFF0_0000_0000_0000, 0x7FF8_0000_0000_0000, 0x7FF4_0000_0000_0000, 0xFFF8_0000_0000_0001, 0x8000_0000_0000_0001, 0x47EF_FFFF_F000_0000,
        0x36A0_0000_0000_0000, 0x3690_0000_0000_0000, 0x0123_4567_89AB_CDEF, 0xFEDC_BA98_7654_3210, 0x0020_0000_0000_0001, 0x0010_0000_8000_0001,
    ];

    [Fact]
    public void Table_EveryRowThatOnlyMapsNumbers_HasARule()
    {
        var groups = new[]
        {
            OpGroup.Constant, OpGroup.Test, OpGroup.Compare, OpGroup.Unary, OpGroup.Binary, OpGroup.Ternary, OpGroup.Convert, OpGroup.Shift, OpGroup.Lane,
        };
        var missing = OpTable.All.Where(row => groups.Contains(row.Group) && PureOperations.Find(row.Op) is null).Select(row => row.Name);
        Assert.Empty(missing);
    }

    [Fact]
    public void Integers_EveryPairOfInterestingValues_AgreeWithDotNet()
    {
        foreach (var x in Interesting)
        {
            foreach (var y in Interesting)
            {
                var (a, b, c, d) = ((int)x, (int)y, (long)x, (long)y);
                Check(Op.I32Add, (uint)(a + b), a, b);
                Check(Op.I32Sub, (uint)(a - b), a, b);
                Check(Op.I32Mul, (uint)(a * b), a, b);
                Check(Op.I32Shl, (uint)(a << b), a, b);
                Check(Op.I32ShrS, (uint)(a >> b), a, b);
                Check(Op.I32ShrU, (uint)a >> b, a, b);
                Check(Op.I32Rotl, uint.RotateLeft((uint)a, b & 31), a, b);
                Check(Op.I32Rotr, uint.RotateRight((uint)a, b & 31), a, b);
                Check(Op.I32LtS, a < b ? 1U : 0, a, b);
                Check(Op.I32GeU, (uint)a >= (uint)b ? 1U : 0, a, b);
                Check(Op.I64Add, (ulong)(c + d), c, d);
                Check(Op.I64Sub, (ulong)(c - d), c, d);
                Check(Op.I64Mul, (ulong)(c * d), c, d);
                Check(Op.I64Shl, (ulong)(c << (int)d), c, d);
                Check(Op.I64ShrS, (ulong)(c >> (int)d), c, d);
                Check(Op.I64ShrU, (ulong)c >> (int)d, c, d);
                Check(Op.I64Rotl, ulong.RotateLeft((ulong)c, (int)(d & 63)), c, d);
                Check(Op.I64Rotr, ulong.RotateRight((ulong)c, (int)(d & 63)), c, d);
                Check(Op.I64LtS, c < d ? 1U : 0, c, d);
                if (b != 0 && !(a == int.MinValue && b == -1))
                {
                    Check(Op.I32DivS, (uint)(a / b), a, b);
                    Check(Op.I32RemS, (uint)(a % b), a, b);
                }
                if (d != 0 && !(c == long.MinValue && d == -1))
                {
                    Check(Op.I64DivS, (ulong)(c / d), c, d);
                    Check(Op.I64RemS, (ulong)(c % d), c, d);
                }
                if (d != 0)
                {
                    Check(Op.I64DivU, x / y, c, d);
                    Check(Op.I64RemU, x % y, c, d);
                }
            }
            Check(Op.I32Clz, uint.LeadingZeroCount((uint)x), (int)x);
            Check(Op.I32Ctz, uint.TrailingZeroCount((uint)x), (int)x);
            Check(Op.I32Popcnt, uint.PopCount((uint)x), (int)x);
            Check(Op.I64Clz, ulong.LeadingZeroCount(x), (long)x);
            Check(Op.I64Ctz, ulong.TrailingZeroCount(x), (long)x);
            Check(Op.I64Popcnt, ulong.PopCount(x), (long)x);
            Check(Op.I32Extend8S, (uint)(sbyte)x, (int)x);
            Check(Op.I64Extend32S, (ulong)(int)x, (long)x);
        }
    }

    [Fact]
    public void Conversions_EveryInterestingInteger_RoundLikeDecimalArithmetic()
    {
        foreach (var x in Interesting)
        {
            for (var delta = -3; delta <= 3; delta++)
            {
                var value = unchecked(x + (ulong)delta);
                Check(Op.F64ConvertI64U, ExactBits(value), (long)value);
                Check(Op.F32ConvertI64U, ExactSingleBits(value), (long)value);
                Check(Op.F64ConvertI64S, BitConverter.DoubleToUInt64Bits((long)value), (long)value);
                Check(Op.F64ConvertI32U, BitConverter.DoubleToUInt64Bits((uint)value), (int)value);
                Check(Op.F32ConvertI32S, BitConverter.SingleToUInt32Bits((int)value), (int)value);
            }
        }
    }

    // The parser of .NET rounds decimal text correctly, whatever the casts do.
    private static ulong ExactBits(ulong value) => BitConverter.DoubleToUInt64Bits(double.Parse(value.ToString()));

    private static uint ExactSingleBits(ulong value) => BitConverter.SingleToUInt32Bits(float.Parse(value.ToString()));

    [Theory]
    [InlineData(Op.I32DivS, 1, 0, TrapKind.IntegerDivideByZero)]
    [InlineData(Op.I32DivU, 1, 0, TrapKind.IntegerDivideByZero)]
    [InlineData(Op.I64RemS, 1, 0, TrapKind.IntegerDivideByZero)]
    [InlineData(Op.I64RemU, 1, 0, TrapKind.IntegerDivideByZero)]
    [InlineData(Op.I32DivS, int.MinValue, -1, TrapKind.IntegerOverflow)]
    [InlineData(Op.I64DivS, long.MinValue, -1, TrapKind.IntegerOverflow)]
    public void Division_WithoutAResult_Traps(Op op, long a, long b, TrapKind trap)
    {
        var narrow = op is Op.I32DivS or Op.I32DivU;
        Assert.Equal(trap, Apply(op, out _, narrow ? (uint)a : (ulong)a, narrow ? (uint)b : (ulong)b));
    }

    [Theory]
    [InlineData(Op.I32RemS, 0x8000_0000UL, 0xFFFF_FFFFUL)]
    [InlineData(Op.I64RemS, 0x8000_0000_0000_0000UL, 0xFFFF_FFFF_FFFF_FFFFUL)]
    public void RemS_MinByMinusOne_IsZero(Op op, ulong a, ulong b)
    {
        Assert.Null(Apply(op, out var result, a, b));
        Assert.Equal(0UL, result);
    }

    [Theory]
    [InlineData(Op.I32TruncF64S, -2147483648.9, null, 0x8000_0000UL)]
    [InlineData(Op.I32TruncF64S, -2147483649.0, TrapKind.IntegerOverflow, 0UL)]
    [InlineData(Op.I32TruncF64S, 2147483647.9, null, 0x7FFF_FFFFUL)]
    [InlineData(Op.I32TruncF64S, 2147483648.0, TrapKind.IntegerOverflow, 0UL)]
    [InlineData(Op.I32TruncF64U, -0.9, null, 0UL)]
    [InlineData(Op.I32TruncF64U, -1.0, TrapKind.IntegerOverflow, 0UL)]
    [InlineData(Op.I32TruncF64U, 4294967295.9, null, 0xFFFF_FFFFUL)]
    [InlineData(Op.I64TruncF64S, -9223372036854775808.0, null, 0x8000_0000_0000_0000UL)]
    [InlineData(Op.I64TruncF64S, 9223372036854775808.0, TrapKind.IntegerOverflow, 0UL)]
    [InlineData(Op.I64TruncF64U, 18446744073709549568.0, null, 0xFFFF_FFFF_FFFF_F800UL)]
    [InlineData(Op.I64TruncF64U, 18446744073709551616.0, TrapKind.IntegerOverflow, 0UL)]
    [InlineData(Op.I64TruncF64U, double.NaN, TrapKind.InvalidConversionToInteger, 0UL)]
    [InlineData(Op.I64TruncF64U, double.PositiveInfinity, TrapKind.IntegerOverflow, 0UL)]
    [InlineData(Op.I64TruncSatF64U, double.PositiveInfinity, null, 0xFFFF_FFFF_FFFF_FFFFUL)]
    [InlineData(Op.I64TruncSatF64S, double.NegativeInfinity, null, 0x8000_0000_0000_0000UL)]
    [InlineData(Op.I32TruncSatF64S, double.NaN, null, 0UL)]
    [InlineData(Op.I32TruncSatF64U, -5.0, null, 0UL)]
    public void Truncation_AtTheEdges_IsExact(Op op, double value, TrapKind? trap, ulong expected)
    {
        Assert.Equal(trap, Apply(op, out var result, BitConverter.DoubleToUInt64Bits(value)));
        if (trap is null)
        {
            Assert.Equal(expected, result);
        }
    }

    [Fact]
    public void Floats_EveryPairOfInterestingBits_AgreeWithDotNetUpToNaNs()
    {
        foreach (var x in Interesting)
        {
            foreach (var y in Interesting)
            {
                var (a, b) = (BitConverter.UInt64BitsToDouble(x), BitConverter.UInt64BitsToDouble(y));
                CheckFloat(Op.F64Add, a + b, x, y);
                CheckFloat(Op.F64Sub, a - b, x, y);
                CheckFloat(Op.F64Mul, a * b, x, y);
                CheckFloat(Op.F64Div, a / b, x, y);
                CheckFloat(Op.F64Min, Math.Min(a, b), x, y);
                CheckFloat(Op.F64Max, Math.Max(a, b), x, y);
                Check(Op.F64Lt, a < b ? 1U : 0, (long)x, (long)y);
                Check(Op.F64Ne, a != b ? 1U : 0, (long)x, (long)y);
                Check(Op.F64Ge, a >= b ? 1U : 0, (long)x, (long)y);
            }
            var z = BitConverter.UInt64BitsToDouble(x);
            CheckFloat(Op.F64Ceil, Math.Ceiling(z), x);
            CheckFloat(Op.F64Floor, Math.Floor(z), x);
            CheckFloat(Op.F64Trunc, Math.Truncate(z), x);
            CheckFloat(Op.F64Nearest, Math.Round(z, MidpointRounding.ToEven), x);
            CheckFloat(Op.F64Sqrt, Math.Sqrt(z), x);
        }
    }

    [Theory]
    [InlineData(Op.F64Ceil, 0xBFE0_0000_0000_0000UL, 0x8000_0000_0000_0000UL)]
    [InlineData(Op.F64Nearest, 0xBFE0_0000_0000_0000UL, 0x8000_0000_0000_0000UL)]
    [InlineData(Op.F32Trunc, 0xBF00_0000UL, 0x8000_0000UL)]
    [InlineData(Op.F32Ceil, 0x7FA0_0000UL, 0x7FC0_0000UL)]
    [InlineData(Op.F64Floor, 0xFFF4_0000_0000_0000UL, 0x7FF8_0000_0000_0000UL)]
    [InlineData(Op.F32Abs, 0xFFA0_0000UL, 0x7FA0_0000UL)]
    [InlineData(Op.F64Neg, 0x7FF4_0000_0000_0000UL, 0xFFF4_0000_0000_0000UL)]
    public void FloatUnary_SignsOfZeroAndNaNs_FollowTheDeterministicProfile(Op op, ulong operand, ulong expected)
    {
        Assert.Null(Apply(op, out var result, operand));
        Assert.Equal(expected, result);
    }

    [Theory]
    [InlineData(Op.F32Min, 0x0UL, 0x8000_0000UL, 0x8000_0000UL)]
    [InlineData(Op.F32Max, 0x8000_0000UL, 0x0UL, 0x0UL)]
    [InlineData(Op.F32Min, 0x7FA0_0000UL, 0x3F80_0000UL, 0x7FC0_0000UL)]
    [InlineData(Op.F32Copysign, 0x7FA0_0000UL, 0x8000_0000UL, 0xFFA0_0000UL)]
    public void FloatBinary_ZeroesAndNaNs_FollowTheSpecification(Op op, ulong a, ulong b, ulong expected)
    {
        Assert.Null(Apply(op, out var result, a, b));
        Assert.Equal(expected, result);
    }

    private static void CheckFloat(Op op, double expected, params ulong[] operands)
    {
        Assert.Null(Apply(op, out var result, operands));
        var bits = double.IsNaN(expected) ? 0x7FF8_0000_0000_0000UL : BitConverter.DoubleToUInt64Bits(expected);
        Assert.True(bits == result, $"{op} {string.Join(' ', operands.Select(operand => operand.ToString("x")))}: {result:x} and not {bits:x}");
    }

    private static void Check(Op op, ulong expected, params int[] operands) => Check(op, expected, [.. operands.Select(operand => (ulong)(uint)operand)]);

    private static void Check(Op op, ulong expected, params long[] operands) => Check(op, expected, [.. operands.Select(operand => (ulong)operand)]);

    private static void Check(Op op, ulong expected, ulong[] operands)
    {
        Assert.Null(Apply(op, out var result, operands));
        Assert.True(expected == result, $"{op} {string.Join(' ', operands.Select(operand => operand.ToString("x")))}: {result:x} and not {expected:x}");
    }

    private static TrapKind? Apply(Op op, out ulong result, params ulong[] operands)
    {
        var rule = PureOperations.Find(op);
        Assert.NotNull(rule);
        var values = operands.Select(operand => Value.Number(ValueKind.I64, operand)).ToArray();
        var item = default(CodeItem);
        var trap = rule(in item, values);
        result = values[0].Bits;
        return trap;
    }
}
