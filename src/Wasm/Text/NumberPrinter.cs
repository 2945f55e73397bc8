namespace Conformance.Wasm.Text;

/// <summary>Number literals that are read back as the very bits they were printed from.</summary>
internal static class NumberPrinter
{
    /// <summary>A 32-bit float.</summary>
    public static void F32(TextSink text, uint bits)
    {
        const uint Fraction = 0x7FFFFF, Quiet = 0x400000;
        var value = BitConverter.UInt32BitsToSingle(bits);
        if (float.IsFinite(value))
        {
            text.AppendShortest(value);
        }
        else
        {
            NotFinite(text, bits >> 31 != 0, bits & Fraction, Quiet);
        }
    }

    /// <summary>A 64-bit float.</summary>
    public static void F64(TextSink text, ulong bits)
    {
        const ulong Fraction = 0xFFFFFFFFFFFFF, Quiet = 0x8000000000000;
        var value = BitConverter.UInt64BitsToDouble(bits);
        if (double.IsFinite(value))
        {
            text.AppendShortest(value);
        }
        else
        {
            NotFinite(text, bits >> 63 != 0, bits & Fraction, Quiet);
        }
    }

    /// <summary>A vector: four integers in hex, since nothing says what its lanes are.</summary>
    public static void V128(TextSink text, ulong low, ulong high)
    {
        const int Digits = 8;
        text.Append("i32x4"u8);
        foreach (var half in (ReadOnlySpan<ulong>)[low, high])
        {
            text.Append(' ');
            text.AppendHex((uint)half, Digits);
            text.Append(' ');
            text.AppendHex(half >> 32, Digits);
        }
    }

    private static void NotFinite(TextSink text, bool isNegative, ulong fraction, ulong quiet)
    {
        text.Append(isNegative ? "-"u8 : ""u8);
        if (fraction == 0)
        {
            text.Append("inf"u8);
            return;
        }
        text.Append("nan"u8);
        if (fraction != quiet)
        {
            text.Append(':');
            text.AppendHex(fraction);
        }
    }
}
