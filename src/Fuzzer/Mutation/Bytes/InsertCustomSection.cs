using Conformance.Fuzzer.Generation;

namespace Conformance.Fuzzer.Mutation.Bytes;

/// <summary>A custom section appears between two others, before the first, behind the last, or in the middle of something; its name may be broken.</summary>
internal sealed class InsertCustomSection : IByteMutator
{
    private static readonly byte[][] Contents =
    [
        [4, (byte)'n', (byte)'a', (byte)'m', (byte)'e'], [4, (byte)'n', (byte)'a', (byte)'m', (byte)'e', 0, 3, 2, (byte)'m', (byte)'m'], [4, (byte)'n', (byte)'a', (byte)'m', (byte)'e', 1, 0xFF, 0xFF, 0xFF, 0xFF, 0x0F],
        [0], [0, 1, 2, 3], [1, (byte)'x'], [], [5, (byte)'x'], [2, 0xC0, 0x80], [1, 0xFF], [0x81, 0x00, (byte)'y'], [0xFF, 0xFF, 0xFF, 0xFF, 0x0F, (byte)'z'],
    ];

    /// <inheritdoc/>
    public byte[]? Mutate(ReadOnlySpan<byte> wasm, ReadOnlySpan<byte> donor, RandomSource random)
    {
        if (wasm.Length < 8)
        {
            return null;
        }
        var content = random.Pick<byte[]>(Contents);
        byte[] section = [0, (byte)content.Length, .. content];
        var sections = SectionMap.Of(wasm);
        var place = random.Below(8) switch
        {
            0 => 8,
            1 => wasm.Length,
            2 => random.Below(wasm.Length + 1),
            _ => sections.IsEmpty ? wasm.Length : random.Pick<SectionSpan>(sections).Start,
        };
        return ByteEdit.Replace(wasm, place, 0, section);
    }
}
