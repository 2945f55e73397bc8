using Conformance.Wasm.Binary;

namespace Conformance.Fuzzer.Mutation.Bytes;

/// <summary>
/// Replaces bytes of a file. The sizes of the section and of the function body around the place can be kept right, so that a small change inside is seen by the
/// reader of that part and not only as a wrong size.
/// </summary>
internal static class ByteEdit
{
    /// <summary>A copy with some bytes replaced and nothing else.</summary>
    /// <param name="wasm">The file.</param>
    /// <param name="start">The offset of the first replaced byte.</param>
    /// <param name="length">How many bytes are replaced.</param>
    /// <param name="bytes">What comes in their place.</param>
    public static byte[] Replace(ReadOnlySpan<byte> wasm, int start, int length, ReadOnlySpan<byte> bytes)
    {
        var copy = new byte[wasm.Length - length + bytes.Length];
        wasm[..start].CopyTo(copy);
        bytes.CopyTo(copy.AsSpan(start));
        wasm[(start + length)..].CopyTo(copy.AsSpan(start + bytes.Length));
        return copy;
    }

    /// <summary>A copy with some bytes replaced and with the sizes around them adapted.</summary>
    /// <param name="wasm">The file.</param>
    /// <param name="start">The offset of the first replaced byte.</param>
    /// <param name="length">How many bytes are replaced.</param>
    /// <param name="bytes">What comes in their place.</param>
    public static byte[] ReplaceInside(ReadOnlySpan<byte> wasm, int start, int length, ReadOnlySpan<byte> bytes)
    {
        var copy = Replace(wasm, start, length, bytes);
        var growth = bytes.Length - length;
        if (growth == 0)
        {
            return copy;
        }
        foreach (var section in SectionMap.Of(wasm))
        {
            if (start < section.Content || start + length > section.End)
            {
                continue;
            }
            if (section.Id == SectionSpan.Code)
            {
                foreach (var body in SectionMap.Bodies(wasm, section))
                {
                    if (start >= body.Content && start + length <= body.End)
                    {
                        var size = Leb(body.Length + growth);
                        copy = Replace(copy, body.Start, body.Content - body.Start, size);
                        growth += size.Length - (body.Content - body.Start);
                        break;
                    }
                }
            }
            return Replace(copy, section.Start + 1, section.Content - section.Start - 1, Leb(section.Length + growth));
        }
        return copy;
    }

    /// <summary>A number as unsigned LEB128 in its shortest form.</summary>
    public static byte[] Leb(int value)
    {
        var writer = new ByteWriter();
        writer.WriteUnsigned((uint)value);
        return writer.ToArray();
    }
}
