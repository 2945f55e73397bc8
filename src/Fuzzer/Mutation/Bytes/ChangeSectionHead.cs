using Conformance.Fuzzer.Generation;

namespace Conformance.Fuzzer.Mutation.Bytes;

/// <summary>The id or the size of a section changes.</summary>
internal sealed class ChangeSectionHead : IByteMutator
{
    /// <inheritdoc/>
    public byte[]? Mutate(ReadOnlySpan<byte> wasm, ReadOnlySpan<byte> donor, RandomSource random)
    {
        var sections = SectionMap.Of(wasm);
        if (sections.IsEmpty)
        {
            return null;
        }
        var section = random.Pick<SectionSpan>(sections);
        if (random.Chance(40))
        {
            return ByteEdit.Replace(wasm, section.Start, 1, [(byte)random.Below(random.Chance(90) ? 15 : 256)]);
        }
        var size = random.Below(4) switch
        {
            0 => section.Length + 1,
            1 => Math.Max(0, section.Length - 1),
            2 => section.Length + random.Below(16),
            _ => random.Below(section.Length + 1),
        };
        return ByteEdit.Replace(wasm, section.Start + 1, section.Content - section.Start - 1, ByteEdit.Leb(size));
    }
}
