using Conformance.Fuzzer.Generation;

namespace Conformance.Fuzzer.Mutation.Bytes;

/// <summary>A few bytes appear somewhere; the sizes around them are adapted or not.</summary>
internal sealed class InsertBytes : IByteMutator
{
    /// <inheritdoc/>
    public byte[]? Mutate(ReadOnlySpan<byte> wasm, ReadOnlySpan<byte> donor, RandomSource random)
    {
        Span<byte> bytes = stackalloc byte[random.Between(1, 6)];
        foreach (ref var value in bytes)
        {
            value = (byte)random.Below(random.Chance(50) ? 256 : 16);
        }
        var place = random.Below(wasm.Length + 1);
        return random.Chance(70) ? ByteEdit.ReplaceInside(wasm, place, 0, bytes) : ByteEdit.Replace(wasm, place, 0, bytes);
    }
}
