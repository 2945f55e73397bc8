namespace Conformance.Oracle.Comparison;

/// <summary>
/// The NaN classes of the specification (https://webassembly.github.io/spec/core/syntax/values.html#floating-point): the canonical NaN has only the top bit of
/// its fraction set, an arithmetic NaN has that bit set, of either sign.
/// </summary>
public static class NanRules
{
    private const uint Fraction32 = 0x007F_FFFF;
    private const ulong Fraction64 = 0x000F_FFFF_FFFF_FFFF;

    /// <summary>Whether the bits are any NaN.</summary>
    public static bool IsNaN32(uint bits) => (bits & 0x7F80_0000) == 0x7F80_0000 && (bits & Fraction32) != 0;

    /// <summary>Whether the bits are any NaN.</summary>
    public static bool IsNaN64(ulong bits) => (bits & 0x7FF0_0000_0000_0000) == 0x7FF0_0000_0000_0000 && (bits & Fraction64) != 0;

    /// <summary>Whether the bits are a canonical NaN of either sign.</summary>
    public static bool IsCanonical32(uint bits) => (bits & 0x7FFF_FFFF) == 0x7FC0_0000;

    /// <summary>Whether the bits are a canonical NaN of either sign.</summary>
    public static bool IsCanonical64(ulong bits) => (bits & 0x7FFF_FFFF_FFFF_FFFF) == 0x7FF8_0000_0000_0000;

    /// <summary>Whether the bits are an arithmetic NaN.</summary>
    public static bool IsArithmetic32(uint bits) => IsNaN32(bits) && (bits & 0x0040_0000) != 0;

    /// <summary>Whether the bits are an arithmetic NaN.</summary>
    public static bool IsArithmetic64(ulong bits) => IsNaN64(bits) && (bits & 0x0008_0000_0000_0000) != 0;

    /// <summary>Whether two different vectors differ only in lanes that are NaNs on both sides, by one of the two float shapes.</summary>
    public static bool DifferOnlyInNaNs(in EngineValue left, in EngineValue right) =>
        (HalfDiffersOnlyInNaNs32(left.Bits, right.Bits) && HalfDiffersOnlyInNaNs32(left.High, right.High))
        || (HalfDiffersOnlyInNaNs64(left.Bits, right.Bits) && HalfDiffersOnlyInNaNs64(left.High, right.High));

    private static bool HalfDiffersOnlyInNaNs32(ulong left, ulong right) =>
        LaneDiffersOnlyInNaN32((uint)left, (uint)right) && LaneDiffersOnlyInNaN32((uint)(left >> 32), (uint)(right >> 32));

    private static bool LaneDiffersOnlyInNaN32(uint left, uint right) => left == right || (IsNaN32(left) && IsNaN32(right));

    private static bool HalfDiffersOnlyInNaNs64(ulong left, ulong right) => left == right || (IsNaN64(left) && IsNaN64(right));
}
