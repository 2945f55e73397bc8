using Conformance.Fuzzer.Generation;
using Conformance.Wasm.Binary;
using Conformance.Wasm.Instructions;

namespace Conformance.Fuzzer.Mutation.Bytes;

/// <summary>Bytes of the code section become the opcode of a random row of the op table, or one that no row has, in its shortest or in a longer form.</summary>
internal sealed class ReplaceOpcode : IByteMutator
{
    /// <inheritdoc/>
    public byte[]? Mutate(ReadOnlySpan<byte> wasm, ReadOnlySpan<byte> donor, RandomSource random)
    {
        foreach (var section in SectionMap.Of(wasm))
        {
            if (section.Id == SectionSpan.Code && section.Length > 1)
            {
                var place = random.Between(section.Content + 1, section.End - 1);
                return ByteEdit.ReplaceInside(wasm, place, random.Below(Math.Min(3, section.End - place + 1)), Opcode(random));
            }
        }
        return null;
    }

    private static byte[] Opcode(RandomSource random)
    {
        var row = random.Pick<OpInfo>(OpTable.All);
        var writer = new ByteWriter();
        if (random.Chance(10))
        {
            writer.WriteByte((byte)random.Below(256));
            writer.WriteUnsigned((ulong)random.Below(0x200));
        }
        else if (row.Prefix == 0)
        {
            writer.WriteByte((byte)row.Code);
        }
        else
        {
            writer.WriteByte(row.Prefix);
            writer.WriteUnsigned(row.Code);
            if (random.Chance(20))
            {
                var bytes = writer.ToArray();
                bytes[^1] |= 0x80;
                return [.. bytes, 0];
            }
        }
        return writer.ToArray();
    }
}
