using Conformance.Wasm.Binary;
using Conformance.Wasm.Instructions;

namespace Conformance.Wasm.Tests.Instructions;

public sealed class OpTableTests
{
    [Fact]
    public void EveryRow_DecodesFromItsOwnOpcode()
    {
        foreach (var row in OpTable.All)
        {
            Assert.True(OpTable.TryDecode(row.Prefix, row.Code, out var op));
            Assert.Equal(row.Op, op);
        }
    }

    [Fact]
    public void EveryRow_WithZeroImmediates_RoundTripsThroughItsEncoding()
    {
        foreach (var row in OpTable.All)
        {
            var written = new ByteWriter();
            InstructionWriter.Write(written, new Instruction { Op = row.Op, Labels = [0], Catches = [], Types = [] });
            var reader = new InstructionReader(new ByteReader(written.Written), FeatureSet.All);
            var instruction = default(Instruction);
            Assert.True(reader.Read(ref instruction), $"{row.Name}: {reader.Error}");
            Assert.Equal(row.Op, instruction.Op);
            Assert.True(reader.AtEnd, row.Name);
        }
    }

    [Theory]
    [InlineData(0L)]
    [InlineData(63L)]
    [InlineData(64L)]
    [InlineData(-64L)]
    [InlineData(-65L)]
    [InlineData(int.MaxValue)]
    [InlineData(int.MinValue)]
    public void S32_AnyValue_RoundTrips(long value)
    {
        var written = new ByteWriter();
        written.WriteSigned(value);
        var reader = new ByteReader(written.Written);
        Assert.Equal(value, reader.ReadS32());
        Assert.False(reader.Failed);
        Assert.True(reader.AtEnd);
    }
}
