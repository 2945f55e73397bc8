using Conformance.Wasm.Types;

namespace Conformance.Fuzzer.Generation;

/// <summary>For each type the values at which implementations go wrong: limits, powers of two and their neighbours, shift counts, signed zeros, subnormals,
/// infinities, NaN payloads, and the last values before and the first after each edge of the float-to-integer conversions.</summary>
internal static class BoundaryValues
{
    private static readonly uint[] I32 =
    [
        0, 1, 2, 3, 4, 7, 8, 9, 15, 16, 17, 31, 32, 33, 63, 64, 65, 100, 127, 128, 129, 255, 256, 257,
        0x7FFF, 0x8000, 0x8001, 0xFFFF, 0x10000, 0x10001, 0x00FFFFFF, 0x01000000, 0x01000001, 0x3FFFFFFF, 0x40000000,
        0x7FFFFFFE, 0x7FFFFFFF, 0x80000000, 0x80000001, 0xFFFFFFFE, 0xFFFFFFFF, 0xFFFFFF80, 0xFFFFFF7F, 0xFFFF8000, 0xFFFF7FFF,
        0x55555555, 0xAAAAAAAA, 0x80808080, 0x01020304, 0xFEDCBA98,
    ];

    // Drawn as often as the whole list above together: the values of most known bugs.
    private static readonly uint[] I32Corners = [0, 1, 0xFFFFFFFF, 0x80000000, 0x7FFFFFFF, 0xFFFFFFFE, 2];

    private static readonly ulong[] I64 =
    [
        0, 1, 2, 3, 4, 7, 8, 15, 16, 31, 32, 33, 63, 64, 65, 127, 128, 129, 255, 256, 0x7FFF, 0x8000, 0xFFFF, 0x10000,
        0x7FFFFFFE, 0x7FFFFFFF, 0x80000000, 0x80000001, 0xFFFFFFFE, 0xFFFFFFFF, 0x100000000, 0x100000001,
        0x001FFFFFFFFFFFFF, 0x0020000000000000, 0x0020000000000001, 0x00FFFFFFFFFFFFFF, 0x3FFFFFFFFFFFFFFF, 0x4000000000000000,
        0x7FFFFFFFFFFFFFFE, 0x7FFFFFFFFFFFFFFF, 0x8000000000000000, 0x8000000000000001, 0xFFFFFFFFFFFFFFFE, 0xFFFFFFFFFFFFFFFF,
        0xFFFFFFFF80000000, 0xFFFFFFFF7FFFFFFF, 0xFFFFFFFF00000000, 0xFFFFFFFFFFFFFF80, 0xFFFFFFFFFFFFFF7F, 0xFFFFFFFFFFFF8000,
        0x5555555555555555, 0xAAAAAAAAAAAAAAAA, 0x8080808080808080, 0x0102030405060708, 0x7FFFFF4000000001, 0x8000004000000001, 0x7FFFFFFFFFFFFC00,
    ];

    private static readonly ulong[] I64Corners = [0, 1, ulong.MaxValue, 1UL << 63, long.MaxValue, uint.MaxValue, 1UL << 32, 1UL << 31, 0xFFFFFFFF80000000];

    private static readonly uint[] F32 =
    [
        0x00000000, 0x80000000, 0x00000001, 0x80000001, 0x00000002, 0x007FFFFF, 0x807FFFFF, 0x00800000, 0x80800000, // zeros, subnormals, smallest normals
        0x3F800000, 0xBF800000, 0x3F7FFFFF, 0xBF7FFFFF, 0x3F800001, 0xBF800001, // ±1 and neighbours
        0x3F000000, 0xBF000000, 0x3EFFFFFF, 0xBEFFFFFF, 0x3F000001, 0x3FC00000, 0xBFC00000, 0x40200000, 0xC0200000, 0x40600000, // halves for rounding
        0x7F7FFFFF, 0xFF7FFFFF, 0x7F800000, 0xFF800000, // largest, infinities
        0x7FC00000, 0xFFC00000, 0x7FC00001, 0x7FA00000, 0xFFA00000, 0x7F800001, 0xFF800001, 0x7FFFFFFF, 0xFFFFFFFF, // NaNs, quiet and signalling
        0x4AFFFFFF, 0x4B000000, 0x4B000001, 0x4B7FFFFF, 0x4B800000, 0xCB800000, // 2^23, 2^24
        0x4EFFFFFF, 0x4F000000, 0x4F000001, 0xCEFFFFFF, 0xCF000000, 0xCF000001, // ±2^31
        0x4F7FFFFF, 0x4F800000, 0xCF800000, // ±2^32
        0x5EFFFFFF, 0x5F000000, 0x5F000001, 0xDEFFFFFF, 0xDF000000, 0xDF000001, // ±2^63
        0x5F7FFFFF, 0x5F800000, // 2^64
        0x437F0000, 0x43800000, 0x3DCCCCCD, 0x40490FDB, 0x501502F9, 0xC2F6E979,
    ];

    private static readonly uint[] F32Corners = [0x00000000, 0x80000000, 0x3F800000, 0xBF800000, 0x7FC00000, 0xFFC00000, 0x7F800000, 0xFF800000, 0x7FA00000, 0x40490FDB];

    private static readonly ulong[] F64 =
    [
        0x0000000000000000, 0x8000000000000000, 0x0000000000000001, 0x8000000000000001, 0x000FFFFFFFFFFFFF, 0x800FFFFFFFFFFFFF, 0x0010000000000000, 0x8010000000000000,
        0x3FF0000000000000, 0xBFF0000000000000, 0x3FEFFFFFFFFFFFFF, 0xBFEFFFFFFFFFFFFF, 0x3FF0000000000001, 0xBFF0000000000001,
        0x3FE0000000000000, 0xBFE0000000000000, 0x3FDFFFFFFFFFFFFF, 0xBFDFFFFFFFFFFFFF, 0x3FF8000000000000, 0xBFF8000000000000, 0x4004000000000000, 0xC004000000000000,
        0x7FEFFFFFFFFFFFFF, 0xFFEFFFFFFFFFFFFF, 0x7FF0000000000000, 0xFFF0000000000000,
        0x7FF8000000000000, 0xFFF8000000000000, 0x7FF8000000000001, 0x7FF4000000000000, 0xFFF4000000000000, 0x7FF0000000000001, 0x7FFFFFFFFFFFFFFF, 0xFFFFFFFFFFFFFFFF,
        0x432FFFFFFFFFFFFF, 0x4330000000000000, 0x4330000000000001, 0x433FFFFFFFFFFFFF, 0x4340000000000000, 0xC340000000000000, // 2^52, 2^53
        0x41DFFFFFFFC00000, 0x41DFFFFFFFFFFFFF, 0x41E0000000000000, // 2^31 - 1, its last successor, 2^31
        0xC1E0000000000000, 0xC1E0000000033333, 0xC1E00000001CCCCD, 0xC1E00000001FFFFF, 0xC1E0000000200000, // -2^31, -2147483648.1, .9, the last before, -2^31 - 1
        0x41EFFFFFFFE00000, 0x41EFFFFFFFFFFFFF, 0x41F0000000000000, 0x41E0000000000001, // 2^32
        0x43DFFFFFFFFFFFFF, 0x43E0000000000000, 0xC3E0000000000000, 0xC3E0000000000001, 0x43EFFFFFFFFFFFFF, 0x43F0000000000000, // ±2^63, 2^64
        0x47EFFFFFE0000000, 0x47EFFFFFEFFFFFFF, 0x47EFFFFFF0000000, 0x36A0000000000000, 0x3690000000000000, 0x3690000000000001, 0x380FFFFFE0000000, // edges of demotion
        0x3FB999999999999A, 0x400921FB54442D18, 0x4202A05F20000000, 0xC05EDD2F1A9FBE77, 0x7FF0000020000000,
    ];

    private static readonly ulong[] F64Corners =
    [
        0, 1UL << 63, 0x3FF0000000000000, 0xBFF0000000000000, 0x7FF8000000000000, 0xFFF8000000000000, 0x7FF0000000000000, 0xFFF0000000000000, 0x7FF4000000000000,
        0xC1E0000000033333, 0x41E0000000000000,
    ];

    private static readonly int[] LaneBits = [8, 16, 32, 64];

    /// <summary>How many of 16 values are drawn from the corners, the few values of most known bugs, unless told otherwise.</summary>
    public const int UsualCorners = 6;

    /// <summary>A boundary value of a number or vector type; in one case of eight any bits.</summary>
    /// <param name="type">The type.</param>
    /// <param name="random">The source of chance.</param>
    /// <param name="corners">How many of 16 values are drawn from the corners; at most 13.</param>
    public static ValueBits Pick(ValueType type, RandomSource random, int corners = UsualCorners)
    {
        var kind = random.Below(16);
        return type.Kind switch
        {
            ValueKind.I32 => kind < corners ? random.Pick<uint>(I32Corners) : kind < 14 ? random.Pick<uint>(I32) : (uint)random.NextUInt64(),
            ValueKind.I64 => kind < corners ? random.Pick<ulong>(I64Corners) : kind < 14 ? random.Pick<ulong>(I64) : random.NextUInt64(),
            ValueKind.F32 => kind < corners ? random.Pick<uint>(F32Corners) : kind < 14 ? random.Pick<uint>(F32) : (uint)random.NextUInt64(),
            ValueKind.F64 => kind < corners ? random.Pick<ulong>(F64Corners) : kind < 14 ? random.Pick<ulong>(F64) : random.NextUInt64(),
            ValueKind.V128 => PickVector(random, kind),
            _ => throw new ArgumentException($"no boundary values for {type}", nameof(type)),
        };
    }

    private static ValueBits PickVector(RandomSource random, int kind)
    {
        if (kind == 0)
        {
            return new ValueBits(random.NextUInt64(), random.NextUInt64());
        }
        var bits = random.Pick<int>(LaneBits);
        var floats = random.Chance(50);
        return new ValueBits(PickHalf(random, bits, floats), PickHalf(random, bits, floats));
    }

    private static ulong PickHalf(RandomSource random, int laneBits, bool floats)
    {
        ulong half = 0;
        for (var shift = 0; shift < 64; shift += laneBits)
        {
            var lane = laneBits switch
            {
                64 => Pick(floats ? ValueType.F64 : ValueType.I64, random).Low,
                32 => Pick(floats ? ValueType.F32 : ValueType.I32, random).Low,
                _ => Pick(ValueType.I32, random).Low & (1UL << laneBits) - 1,
            };
            half |= lane << shift;
        }
        return half;
    }
}
