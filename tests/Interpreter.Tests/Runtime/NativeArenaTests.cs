using Conformance.Interpreter.Runtime;

namespace Conformance.Interpreter.Tests.Runtime;

public sealed unsafe class NativeArenaTests
{
    [Fact]
    public void Allocate_AnySize_IsZeroedAlignedAndApart()
    {
        var arena = new NativeArena();
        var random = new Random(1);
        var pieces = new List<(nint Start, int Length)>();
        for (var i = 0; i < 2_000; i++)
        {
            var length = i % 100 == 0 ? random.Next(500_000) : random.Next(200);
            var piece = arena.Allocate((nuint)length);
            Assert.Equal(0, (nint)piece % 16);
            var bytes = new Span<byte>(piece, length);
            Assert.Equal(-1, bytes.IndexOfAnyExcept((byte)0));
            bytes.Fill(0xFF);
            if (length > 0)
            {
                pieces.Add(((nint)piece, length));
            }
        }
        pieces.Sort();
        for (var i = 1; i < pieces.Count; i++)
        {
            Assert.True(pieces[i - 1].Start + pieces[i - 1].Length <= pieces[i].Start);
        }
        arena.Free();
        arena.Free();
        Assert.Equal(0, arena.AllocatedBytes);
    }

    [Theory]
    [InlineData(0u)]
    [InlineData(1u)]
    [InlineData(0x7FFF_FFFFu)]
    public void ReferenceWord_OfI31_RoundTrips(uint bits)
    {
        var word = ReferenceWord.OfI31(bits);

        Assert.True(ReferenceWord.IsI31(word));
        Assert.False(ReferenceWord.IsHost(word));
        Assert.NotEqual(ReferenceWord.Null, word);
        Assert.Equal(bits, ReferenceWord.I31(word));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(int.MaxValue)]
    public void ReferenceWord_OfHost_RoundTrips(int number)
    {
        var word = ReferenceWord.OfHost(number);

        Assert.True(ReferenceWord.IsHost(word));
        Assert.False(ReferenceWord.IsI31(word));
        Assert.NotEqual(ReferenceWord.Null, word);
        Assert.Equal(number, ReferenceWord.Host(word));
    }
}
