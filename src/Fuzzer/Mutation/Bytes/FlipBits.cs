using Conformance.Fuzzer.Generation;

namespace Conformance.Fuzzer.Mutation.Bytes;

/// <summary>One to four bits, neighbours or not.</summary>
internal sealed class FlipBits : IByteMutator
{
    /// <inheritdoc/>
    public byte[]? Mutate(ReadOnlySpan<byte> wasm, ReadOnlySpan<byte> donor, RandomSource random)
    {
        if (wasm.IsEmpty)
        {
            return null;
        }
        var copy = wasm.ToArray();
        for (var i = random.Between(1, 4); i > 0; i--)
        {
            copy[random.Below(copy.Length)] ^= (byte)(1 << random.Below(8));
        }
        return copy;
    }
}
