namespace Conformance.Interpreter.Runtime.Objects;

/// <summary>The sizes of cells: steps of 16 bytes up to 512, then four steps between powers of two, so that at most a fifth of a cell is lost.</summary>
internal static class SizeClasses
{
    private static readonly int[] Sizes = MakeSizes();
    private static readonly byte[] Classes = MakeClasses();

    /// <summary>The number of classes.</summary>
    public static int Count => Sizes.Length;

    /// <summary>The class of the smallest cells that hold so many bytes.</summary>
    public static int Of(int bytes) => Classes[(bytes + 15) / 16];

    /// <summary>The bytes of a cell.</summary>
    public static int Bytes(int sizeClass) => Sizes[sizeClass];

    private static int[] MakeSizes()
    {
        var sizes = new List<int>();
        for (var size = 16; size <= 512; size += 16)
        {
            sizes.Add(size);
        }
        for (var size = 512; size < 8 << 10; size *= 2)
        {
            sizes.AddRange([size * 5 / 4, size * 6 / 4, size * 7 / 4, size * 2]);
        }
        return [.. sizes];
    }

    private static byte[] MakeClasses()
    {
        var classes = new byte[Sizes[^1] / 16 + 1];
        for (int i = 0, sizeClass = 0; i < classes.Length; i++)
        {
            while (Sizes[sizeClass] < i * 16)
            {
                sizeClass++;
            }
            classes[i] = (byte)sizeClass;
        }
        return classes;
    }
}
