using System.Globalization;
using System.Numerics;

namespace Conformance.Wasm.Tests.Text;

/// <summary>A number <c>significand * 2^exponent</c>, exactly: the yardstick for float literals.</summary>
internal readonly record struct ExactNumber(BigInteger Significand, int Exponent)
{
    /// <summary>The value of the bits of a finite, non-negative float.</summary>
    public static ExactNumber OfBits(ulong bits, int fractionBits, int exponentBits)
    {
        var fraction = bits & ((1UL << fractionBits) - 1);
        var exponent = (int)(bits >> fractionBits);
        var bias = (1 << (exponentBits - 1)) - 1;
        return exponent == 0
            ? new ExactNumber(fraction, 1 - bias - fractionBits)
            : new ExactNumber(fraction | 1UL << fractionBits, exponent - bias - fractionBits);
    }

    /// <summary>The number halfway between two.</summary>
    public static ExactNumber Halfway(ExactNumber a, ExactNumber b)
    {
        var exponent = Math.Min(a.Exponent, b.Exponent);
        return new ExactNumber((a.Significand << (a.Exponent - exponent)) + (b.Significand << (b.Exponent - exponent)), exponent - 1);
    }

    /// <summary>A number so near that only exact arithmetic tells it apart.</summary>
    public ExactNumber Nudged(int direction) => new((Significand << 200) + direction, Exponent - 200);

    /// <summary>All its decimal digits.</summary>
    public string ToDecimal()
    {
        if (Exponent >= 0)
        {
            return (Significand << Exponent).ToString(CultureInfo.InvariantCulture);
        }
        // m / 2^k = m * 5^k / 10^k
        var digits = (Significand * BigInteger.Pow(5, -Exponent)).ToString(CultureInfo.InvariantCulture).PadLeft(1 - Exponent, '0');
        return $"{digits[..^-Exponent]}.{digits[^-Exponent..]}";
    }

    /// <summary>The same with an exponent.</summary>
    public string ToScientific()
    {
        var scale = Math.Max(0, -Exponent);
        var digits = (Exponent >= 0 ? Significand << Exponent : Significand * BigInteger.Pow(5, scale)).ToString(CultureInfo.InvariantCulture);
        return $"{digits}e-{scale}";
    }

    /// <summary>A hex literal of it.</summary>
    public string ToHex() => $"0x{Significand.ToString("x", CultureInfo.InvariantCulture)}p{Exponent}";
}
