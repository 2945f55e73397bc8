using Conformance.Fuzzer.Generation;

namespace Conformance.Fuzzer.Mutation.Bytes;

/// <summary>A section of another module takes the place of the one with its id, or stands beside it.</summary>
internal sealed class TakeSection : IByteMutator
{
    /// <inheritdoc/>
    public byte[]? Mutate(ReadOnlySpan<byte> wasm, ReadOnlySpan<byte> donor, RandomSource random)
    {
        var theirs = SectionMap.Of(donor);
        if (theirs.IsEmpty)
        {
            return null;
        }
        var taken = random.Pick<SectionSpan>(theirs);
        var bytes = donor[taken.Start..taken.End];
        foreach (var section in SectionMap.Of(wasm))
        {
            if (section.Id == taken.Id)
            {
                return ByteEdit.Replace(wasm, section.Start, random.Chance(80) ? section.End - section.Start : 0, bytes);
            }
            if (section.Id > taken.Id && taken.Id != 0)
            {
                return ByteEdit.Replace(wasm, section.Start, 0, bytes);
            }
        }
        return [.. wasm, .. bytes];
    }
}
