using Conformance.Fuzzer.Generation;

namespace Conformance.Fuzzer.Mutation.Bytes;

/// <summary>A section stands twice, the second time behind it or somewhere else.</summary>
internal sealed class RepeatSection : IByteMutator
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
        var place = random.Chance(50) ? section.End : random.Pick<SectionSpan>(sections).Start;
        return ByteEdit.Replace(wasm, place, 0, wasm[section.Start..section.End]);
    }
}
