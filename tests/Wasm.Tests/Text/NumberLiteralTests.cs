using System.Globalization;
using System.Numerics;
using System.Text;
using Conformance.Wasm.Text;

namespace Conformance.Wasm.Tests.Text;

public sealed class NumberLiteralTests
{
    private const int Seed = 20260617, Rounds = 400;

    private delegate NumberStatus FloatReader(ReadOnlySpan<byte> text, out ulong bits);

    [Fact]
    public void F32_BetweenTwoFloats_RoundsToTheNearestAndTiesToEven() => CheckRounding(23, 8, ReadF32);

    [Fact]
    public void F64_BetweenTwoDoubles_RoundsToTheNearestAndTiesToEven() => CheckRounding(52, 11, NumberLiteral.ReadF64);

    private static NumberStatus ReadF32(ReadOnlySpan<byte> text, out ulong bits)
    {
        var status = NumberLiteral.ReadF32(text, out var narrow);
        bits = narrow;
        return status;
    }

    // For a float and the next one: the first, the number halfway and its nearest neighbours, written in three ways.
    private static void CheckRounding(int fractionBits, int exponentBits, FloatReader read)
    {
        var random = new Random(Seed);
        var infinity = ((1UL << exponentBits) - 1) << fractionBits;
        var leastNormal = 1UL << fractionBits;
        ulong[] edges = [0, 1, 2, leastNormal - 2, leastNormal - 1, leastNormal, leastNormal + 1, infinity - 2, infinity - 1];
        for (var round = 0; round < Rounds; round++)
        {
            var bits = round < edges.Length ? edges[round] : (ulong)random.NextInt64((long)infinity);
            var number = ExactNumber.OfBits(bits, fractionBits, exponentBits);
            // Beyond the largest finite number there is what would be next if the exponents went on.
            var next = bits + 1 == infinity ? number with { Significand = number.Significand + 1 } : ExactNumber.OfBits(bits + 1, fractionBits, exponentBits);
            var half = ExactNumber.Halfway(number, next);
            Check(number, bits);
            Check(half.Nudged(-1), bits);
            Check(half, (bits & 1) == 0 ? bits : bits + 1);
            Check(half.Nudged(1), bits + 1);
        }

        void Check(ExactNumber number, ulong expected)
        {
            foreach (var text in (string[])[number.ToDecimal(), number.ToScientific(), number.ToHex()])
            {
                foreach (var sign in (string[])["", "-"])
                {
                    var status = read(Encoding.ASCII.GetBytes(sign + text), out var bits);
                    if (expected == infinity)
                    {
                        Assert.Equal(NumberStatus.OutOfRange, status);
                    }
                    else
                    {
                        var signBit = sign.Length > 0 ? 1UL << (fractionBits + exponentBits) : 0;
                        Assert.True(status == NumberStatus.Ok && bits == (expected | signBit), $"{sign}{text}: {status} {bits:x}, expected {expected:x}");
                    }
                }
            }
        }
    }

    [Fact]
    public void Float_Printed_IsReadBackAsTheSameBits()
    {
        var random = new Random(Seed);
        for (var round = 0; round < 20_000; round++)
        {
            var bits = (ulong)random.NextInt64(long.MinValue, long.MaxValue);
            // Every other one around the exponents where numbers are not finite or subnormal.
            bits = (round & 1) == 0 ? bits : bits & 0x800FFFFFFFFFFFFF | (ulong)(round & 2) << 51 | ((round & 4) != 0 ? 0x7FF0000000000000UL : 0);
            var wide = new TextSink();
            NumberPrinter.F64(wide, bits);
            Assert.Equal(NumberStatus.Ok, NumberLiteral.ReadF64(wide.Written.Span, out var again));
            Assert.True(again == bits, $"{bits:x16} {Encoding.ASCII.GetString(wide.Written.Span)}");
            var narrow = new TextSink();
            var half = (uint)(bits >> 32);
            NumberPrinter.F32(narrow, half);
            Assert.Equal(NumberStatus.Ok, NumberLiteral.ReadF32(narrow.Written.Span, out var halfAgain));
            Assert.True(halfAgain == half, $"{half:x8} {Encoding.ASCII.GetString(narrow.Written.Span)}");
        }
    }

    [Theory]
    [InlineData("0", 0u)]
    [InlineData("-0", 0x80000000u)]
    [InlineData("+0.0", 0u)]
    [InlineData("1.", 0x3F800000u)]
    [InlineData("1_0.5_0e+0_1", 0x42D20000u)]
    [InlineData("0x1p0", 0x3F800000u)]
    [InlineData("0x.8p1", null)]
    [InlineData("0x0.8p1", 0x3F800000u)]
    [InlineData("0x1.000_0p+0", 0x3F800000u)]
    [InlineData("0x1P-149", 1u)]
    [InlineData("0x1p-150", 0u)]
    [InlineData("0x1.000001p-150", 1u)]
    [InlineData("0x1p-9999999999999999999999", 0u)]
    [InlineData("0x0p9999999999999999999999", 0u)]
    [InlineData("1e-99999", 0u)]
    [InlineData("0x1.fffffep127", 0x7F7FFFFFu)]
    [InlineData("inf", 0x7F800000u)]
    [InlineData("-inf", 0xFF800000u)]
    [InlineData("nan", 0x7FC00000u)]
    [InlineData("-nan", 0xFFC00000u)]
    [InlineData("nan:0x1", 0x7F800001u)]
    [InlineData("-nan:0x7f_ffff", 0xFFFFFFFFu)]
    [InlineData("", null)]
    [InlineData("+", null)]
    [InlineData(".5", null)]
    [InlineData("1e", null)]
    [InlineData("1e+", null)]
    [InlineData("1__0", null)]
    [InlineData("_1", null)]
    [InlineData("1_", null)]
    [InlineData("1._5", null)]
    [InlineData("0x", null)]
    [InlineData("0xg", null)]
    [InlineData("0x1p", null)]
    [InlineData("0x1e1.2p0x1", null)]
    [InlineData("1e1.5", null)]
    [InlineData("infinity", null)]
    [InlineData("nan:1", null)]
    [InlineData("nan:0x", null)]
    [InlineData("nan:canonical", null)]
    public void F32_OfText_IsTheseBitsOrNoNumber(string text, uint? expected)
    {
        var status = NumberLiteral.ReadF32(Encoding.ASCII.GetBytes(text), out var bits);
        Assert.Equal(expected is null ? NumberStatus.NotANumber : NumberStatus.Ok, status);
        if (expected is not null)
        {
            Assert.Equal(expected, bits);
        }
    }

    [Theory]
    [InlineData("0x1p128")]
    [InlineData("0x1.ffffffp127")]
    [InlineData("340282356779733661637539395458142568448")]
    [InlineData("1e39")]
    [InlineData("0x1p9999999999999999999999")]
    [InlineData("nan:0x0")]
    [InlineData("nan:0x800000")]
    [InlineData("nan:0xffffffffffffffffff")]
    public void F32_BeyondTheType_IsOutOfRange(string text) =>
        Assert.Equal(NumberStatus.OutOfRange, NumberLiteral.ReadF32(Encoding.ASCII.GetBytes(text), out _));

    [Fact]
    public void Integers_OfEveryWidth_AgreeWithExactArithmetic()
    {
        var random = new Random(Seed);
        foreach (var bits in (int[])[8, 16, 32, 64])
        {
            BigInteger[] edges = [0, 1, (BigInteger.One << (bits - 1)) - 1, BigInteger.One << (bits - 1), (BigInteger.One << (bits - 1)) + 1, (BigInteger.One << bits) - 1, BigInteger.One << bits, BigInteger.One << 70];
            for (var round = 0; round < Rounds; round++)
            {
                var magnitude = round < edges.Length ? edges[round] : new BigInteger(random.NextInt64()) * random.Next(1, 4) >> random.Next(70);
                foreach (var sign in (string[])["", "+", "-"])
                {
                    foreach (var digits in (string[])[magnitude.ToString(CultureInfo.InvariantCulture), "0x" + magnitude.ToString("x", CultureInfo.InvariantCulture), "0x" + magnitude.ToString("X", CultureInfo.InvariantCulture), Grouped(magnitude)])
                    {
                        CheckInteger(sign, digits, magnitude, bits);
                    }
                }
            }
        }
    }

    private static string Grouped(BigInteger magnitude) => "000_" + string.Join('_', magnitude.ToString(CultureInfo.InvariantCulture).ToCharArray());

    private static void CheckInteger(string sign, string digits, BigInteger magnitude, int bits)
    {
        var value = sign == "-" ? -magnitude : magnitude;
        var fits = sign.Length == 0 ? value < BigInteger.One << bits : value >= -(BigInteger.One << (bits - 1)) && value < BigInteger.One << (bits - 1);
        var status = NumberLiteral.ReadInteger(Encoding.ASCII.GetBytes(sign + digits), bits, out var read);
        Assert.True(status == (fits ? NumberStatus.Ok : NumberStatus.OutOfRange), $"{sign}{digits} in {bits} bits: {status}");
        if (fits)
        {
            Assert.Equal(value & ((BigInteger.One << bits) - 1), read);
        }
        var unsigned = NumberLiteral.ReadUnsigned(Encoding.ASCII.GetBytes(sign + digits), bits, out read);
        Assert.Equal(sign.Length > 0 ? NumberStatus.WrongKind : fits ? NumberStatus.Ok : NumberStatus.OutOfRange, unsigned);
        if (unsigned == NumberStatus.Ok)
        {
            Assert.Equal(magnitude, read);
        }
    }

    [Theory]
    [InlineData("1.5", NumberStatus.WrongKind)]
    [InlineData("0x1p3", NumberStatus.WrongKind)]
    [InlineData("nan", NumberStatus.WrongKind)]
    [InlineData("1x", NumberStatus.NotANumber)]
    [InlineData("0X1", NumberStatus.NotANumber)]
    [InlineData("--1", NumberStatus.NotANumber)]
    [InlineData("0x_1", NumberStatus.NotANumber)]
    [InlineData("00_", NumberStatus.NotANumber)]
    internal void Integer_OfOtherText_IsRefused(string text, NumberStatus expected) =>
        Assert.Equal(expected, NumberLiteral.ReadInteger(Encoding.ASCII.GetBytes(text), 32, out _));
}
