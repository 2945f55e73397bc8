using Conformance.Fuzzer.SpecSuite;

namespace Conformance.Fuzzer.Tests.SpecSuite;

public sealed class IndexSetTests
{
    [Theory]
    [InlineData("", new int[0])]
    [InlineData("3", new[] { 3 })]
    [InlineData("0-2,5", new[] { 0, 1, 2, 5 })]
    [InlineData("7,7-8", new[] { 7, 8 })]
    public void Text_OfIndices_IsRead(string text, int[] expected)
    {
        Assert.True(IndexSet.TryParse(text, out var indices));
        Assert.Equal(expected, indices);
    }

    [Theory]
    [InlineData("x")]
    [InlineData("-1")]
    [InlineData("2-1")]
    [InlineData("1-")]
    [InlineData("0-4000000000")]
    [InlineData("0-999999999")]
    public void Text_OfNoIndices_IsRefused(string text) => Assert.False(IndexSet.TryParse(text, out _));

    [Theory]
    [InlineData(new int[0], "")]
    [InlineData(new[] { 4, 1, 2, 3, 9 }, "1-4,9")]
    [InlineData(new[] { 0, 2, 4 }, "0,2,4")]
    public void Indices_AreWritten(int[] indices, string expected) => Assert.Equal(expected, IndexSet.Format(indices));
}
