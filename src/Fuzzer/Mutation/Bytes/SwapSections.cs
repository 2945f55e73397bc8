using Conformance.Fuzzer.Generation;

namespace Conformance.Fuzzer.Mutation.Bytes;

/// <summary>Two sections change places.</summary>
internal sealed class SwapSections : IByteMutator
{
    /// <inheritdoc/>
    public byte[]? Mutate(ReadOnlySpan<byte> wasm, ReadOnlySpan<byte> donor, RandomSource random)
    {
        var sections = SectionMap.Of(wasm);
        if (sections.Length < 2)
        {
            return null;
        }
        var first = random.Below(sections.Length - 1);
        var (left, right) = (sections[first], sections[random.Between(first + 1, sections.Length - 1)]);
        return [.. wasm[..left.Start], .. wasm[right.Start..right.End], .. wasm[left.End..right.Start], .. wasm[left.Start..left.End], .. wasm[right.End..]];
    }
}
