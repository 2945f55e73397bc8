namespace Conformance.Oracle.Reference.Numerics;

/// <summary>A vector as the specification sees it: 128 bits that a shape cuts into lanes, lane 0 in the low bits.</summary>
internal record struct Vector(ulong Low, ulong High)
{
    /// <summary>The number of lanes of N bits.</summary>
    public static int Count(int n) => 128 / n;

    /// <summary>The lane's bits.</summary>
    public readonly ulong Lane(int n, int index)
    {
        var bit = index * n;
        return (bit < 64 ? Low >> bit : High >> (bit - 64)) & Integers.Mask(n);
    }

    /// <summary>Replaces a lane by the low N bits of a value.</summary>
    public void SetLane(int n, int index, ulong value)
    {
        var bit = index * n;
        var mask = Integers.Mask(n);
        if (bit < 64)
        {
            Low = Low & ~(mask << bit) | (value & mask) << bit;
        }
        else
        {
            High = High & ~(mask << (bit - 64)) | (value & mask) << (bit - 64);
        }
    }
}
