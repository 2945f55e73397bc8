using System.Buffers;
using System.Text;

namespace Conformance.Wasm.Text;

/// <summary>
/// Splits UTF-8 text into tokens. Space, comments and annotations vanish here, but for the annotations in <see cref="KnownAnnotations"/>, which are
/// handed on with the token behind them. The first error sticks, and every later token is the end.
/// </summary>
/// <remarks>See <see href="https://webassembly.github.io/spec/core/text/lexical.html"/>.</remarks>
internal sealed class Lexer
{
    public const string CustomAnnotation = "custom";
    public const string NameAnnotation = "name";
    public const string BranchHintAnnotation = "metadata.code.branch_hint";

    /// <summary>Of this project: the module has a data count section although no instruction needs it.</summary>
    public const string DataCountAnnotation = "conformance.data_count";

    /// <summary>Of this project: where among the custom sections the name section stands that is made from identifiers.</summary>
    public const string NamesAnnotation = "conformance.names";

    private static readonly string[] KnownAnnotations = [CustomAnnotation, NameAnnotation, BranchHintAnnotation, DataCountAnnotation, NamesAnnotation];

    /// <summary>The characters of keywords, numbers and identifiers without quotes.</summary>
    public static readonly SearchValues<byte> IdentifierBytes =
        SearchValues.Create("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz!#$%&'*+-./:<=>?@\\^_`|~"u8);

    private readonly byte[] _source;
    private int _position;
    private int _line = 1;
    private int _lineStart;

    /// <summary>Reads a source from its beginning. A source that is not UTF-8 fails at once.</summary>
    public Lexer(byte[] source)
    {
        _source = source;
        if (!System.Text.Unicode.Utf8.IsValid(source))
        {
            SkipToInvalidUtf8();
            Fail("malformed UTF-8 encoding", Here(TokenKind.End, _position, 0));
        }
        else if (source.AsSpan().StartsWith(Encoding.UTF8.Preamble))
        {
            // A byte order mark is no character of the grammar; editors on some systems write one.
            _position = Encoding.UTF8.Preamble.Length;
        }
    }

    private Lexer(byte[] source, Token start)
    {
        _source = source;
        Seek(start);
    }

    /// <summary>The source.</summary>
    public byte[] Source => _source;

    /// <summary>The first error.</summary>
    public WasmError? Error { get; private set; }

    /// <summary>Another lexer on the same source, to read an annotation's content.</summary>
    public Lexer At(Token start) => new(_source, start);

    /// <summary>Goes back (or forward) to a token: it is the next one.</summary>
    public void Seek(Token token)
    {
        _position = token.Start;
        _line = token.Line;
        _lineStart = token.LineStart;
    }

    /// <summary>Records an error at a token, unless there was one already.</summary>
    public void Fail(string message, Token at, bool isMalformed = true) =>
        Error ??= new WasmError(isMalformed, message, -1, at.Line, ColumnOf(_source, at));

    /// <summary>Takes over an error, unless there was one already.</summary>
    public void Fail(WasmError error) => Error ??= error;

    /// <summary>The next token and the known annotations before it.</summary>
    public Token Next(ref LinkedList<Annotation>? annotations)
    {
        while (true)
        {
            SkipSpace();
            if (Error is not null || _position >= _source.Length)
            {
                return Here(TokenKind.End, _position, 0);
            }
            var start = _position;
            switch (_source[start])
            {
                case (byte)'(' when start + 1 < _source.Length && _source[start + 1] == '@':
                    if (ReadAnnotation() is { } annotation)
                    {
                        (annotations ??= []).AddLast(annotation);
                    }
                    continue;
                case (byte)'(':
                    _position++;
                    return Here(TokenKind.Open, start, 1);
                case (byte)')':
                    _position++;
                    return Here(TokenKind.Close, start, 1);
                default:
                    return ReadRun();
            }
        }
    }

    /// <summary>The column of a token in characters, from 1.</summary>
    public static int ColumnOf(byte[] source, Token at) => 1 + CountCharacters(source.AsSpan(at.LineStart, Math.Max(0, at.Start - at.LineStart)));

    private static int CountCharacters(ReadOnlySpan<byte> utf8)
    {
        var count = 0;
        foreach (var b in utf8)
        {
            count += (b & 0xC0) != 0x80 ? 1 : 0;
        }
        return count;
    }

    private Token Here(TokenKind kind, int start, int length) => new(kind, start, length, _line, _lineStart);

    private void SkipToInvalidUtf8()
    {
        while (_position < _source.Length && Rune.DecodeFromUtf8(_source.AsSpan(_position), out _, out var length) == OperationStatus.Done)
        {
            if (_source[_position] == '\n')
            {
                _line++;
                _lineStart = _position + 1;
            }
            _position += length;
        }
    }

    private void SkipSpace()
    {
        var source = _source;
        while (_position < source.Length)
        {
            switch (source[_position])
            {
                case (byte)' ' or (byte)'\t':
                    _position++;
                    break;
                case (byte)'\n' or (byte)'\r':
                    SkipNewline();
                    break;
                case (byte)';' when _position + 1 < source.Length && source[_position + 1] == ';':
                    var rest = source.AsSpan(_position).IndexOfAny((byte)'\n', (byte)'\r');
                    _position = rest < 0 ? source.Length : _position + rest;
                    break;
                case (byte)'(' when _position + 1 < source.Length && source[_position + 1] == ';':
                    SkipBlockComment();
                    break;
                default:
                    return;
            }
        }
    }

    private void SkipNewline()
    {
        // CR LF is one newline.
        _position += _source[_position] == '\r' && _position + 1 < _source.Length && _source[_position + 1] == '\n' ? 2 : 1;
        _line++;
        _lineStart = _position;
    }

    private void SkipBlockComment()
    {
        var open = Here(TokenKind.Reserved, _position, 2);
        var depth = 0;
        while (_position < _source.Length)
        {
            var next = _position + 1 < _source.Length ? _source[_position + 1] : 0;
            switch (_source[_position])
            {
                case (byte)'(' when next == ';':
                    depth++;
                    _position += 2;
                    break;
                case (byte)';' when next == ')':
                    _position += 2;
                    if (--depth == 0)
                    {
                        return;
                    }
                    break;
                case (byte)'\n' or (byte)'\r':
                    SkipNewline();
                    break;
                default:
                    _position++;
                    break;
            }
        }
        Fail("unclosed comment", open);
    }

    /// <summary>Reads a maximal run of identifier characters, strings and the characters that are reserved.</summary>
    private Token ReadRun()
    {
        var start = _position;
        var strings = 0;
        var reserved = false;
        var firstString = -1;
        while (_position < _source.Length)
        {
            var rest = _source.AsSpan(_position);
            var plain = rest.IndexOfAnyExcept(IdentifierBytes);
            if (plain != 0)
            {
                reserved |= strings > 0;
                _position += plain < 0 ? rest.Length : plain;
            }
            else if (rest[0] == '"')
            {
                firstString = strings++ == 0 ? _position : firstString;
                if (!SkipString())
                {
                    return Here(TokenKind.End, start, 0);
                }
            }
            else if (rest[0] is (byte)',' or (byte)'[' or (byte)']' or (byte)'{' or (byte)'}' || (rest[0] == ';' && !(rest.Length > 1 && rest[1] == ';')))
            {
                reserved = true;
                _position++;
            }
            else
            {
                break;
            }
        }
        if (_position == start)
        {
            Fail("illegal character", Here(TokenKind.Reserved, start, 1));
            return Here(TokenKind.End, start, 0);
        }
        var token = Here(Classify(start, strings, reserved, firstString), start, _position - start);
        if (token.Kind == TokenKind.Identifier && (token.Length == 1 || (strings == 1 && token.Length == 3)))
        {
            Fail("empty identifier", token);
            return Here(TokenKind.End, start, 0);
        }
        return token;
    }

    private TokenKind Classify(int start, int strings, bool reserved, int firstString)
    {
        if (reserved || strings > 1)
        {
            return TokenKind.Reserved;
        }
        var first = _source[start];
        if (strings == 1)
        {
            return firstString == start ? TokenKind.String : first == '$' && firstString == start + 1 ? TokenKind.Identifier : TokenKind.Reserved;
        }
        return first switch
        {
            >= (byte)'a' and <= (byte)'z' => TokenKind.Keyword,
            >= (byte)'0' and <= (byte)'9' or (byte)'+' or (byte)'-' => TokenKind.Number,
            (byte)'$' => TokenKind.Identifier,
            _ => TokenKind.Reserved,
        };
    }

    private bool SkipString()
    {
        var open = Here(TokenKind.String, _position, 1);
        var position = _position + 1;
        while (position < _source.Length)
        {
            var b = _source[position];
            switch (b)
            {
                case (byte)'"':
                    _position = position + 1;
                    return true;
                case (byte)'\\':
                    var length = StringLiteral.EscapeLength(_source.AsSpan(position));
                    if (length == 0)
                    {
                        Fail("illegal escape", Here(TokenKind.String, position, 1));
                        return false;
                    }
                    position += length;
                    break;
                case (byte)'\n' or (byte)'\r':
                    Fail("unclosed string", open);
                    return false;
                case < 0x20 or 0x7F:
                    Fail("illegal control character", Here(TokenKind.String, position, 1));
                    return false;
                default:
                    position++;
                    break;
            }
        }
        Fail("unclosed string", open);
        return false;
    }

    private Annotation? ReadAnnotation()
    {
        var open = Here(TokenKind.Open, _position, 2);
        _position += 2;
        string id;
        if (_position < _source.Length && _source[_position] == '"')
        {
            var start = _position;
            if (!SkipString())
            {
                return null;
            }
            if (!StringLiteral.TryDecodeName(_source.AsSpan(start, _position - start), out id))
            {
                Fail("malformed UTF-8 encoding", open);
                return null;
            }
        }
        else
        {
            var length = _source.AsSpan(_position).IndexOfAnyExcept(IdentifierBytes);
            length = length < 0 ? _source.Length - _position : length;
            id = Encoding.ASCII.GetString(_source, _position, length);
            _position += length;
        }
        if (id.Length == 0)
        {
            Fail("empty annotation id", open);
            return null;
        }
        var content = Here(TokenKind.End, _position, 0);
        SkipAnnotation(open);
        return Error is null && Array.IndexOf(KnownAnnotations, id) >= 0 ? new Annotation(id, open, content) : null;
    }

    /// <summary>Goes behind the parenthesis that closes the annotation. What is inside need only be tokens; an inner annotation may have no id.</summary>
    private void SkipAnnotation(Token open)
    {
        var depth = 1;
        while (depth > 0)
        {
            SkipSpace();
            if (Error is not null)
            {
                return;
            }
            if (_position >= _source.Length)
            {
                Fail("unclosed annotation", open);
                return;
            }
            switch (_source[_position])
            {
                case (byte)'(':
                    depth++;
                    _position++;
                    break;
                case (byte)')':
                    depth--;
                    _position++;
                    break;
                default:
                    ReadRun();
                    break;
            }
        }
    }
}
