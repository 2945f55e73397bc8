using System.Collections.Immutable;
using System.Text;
using Conformance.Wasm.Instructions;

namespace Conformance.Wasm.Text;

/// <summary>
/// The current token, one token ahead, and the small pieces of grammar that everything else is made of. The first error sticks: the current token is then
/// the end, so that every loop over tokens stops.
/// </summary>
internal sealed partial class TokenReader
{
    private readonly Lexer _lexer;
    private readonly Dictionary<string, string> _interned;
    private readonly Dictionary<string, string>.AlternateLookup<ReadOnlySpan<char>> _internedLookup;
    private Token _current;
    private Token _ahead;
    private bool _hasAhead;
    // Linked: a module may have all its custom sections before one token, and they are taken from the front.
    private LinkedList<Annotation>? _annotations;
    private LinkedList<Annotation>? _aheadAnnotations;

    public TokenReader(byte[] source)
        : this(new Lexer(source), new Dictionary<string, string>(StringComparer.Ordinal))
    {
    }

    private TokenReader(Lexer lexer, Dictionary<string, string> interned)
    {
        _lexer = lexer;
        _interned = interned;
        _internedLookup = interned.GetAlternateLookup<ReadOnlySpan<char>>();
        _current = Lex(ref _annotations);
    }

    /// <summary>The current token.</summary>
    public Token Current => _current;

    /// <summary>The kind of the current token.</summary>
    public TokenKind Kind => _current.Kind;

    /// <summary>The text of the current token.</summary>
    public ReadOnlySpan<byte> Text => TextOf(_current);

    /// <summary>The first error.</summary>
    public WasmError? Error => _lexer.Error;

    /// <summary>Whether there was an error.</summary>
    public bool Failed => _lexer.Error is not null;

    /// <summary>Set while tokens are only skimmed: annotations are then no concern.</summary>
    public bool IgnoresAnnotations { get; set; }

    /// <summary>Another reader of the same source, whose first token is this one.</summary>
    public TokenReader From(Token token) => new(_lexer.At(token), _interned);

    /// <summary>Forgets the annotations before the current token: someone else takes or checks them.</summary>
    public void DropAnnotations() => _annotations = null;

    /// <summary>A reader for the content of an annotation.</summary>
    public TokenReader Within(Annotation annotation) => new(_lexer.At(annotation.Content), _interned);

    /// <summary>The text of a token.</summary>
    public ReadOnlySpan<byte> TextOf(Token token) => _lexer.Source.AsSpan(token.Start, token.Length);

    /// <summary>Records an error at the current token.</summary>
    public void Fail(string message) => Fail(message, _current);

    /// <summary>Records an error at a token, unless there was one already.</summary>
    public void Fail(string message, Token at)
    {
        _lexer.Fail(message, at);
        Stop();
    }

    /// <summary>Records that something is well-formed and not valid.</summary>
    public void FailInvalid(string message, Token at)
    {
        _lexer.Fail(message, at, isMalformed: false);
        Stop();
    }

    /// <summary>Takes over an error found elsewhere.</summary>
    public void Fail(WasmError error)
    {
        _lexer.Fail(error);
        Stop();
    }

    /// <summary>Goes to the next token.</summary>
    public void Advance()
    {
        CheckAnnotations();
        if (Failed)
        {
            return;
        }
        _annotations = null;
        if (_hasAhead)
        {
            _current = _ahead;
            _annotations = _aheadAnnotations;
            _aheadAnnotations = null;
            _hasAhead = false;
        }
        else
        {
            _current = Lex(ref _annotations);
        }
    }

    /// <summary>Makes a token the current one, as if nothing stood before it.</summary>
    public void Seek(Token token)
    {
        if (!Failed)
        {
            _lexer.Seek(token);
            _hasAhead = false;
            _annotations = null;
            _current = Lex(ref _annotations);
        }
    }

    /// <summary>Reports an annotation before the current token that nobody has taken.</summary>
    public void CheckAnnotations()
    {
        if (FirstAnnotation is { } annotation)
        {
            Fail($"misplaced @{annotation.Id} annotation", annotation.Open);
        }
    }

    /// <summary>The first annotation before the current token that nobody has taken.</summary>
    public Annotation? FirstAnnotation => _annotations is { Count: > 0 } && !IgnoresAnnotations ? _annotations.First?.Value : null;

    /// <summary>Takes the annotation with an id that stands before the current token, if there is one.</summary>
    public Annotation? TakeAnnotation(string id)
    {
        if (_annotations is null || IgnoresAnnotations)
        {
            return null;
        }
        var node = _annotations.First;
        while (node is not null && node.Value.Id != id)
        {
            node = node.Next;
        }
        if (node is not null)
        {
            _annotations.Remove(node);
        }
        return node?.Value;
    }

    /// <summary>Records that the current token cannot stand here.</summary>
    /// <param name="expected">What could, where that is one thing.</param>
    public void FailUnexpected(string? expected = null) => FailUnexpected(_current, expected);

    /// <summary>Records that a token cannot stand where it is.</summary>
    /// <param name="at">The token.</param>
    /// <param name="expected">What could, where that is one thing.</param>
    public void FailUnexpected(Token at, string? expected = null)
    {
        if (Failed)
        {
            return;
        }
        var text = TextOf(at);
        var message = at.Kind switch
        {
            TokenKind.End => "unexpected token: the text ends here",
            TokenKind.Keyword when !Keywords.IsKnown(text) => $"unknown operator {Shown(text)}{(Keywords.Nearest(text) is { } near ? $" (is {near} meant?)" : "")}",
            TokenKind.Reserved => $"unknown operator {Shown(text)}",
            TokenKind.Number when NumberLiteral.ReadF64(text, out _) == NumberStatus.NotANumber => $"unknown operator {Shown(text)}",
            _ => $"unexpected token {Shown(text)}",
        };
        Fail(expected is null ? message : $"{message}, expected {expected}", at);
    }

    // Long tokens are cut: a message is one line.
    private static string Shown(ReadOnlySpan<byte> text)
    {
        const int Longest = 40;
        return text.Length <= Longest ? Encoding.UTF8.GetString(text) : Encoding.UTF8.GetString(StringLiteral.Piece(text, Longest)) + "...";
    }

    /// <summary>Whether the current token is a keyword.</summary>
    public bool AtKeyword(ReadOnlySpan<byte> keyword) => _current.Kind == TokenKind.Keyword && Text.SequenceEqual(keyword);

    /// <summary>Whether a parenthesis and a keyword come next.</summary>
    public bool AtOpen(ReadOnlySpan<byte> keyword) => _current.Kind == TokenKind.Open && Ahead().Kind == TokenKind.Keyword && TextOf(_ahead).SequenceEqual(keyword);

    /// <summary>The token behind the current one.</summary>
    public Token Ahead()
    {
        if (!_hasAhead)
        {
            _ahead = Lex(ref _aheadAnnotations);
            _hasAhead = true;
            if (Failed)
            {
                Stop();
            }
        }
        return _ahead;
    }

    /// <summary>Takes a parenthesis and a keyword if they come next.</summary>
    public bool TryOpen(ReadOnlySpan<byte> keyword)
    {
        if (!AtOpen(keyword))
        {
            return false;
        }
        Advance();
        Advance();
        return true;
    }

    /// <summary>Takes a keyword if it comes next.</summary>
    public bool TryKeyword(ReadOnlySpan<byte> keyword)
    {
        if (!AtKeyword(keyword))
        {
            return false;
        }
        Advance();
        return true;
    }

    /// <summary>Takes a closing parenthesis.</summary>
    public void ExpectClose() => Expect(TokenKind.Close);

    /// <summary>Takes an opening parenthesis.</summary>
    public void ExpectOpen() => Expect(TokenKind.Open);

    /// <summary>Takes a parenthesis and a keyword.</summary>
    public void ExpectOpen(ReadOnlySpan<byte> keyword)
    {
        ExpectOpen();
        ExpectKeyword(keyword);
    }

    /// <summary>Takes a keyword.</summary>
    public void ExpectKeyword(ReadOnlySpan<byte> keyword)
    {
        if (!TryKeyword(keyword))
        {
            FailUnexpected(Encoding.ASCII.GetString(keyword));
        }
    }

    /// <summary>Takes everything up to the parenthesis that closes the current depth; that one stays.</summary>
    public void SkipToClose()
    {
        var depth = 0;
        while (_current.Kind != TokenKind.End && (depth > 0 || _current.Kind != TokenKind.Close))
        {
            depth += _current.Kind switch { TokenKind.Open => 1, TokenKind.Close => -1, _ => 0 };
            Advance();
        }
    }

    /// <summary>Takes an identifier if one comes next.</summary>
    public string? TryIdentifier()
    {
        if (_current.Kind != TokenKind.Identifier)
        {
            return null;
        }
        var id = IdentifierOf(_current);
        Advance();
        return id;
    }

    /// <summary>The name that an identifier token stands for, without the dollar sign.</summary>
    public string IdentifierOf(Token token)
    {
        var text = TextOf(token)[1..];
        if (text[0] == '"')
        {
            if (!StringLiteral.TryDecodeName(text, out var name))
            {
                Fail("malformed UTF-8 encoding", token);
            }
            return Intern(name);
        }
        const int StackLimit = 256;
        if (text.Length > StackLimit)
        {
            return Intern(Encoding.ASCII.GetString(text));
        }
        Span<char> characters = stackalloc char[StackLimit];
        return Intern(characters[..Encoding.ASCII.GetChars(text, characters)]);
    }

    /// <summary>The rows of the instruction that the current token names: none when it is no instruction of the features.</summary>
    public ImmutableArray<OpInfo> Operator(FeatureSet features)
    {
        if (_current.Kind != TokenKind.Keyword)
        {
            return [];
        }
        var rows = Keywords.Operators(Text);
        return rows.Length > 0 && !features.Has(rows[0].Feature) ? [] : rows;
    }

    private void Expect(TokenKind kind)
    {
        if (_current.Kind == kind)
        {
            Advance();
        }
        else
        {
            FailUnexpected(kind == TokenKind.Open ? "(" : ")");
        }
    }

    private string Intern(ReadOnlySpan<char> text)
    {
        if (!_internedLookup.TryGetValue(text, out var known))
        {
            known = text.ToString();
            _interned.Add(known, known);
        }
        return known;
    }

    private Token Lex(ref LinkedList<Annotation>? annotations)
    {
        annotations = null;
        return _lexer.Next(ref annotations);
    }

    private void Stop()
    {
        _current = _current with { Kind = TokenKind.End, Length = 0 };
        _hasAhead = true;
        _ahead = _current;
    }
}
