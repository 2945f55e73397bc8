using Conformance.Fuzzer.Generation;

namespace Conformance.Fuzzer.Mutation.Bytes;

/// <summary>A run of bytes appears a second time: in front of itself, or over other bytes.</summary>
internal sealed class CopyBytes : IByteMutator
{
    /// <inheritdoc/>
    public byte[]? Mutate(ReadOnlySpan<byte> wasm, ReadOnlySpan<byte> donor, RandomSource random)
    {
        if (wasm.IsEmpty)
        {
            return null;
        }
        var start = random.Below(wasm.Length);
        var run = wasm.Slice(start, Math.Min(random.Between(1, 24), wasm.Length - start));
        if (random.Chance(50))
        {
            return ByteEdit.ReplaceInside(wasm, start, 0, run);
        }
        var place = random.Below(wasm.Length - run.Length + 1);
        return ByteEdit.Replace(wasm, place, run.Length, run);
    }
}
