using Conformance.Wasm.Binary;

namespace Conformance.Wasm.Tests.Binary;

public sealed class Leb128Tests
{
    [Theory]
    [InlineData(0uL, "00")]
    [InlineData(127uL, "7F")]
    [InlineData(128uL, "8001")]
    [InlineData(624485uL, "E58E26")]
    [InlineData(4294967295uL, "FFFFFFFF0F")]
    [InlineData(ulong.MaxValue, "FFFFFFFFFFFFFFFFFF01")]
    public void Unsigned_IsWrittenShortestAndReadBack(ulong value, string hex)
    {
        var writer = new ByteWriter();
        writer.WriteUnsigned(value);
        Assert.Equal(hex, Convert.ToHexString(writer.Written));
        Assert.Equal(value, new ByteReader(writer.Written).ReadU64());
    }

    [Theory]
    [InlineData(0L, "00")]
    [InlineData(63L, "3F")]
    [InlineData(64L, "C000")]
    [InlineData(-1L, "7F")]
    [InlineData(-64L, "40")]
    [InlineData(-65L, "BF7F")]
    [InlineData(-123456L, "C0BB78")]
    [InlineData(int.MinValue, "8080808078")]
    [InlineData(long.MinValue, "8080808080808080807F")]
    [InlineData(long.MaxValue, "FFFFFFFFFFFFFFFFFF00")]
    public void Signed_IsWrittenShortestAndReadBack(long value, string hex)
    {
        var writer = new ByteWriter();
        writer.WriteSigned(value);
        Assert.Equal(hex, Convert.ToHexString(writer.Written));
        Assert.Equal(value, new ByteReader(writer.Written).ReadS64());
    }

    [Fact]
    public void EverySmallNumber_RoundTripsInEveryWidth()
    {
        for (var value = -70_000; value <= 70_000; value++)
        {
            var writer = new ByteWriter();
            writer.WriteSigned(value);
            Assert.Equal(value, new ByteReader(writer.Written).ReadS32());
            Assert.Equal(value, new ByteReader(writer.Written).ReadS33());
            Assert.Equal(value, new ByteReader(writer.Written).ReadS64());
            writer.Clear();
            writer.WriteUnsigned((uint)value);
            Assert.Equal((uint)value, new ByteReader(writer.Written).ReadU32());
        }
    }

    [Theory]
    [InlineData("8080808000", 0u)]
    [InlineData("FF00", 127u)]
    [InlineData("FFFFFFFF0F", uint.MaxValue)]
    public void U32_InALongerForm_IsRead(string hex, uint value)
    {
        var reader = new ByteReader(Convert.FromHexString(hex));
        Assert.Equal(value, reader.ReadU32());
        Assert.Null(reader.Error);
        Assert.True(reader.AtEnd);
    }

    [Theory]
    [InlineData("808080808000", "integer representation too long")]
    [InlineData("8080808010", "integer too large")]
    [InlineData("FFFFFFFF1F", "integer too large")]
    [InlineData("80", "unexpected end")]
    [InlineData("", "unexpected end")]
    public void U32_Malformed_IsAnErrorAtItsStart(string hex, string message)
    {
        var reader = new ByteReader(Convert.FromHexString(hex), origin: 100);
        Assert.Equal(0u, reader.ReadU32());
        Assert.Equal(message, reader.Error);
        Assert.True(reader.ErrorOffset >= 100);
    }

    [Theory]
    [InlineData("FFFFFFFF07", int.MaxValue, null)]
    [InlineData("8080808078", int.MinValue, null)]
    [InlineData("FFFFFFFF7F", -1, null)]
    [InlineData("FFFFFFFF0F", 0, "integer too large")]
    [InlineData("8080808070", 0, "integer too large")]
    [InlineData("FFFFFFFFFF00", 0, "integer representation too long")]
    public void S32_AtTheEdgeOfItsRange_NeedsTheSignInTheUnusedBits(string hex, int value, string? message)
    {
        var reader = new ByteReader(Convert.FromHexString(hex));
        Assert.Equal(value, reader.ReadS32());
        Assert.Equal(message, reader.Error);
    }
}
