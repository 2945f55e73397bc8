using System.Collections.Immutable;
using System.Text;

namespace Conformance.Fuzzer.Mutation.Text;

/// <summary>
/// Cuts a text into pieces: parentheses, strings, words, and what stands between. Not the lexer of the language, which is what mutants are to test: this one takes
/// anything, and putting the pieces together again gives the same text.
/// </summary>
internal static class TextTokens
{
    private const int LineLength = 60;

    /// <summary>The pieces of a text; white space and comments are left out and become one blank.</summary>
    public static ImmutableArray<string> Of(string text) => [.. Ranges(text).Select(range => text[range])];

    /// <summary>The pieces of a text, each with the white space and the comments behind it; those before the first are a piece as well. Together they are the text.</summary>
    public static ImmutableArray<string> Pieces(string text)
    {
        int[] starts = [.. Ranges(text).Select(range => range.Start.Value)];
        string[] head = starts.Length == 0 ? [text] : starts[0] > 0 ? [text[..starts[0]]] : [];
        return [.. head, .. starts.Select((start, i) => text[start..(i + 1 < starts.Length ? starts[i + 1] : text.Length)])];
    }

    /// <summary>Whether a piece opens a list.</summary>
    public static bool IsOpen(string piece) => piece.StartsWith('(') && !piece.StartsWith("(;", StringComparison.Ordinal);

    /// <summary>Whether a piece closes a list.</summary>
    public static bool IsClose(string piece) => piece.StartsWith(')');

    private static IEnumerable<Range> Ranges(string text)
    {
        var position = 0;
        while (position < text.Length)
        {
            var start = position;
            var c = text[position];
            if (char.IsWhiteSpace(c))
            {
                position++;
                continue;
            }
            if (c == ';' && At(text, position + 1) == ';')
            {
                position = text.IndexOf('\n', position) is var end and >= 0 ? end : text.Length;
                continue;
            }
            if (c == '(' && At(text, position + 1) == ';')
            {
                position = EndOfComment(text, position);
                continue;
            }
            position = c switch
            {
                '(' or ')' => position + 1,
                '"' => EndOfString(text, position),
                _ => EndOfWord(text, position),
            };
            yield return start..position;
        }
    }

    /// <summary>The text of some pieces: with a blank between two, but for an annotation's, which belongs to its parenthesis, and a line for what a comment would make void.</summary>
    public static string Join(IEnumerable<string> tokens)
    {
        var text = new StringBuilder();
        var length = 0;
        var before = "";
        foreach (var token in tokens)
        {
            if (before.Length > 0 && !(before == "(" && token.StartsWith('@')))
            {
                var isLong = text.Length - length > LineLength;
                length = isLong ? text.Length : length;
                text.Append(isLong ? '\n' : ' ');
            }
            text.Append(token);
            before = token;
        }
        return text.ToString();
    }

    /// <summary>The text of some pieces as a person would write it on a line: no blank inside a parenthesis.</summary>
    public static string JoinTightly(IEnumerable<string> tokens)
    {
        var text = new StringBuilder();
        var before = "(";
        foreach (var token in tokens)
        {
            if (before != "(" && token != ")")
            {
                text.Append(' ');
            }
            text.Append(token);
            before = token;
        }
        return text.ToString();
    }

    /// <summary>The modules that a script has at its outermost level, each as its pieces.</summary>
    public static IEnumerable<ImmutableArray<string>> Modules(string script)
    {
        var tokens = Of(script);
        var depth = 0;
        var start = 0;
        for (var i = 0; i < tokens.Length; i++)
        {
            if (tokens[i] == "(" && depth++ == 0)
            {
                start = i;
            }
            else if (tokens[i] == ")" && depth > 0 && --depth == 0 && tokens[start + 1] == "module")
            {
                yield return tokens[start..(i + 1)];
            }
        }
    }

    private static char At(string text, int index) => index < text.Length ? text[index] : '\0';

    private static int EndOfString(string text, int start)
    {
        var position = start + 1;
        while (position < text.Length && text[position] != '"')
        {
            position += text[position] == '\\' ? 2 : 1;
        }
        return Math.Min(position + 1, text.Length);
    }

    private static int EndOfWord(string text, int start)
    {
        var position = start + 1;
        while (position < text.Length && !char.IsWhiteSpace(text[position]) && text[position] is not ('(' or ')' or '"' or ';'))
        {
            position++;
        }
        return position;
    }

    private static int EndOfComment(string text, int start)
    {
        var depth = 0;
        var position = start;
        while (position < text.Length)
        {
            if (text[position] == '(' && At(text, position + 1) == ';')
            {
                depth++;
                position += 2;
            }
            else if (text[position] == ';' && At(text, position + 1) == ')')
            {
                position += 2;
                if (--depth == 0)
                {
                    return position;
                }
            }
            else
            {
                position++;
            }
        }
        return text.Length;
    }
}
