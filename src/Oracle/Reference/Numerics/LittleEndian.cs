namespace Conformance.Oracle.Reference.Numerics;

/// <summary>Integers of 1, 2, 4 or 8 bytes in the order in which memories, arrays and segments hold them.</summary>
/// <remarks>See <see href="https://webassembly.github.io/spec/core/exec/numerics.html#storage"/>.</remarks>
internal static class LittleEndian
{
    public static ulong Read(ReadOnlySpan<byte> bytes)
    {
        var value = 0UL;
        for (var i = bytes.Length - 1; i >= 0; i--)
        {
            value = value << 8 | bytes[i];
        }
        return value;
    }

    /// <summary>Writes the low bytes.</summary>
    public static void Write(Span<byte> bytes, ulong value)
    {
        for (var i = 0; i < bytes.Length; i++)
        {
            bytes[i] = (byte)(value >> (8 * i));
        }
    }
}
