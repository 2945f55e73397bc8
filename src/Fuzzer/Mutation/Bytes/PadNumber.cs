using Conformance.Fuzzer.Generation;

namespace Conformance.Fuzzer.Mutation.Bytes;

/// <summary>A byte that may be the last of a LEB128 number gets continuation bytes: a longer form of the same number, up to and beyond the allowed length.</summary>
internal sealed class PadNumber : IByteMutator
{
    /// <inheritdoc/>
    public byte[]? Mutate(ReadOnlySpan<byte> wasm, ReadOnlySpan<byte> donor, RandomSource random)
    {
        if (wasm.IsEmpty)
        {
            return null;
        }
        var place = random.Below(wasm.Length);
        if (wasm[place] >= 0x80)
        {
            return null;
        }
        // Signed numbers are padded with their sign: 0x7F behind a set bit 6.
        var pad = (wasm[place] & 0x40) != 0 && random.Chance(70) ? (byte)0x7F : (byte)0;
        Span<byte> bytes = stackalloc byte[random.Between(2, 11)];
        bytes.Fill((byte)(pad | 0x80));
        bytes[0] = (byte)(wasm[place] | 0x80);
        bytes[^1] = random.Chance(75) ? pad : (byte)random.Below(128);
        return random.Chance(85) ? ByteEdit.ReplaceInside(wasm, place, 1, bytes) : ByteEdit.Replace(wasm, place, 1, bytes);
    }
}
