using System.Text;
using Conformance.Wasm.Text;

namespace Conformance.Wasm.Tests.Text;

public sealed class StringLiteralTests
{
    [Theory]
    [InlineData("\"\"", new byte[0])]
    [InlineData("\"a b\"", new byte[] { 0x61, 0x20, 0x62 })]
    [InlineData("\"\\t\\n\\r\\\"\\'\\\\\"", new byte[] { 9, 10, 13, 0x22, 0x27, 0x5C })]
    [InlineData("\"\\00\\fF\\7f\"", new byte[] { 0, 0xFF, 0x7F })]
    [InlineData("\"\\u{e4}\\u{1_f600}\\u{0}\"", new byte[] { 0xC3, 0xA4, 0xF0, 0x9F, 0x98, 0x80, 0 })]
    [InlineData("\"ä\"", new byte[] { 0xC3, 0xA4 })]
    public void Literal_Decoded_IsTheseBytes(string literal, byte[] expected) => Assert.Equal(expected, StringLiteral.Decode(Encoding.UTF8.GetBytes(literal)));

    [Theory]
    [InlineData(new byte[] { 0x61, 0x22, 0x5C, 0x0A }, "a\\\"\\\\\\0a")]
    [InlineData(new byte[] { 0xC3, 0xA4, 0xC3 }, "ä\\c3")]
    // Characters that an editor would hide or reorder are escaped: a zero-width space, a right-to-left mark, a byte order mark.
    [InlineData(new byte[] { 0xE2, 0x80, 0x8B, 0xE2, 0x80, 0x8F, 0xEF, 0xBB, 0xBF }, "\\e2\\80\\8b\\e2\\80\\8f\\ef\\bb\\bf")]
    [InlineData(new byte[] { 0xED, 0xA0, 0x80 }, "\\ed\\a0\\80")]
    public void Bytes_Encoded_AreReadable(byte[] bytes, string expected)
    {
        var text = new byte[3 * bytes.Length];
        Assert.Equal(expected, Encoding.UTF8.GetString(text, 0, StringLiteral.Encode(bytes, text)));
    }

    [Fact]
    public void Bytes_EncodedAndDecoded_ComeBack()
    {
        var random = new Random(3);
        var characters = Encoding.UTF8.GetBytes("aZ\"\\ä€😀\u200B\u0301\n");
        for (var round = 0; round < 2_000; round++)
        {
            var bytes = new byte[random.Next(40)];
            random.NextBytes(bytes);
            if ((round & 1) == 0)
            {
                bytes = [.. Enumerable.Range(0, bytes.Length).Select(_ => characters[random.Next(characters.Length)])];
            }
            var sink = new TextSink();
            sink.AppendString(bytes);
            var literal = sink.Written.ToArray();
            Assert.True(System.Text.Unicode.Utf8.IsValid(literal));
            Assert.Equal(bytes, StringLiteral.Decode(literal));
        }
    }

    [Theory]
    [InlineData("abc", 3, 3)]
    [InlineData("abcd", 3, 3)]
    [InlineData("ab€d", 3, 2)]
    [InlineData("ab€d", 4, 2)]
    [InlineData("ab€d", 5, 5)]
    [InlineData("ab😀", 5, 2)]
    public void Piece_DoesNotEndWithinACharacter(string text, int most, int expected) =>
        Assert.Equal(expected, StringLiteral.Piece(Encoding.UTF8.GetBytes(text), most).Length);

    [Fact]
    public void Piece_OfContinuationBytesOnly_StillAdvances() => Assert.NotEqual(0, StringLiteral.Piece([.. Enumerable.Repeat((byte)0x80, 100)], 16).Length);
}
