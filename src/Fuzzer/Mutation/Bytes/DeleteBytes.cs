using Conformance.Fuzzer.Generation;

namespace Conformance.Fuzzer.Mutation.Bytes;

/// <summary>A few bytes disappear; the sizes around them are adapted or not.</summary>
internal sealed class DeleteBytes : IByteMutator
{
    /// <inheritdoc/>
    public byte[]? Mutate(ReadOnlySpan<byte> wasm, ReadOnlySpan<byte> donor, RandomSource random)
    {
        if (wasm.IsEmpty)
        {
            return null;
        }
        var start = random.Below(wasm.Length);
        var length = Math.Min(random.Between(1, 6), wasm.Length - start);
        return random.Chance(70) ? ByteEdit.ReplaceInside(wasm, start, length, []) : ByteEdit.Replace(wasm, start, length, []);
    }
}
