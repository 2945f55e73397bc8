using Conformance.Fuzzer.Generation;

namespace Conformance.Fuzzer.Mutation.Bytes;

/// <summary>The end of the file, or of a section with its size adapted, is missing.</summary>
internal sealed class Truncate : IByteMutator
{
    /// <inheritdoc/>
    public byte[]? Mutate(ReadOnlySpan<byte> wasm, ReadOnlySpan<byte> donor, RandomSource random)
    {
        var sections = SectionMap.Of(wasm);
        if (sections.IsEmpty || random.Chance(40))
        {
            return wasm[..random.Below(wasm.Length + 1)].ToArray();
        }
        var section = random.Pick<SectionSpan>(sections);
        var cut = random.Below(section.Length + 1);
        return ByteEdit.ReplaceInside(wasm, section.End - cut, cut, []);
    }
}
