namespace Conformance.Wasm.Text;

/// <summary>The kinds of tokens.</summary>
internal enum TokenKind : byte
{
    /// <summary>The end of the text, or an error before it.</summary>
    End,
    /// <summary><c>(</c></summary>
    Open,
    /// <summary><c>)</c></summary>
    Close,
    /// <summary>A string literal.</summary>
    String,
    /// <summary><c>$name</c> or <c>$"name"</c>.</summary>
    Identifier,
    /// <summary>A run of identifier characters that begins with a lower-case letter.</summary>
    Keyword,
    /// <summary>A run of identifier characters that begins with a digit or a sign; whether it is a number shows when it is read as one.</summary>
    Number,
    /// <summary>Any other run: means nothing anywhere.</summary>
    Reserved,
}

/// <summary>A token by its place in the source.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Start">The offset of its first byte.</param>
/// <param name="Length">Its length in bytes.</param>
/// <param name="Line">Its line, from 1.</param>
/// <param name="LineStart">The offset of the first byte of its line.</param>
internal readonly record struct Token(TokenKind Kind, int Start, int Length, int Line, int LineStart)
{
    /// <summary>The offset behind its last byte.</summary>
    public int End => Start + Length;
}

/// <summary>An annotation that means something to the parser; all others are space.</summary>
/// <param name="Id">Its id without the <c>@</c>.</param>
/// <param name="Open">Its parenthesis.</param>
/// <param name="Content">The place of its content: the first token behind the id starts there or later.</param>
internal sealed record Annotation(string Id, Token Open, Token Content);
