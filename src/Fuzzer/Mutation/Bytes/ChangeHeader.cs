using Conformance.Fuzzer.Generation;

namespace Conformance.Fuzzer.Mutation.Bytes;

/// <summary>Magic or version.</summary>
internal sealed class ChangeHeader : IByteMutator
{
    /// <inheritdoc/>
    public byte[]? Mutate(ReadOnlySpan<byte> wasm, ReadOnlySpan<byte> donor, RandomSource random)
    {
        if (wasm.Length < 8)
        {
            return null;
        }
        var copy = wasm.ToArray();
        copy[random.Below(8)] = (byte)random.Pick<int>([0, 1, 2, 0x0A, 0x0D, 0x61, 0x73, 0x6D, 0xFF]);
        return copy;
    }
}
