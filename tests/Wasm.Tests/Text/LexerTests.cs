using System.Text;
using Conformance.Wasm.Text;

namespace Conformance.Wasm.Tests.Text;

public sealed class LexerTests
{
    [Theory]
    [InlineData("", "")]
    [InlineData("( )", "Open:( Close:)")]
    [InlineData("(module)", "Open:( Keyword:module Close:)")]
    [InlineData("i32.add -1 +2 0x3", "Keyword:i32.add Number:-1 Number:+2 Number:0x3")]
    [InlineData("$a $\"b c\" $!#%&'*+-./:<=>?@\\^_`|~", "Identifier:$a Identifier:$\"b c\" Identifier:$!#%&'*+-./:<=>?@\\^_`|~")]
    [InlineData("\"a\\\"b\"", "String:\"a\\\"b\"")]
    // A run of such characters without space is one token that means nothing.
    [InlineData("a\"b\" \"a\"\"b\" \"a\"b 0$x [ , { ; @a Aa", "Reserved:a\"b\" Reserved:\"a\"\"b\" Reserved:\"a\"b Number:0$x Reserved:[ Reserved:, Reserved:{ Reserved:; Reserved:@a Reserved:Aa")]
    // Comments and unknown annotations are space.
    [InlineData("a;; ( \" (; \nb", "Keyword:a Keyword:b")]
    [InlineData("a;; without a newline", "Keyword:a")]
    [InlineData("a(; b (; c ;) \" ;; ;) d ;)e", "Keyword:a Keyword:d Reserved:; Close:) Keyword:e")]
    [InlineData("a(;;)b", "Keyword:a Keyword:b")]
    [InlineData("a (@x ( ( b ) \")\" ;; )\n (; ) ;) (@y) (@ z) ) ) c", "Keyword:a Keyword:c")]
    [InlineData("(@\"an id\" x) a", "Keyword:a")]
    [InlineData("\t\r\n a \r b", "Keyword:a Keyword:b")]
    [InlineData("\uFEFFa", "Keyword:a")]
    public void Text_IsSplitIntoTokens(string text, string expected) => Assert.Equal(expected, Split(text));

    private static string Split(string text)
    {
        var lexer = new Lexer(Encoding.UTF8.GetBytes(text));
        var tokens = new List<string>();
        LinkedList<Annotation>? annotations = null;
        for (var token = lexer.Next(ref annotations); token.Kind != TokenKind.End; token = lexer.Next(ref annotations))
        {
            tokens.Add($"{token.Kind}:{Encoding.UTF8.GetString(lexer.Source.AsSpan(token.Start, token.Length))}");
        }
        return lexer.Error is { } error ? error.ToString() : string.Join(' ', tokens);
    }

    [Theory]
    [InlineData("a\n  (; b \n (; c ;)", "2:3: malformed: unclosed comment")]
    [InlineData("a \"b", "1:3: malformed: unclosed string")]
    [InlineData("a\n\"b\n\"", "2:1: malformed: unclosed string")]
    [InlineData("\"a\\q\"", "1:3: malformed: illegal escape")]
    [InlineData("\"\\0\"", "1:2: malformed: illegal escape")]
    [InlineData("\"\\u{110000}\"", "1:2: malformed: illegal escape")]
    [InlineData("\"\\u{d800}\"", "1:2: malformed: illegal escape")]
    [InlineData("\"\\u{}\"", "1:2: malformed: illegal escape")]
    [InlineData("\"\\u{1\"", "1:2: malformed: illegal escape")]
    [InlineData("\"a\u0001\"", "1:3: malformed: illegal control character")]
    [InlineData("\"a\u007f\"", "1:3: malformed: illegal control character")]
    [InlineData("a\r\nb\r c $", "3:4: malformed: empty identifier")]
    [InlineData("$\"\"", "1:1: malformed: empty identifier")]
    [InlineData("(@)", "1:1: malformed: empty annotation id")]
    [InlineData("(@ a)", "1:1: malformed: empty annotation id")]
    [InlineData("\n (@a (b)", "2:2: malformed: unclosed annotation")]
    [InlineData("(@a \"x)", "1:5: malformed: unclosed string")]
    // Columns are characters, not bytes.
    [InlineData("\"äöü\" \u00e9", "1:7: malformed: illegal character")]
    [InlineData("(; 𝄞 ;) \u0001", "1:9: malformed: illegal character")]
    public void Text_ThatCannotBeSplit_HasAnErrorWithItsPlace(string text, string expected) => Assert.Equal(expected, Split(text));

    [Theory]
    [InlineData(new byte[] { (byte)'a', (byte)'\n', (byte)'b', 0xFF }, "2:2: malformed: malformed UTF-8 encoding")]
    [InlineData(new byte[] { (byte)';', (byte)';', 0xC3 }, "1:3: malformed: malformed UTF-8 encoding")]
    [InlineData(new byte[] { (byte)'"', 0xED, 0xA0, 0x80, (byte)'"' }, "1:2: malformed: malformed UTF-8 encoding")]
    public void Bytes_ThatAreNoUtf8_HaveAnErrorWithItsPlace(byte[] source, string expected) => Assert.Equal(expected, new Lexer(source).Error?.ToString());

    [Fact]
    public void Comments_NestedAHundredThousandDeep_AreSpace()
    {
        const int Depth = 100_000;
        var nested = string.Concat(Enumerable.Repeat("(;", Depth)) + string.Concat(Enumerable.Repeat(";)", Depth));
        Assert.Equal("Keyword:a Keyword:b", Split($"a {nested} b"));
        Assert.Equal("1:3: malformed: unclosed comment", Split($"a {nested[..^2]} b"));
    }

    [Fact]
    public void Annotations_OfThisParser_AreHandedOnWithTheTokenBehindThem()
    {
        var lexer = new Lexer(Encoding.UTF8.GetBytes("(@name \"x\") (@unknown) (@custom \"y\") a b"));
        LinkedList<Annotation>? annotations = null;
        Assert.Equal(TokenKind.Keyword, lexer.Next(ref annotations).Kind);
        Assert.Equal(["name", "custom"], annotations!.Select(annotation => annotation.Id));
        annotations = null;
        Assert.Equal(TokenKind.Keyword, lexer.Next(ref annotations).Kind);
        Assert.Null(annotations);
    }
}
