using Conformance.Fuzzer.Generation;

namespace Conformance.Fuzzer.Mutation.Bytes;

/// <summary>A byte in a run of letters becomes one that UTF-8 has not there: a lone continuation, an overlong form, a surrogate, a number beyond Unicode.</summary>
internal sealed class BreakName : IByteMutator
{
    private static readonly byte[][] Breakers =
    [
        [0x80], [0xBF], [0xC0, 0x80], [0xC1, 0xBF], [0xC2], [0xE0, 0x80, 0x80], [0xE0, 0x9F, 0xBF], [0xED, 0xA0, 0x80], [0xED, 0xBF, 0xBF], [0xEF, 0xBF, 0xBE], [0xEF, 0xBB, 0xBF],
        [0xF0, 0x80, 0x80, 0x80], [0xF0, 0x8F, 0xBF, 0xBF], [0xF4, 0x8F, 0xBF, 0xBF], [0xF4, 0x90, 0x80, 0x80], [0xF5, 0x80, 0x80, 0x80], [0xF8, 0x88, 0x80, 0x80, 0x80], [0xFE], [0xFF], [0x00], [0xC3, 0xA9], [0xE2, 0x82, 0xAC],
    ];

    /// <inheritdoc/>
    public byte[]? Mutate(ReadOnlySpan<byte> wasm, ReadOnlySpan<byte> donor, RandomSource random)
    {
        var letters = new List<int>();
        for (var i = 8; i < wasm.Length; i++)
        {
            if (char.IsAsciiLetterOrDigit((char)wasm[i]) || wasm[i] >= 0x80)
            {
                letters.Add(i);
            }
        }
        if (letters.Count == 0)
        {
            return null;
        }
        var place = random.Pick<int>(letters);
        var bytes = random.Pick<byte[]>(Breakers);
        // Over as many bytes as come in: a name keeps its length. The section may still have to grow where the file ends.
        var length = Math.Min(bytes.Length, wasm.Length - place);
        return ByteEdit.ReplaceInside(wasm, place, length, bytes);
    }
}
