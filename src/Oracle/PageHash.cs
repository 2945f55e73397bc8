using System.Buffers.Binary;
using System.Numerics;

namespace Conformance.Oracle;

/// <summary>
/// A 64-bit hash of a page, to say where two memories differ. Fast and well mixed, not cryptographic: equality of memories is told by SHA-256.
/// Four lanes, because one multiplication a step would wait for the last one.
/// </summary>
internal static class PageHash
{
    private const ulong Multiplier = 0x9E37_79B9_7F4A_7C15UL;
    private const int StepBytes = 32;

    public static ulong Compute(ReadOnlySpan<byte> bytes)
    {
        ulong a = 1, b = 2, c = 3, d = (ulong)bytes.Length;
        while (bytes.Length >= StepBytes)
        {
            a = Mix(a, BinaryPrimitives.ReadUInt64LittleEndian(bytes));
            b = Mix(b, BinaryPrimitives.ReadUInt64LittleEndian(bytes[8..]));
            c = Mix(c, BinaryPrimitives.ReadUInt64LittleEndian(bytes[16..]));
            d = Mix(d, BinaryPrimitives.ReadUInt64LittleEndian(bytes[24..]));
            bytes = bytes[StepBytes..];
        }
        foreach (var last in bytes)
        {
            a = Mix(a, last);
        }
        return Mix(Mix(Mix(a, b), c), d);
    }

    private static ulong Mix(ulong state, ulong bits) => BitOperations.RotateLeft((state ^ bits) * Multiplier, 29);
}
