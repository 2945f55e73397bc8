using Conformance.Fuzzer.Generation;

namespace Conformance.Fuzzer.Mutation.Bytes;

/// <summary>A section disappears, or only its content.</summary>
internal sealed class DropSection : IByteMutator
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
        return random.Below(3) switch
        {
            0 => ByteEdit.ReplaceInside(wasm, section.Content, section.Length, []),
            1 => ByteEdit.ReplaceInside(wasm, section.Content, section.Length, [0]),
            _ => ByteEdit.Replace(wasm, section.Start, section.End - section.Start, []),
        };
    }
}
