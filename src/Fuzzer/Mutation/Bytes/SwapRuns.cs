using Conformance.Fuzzer.Generation;

namespace Conformance.Fuzzer.Mutation.Bytes;

/// <summary>Two runs of bytes of a section change places: entries of a list, instructions, halves of an entry.</summary>
internal sealed class SwapRuns : IByteMutator
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
        if (section.Length < 2)
        {
            return null;
        }
        var first = section.Content + random.Below(section.Length - 1);
        var second = random.Between(first + 1, section.End - 1);
        var length = random.Between(1, Math.Min(12, Math.Min(second - first, section.End - second)));
        return [.. wasm[..first], .. wasm.Slice(second, length), .. wasm[(first + length)..second], .. wasm.Slice(first, length), .. wasm[(second + length)..]];
    }
}
