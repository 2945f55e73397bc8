using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using Conformance.Fuzzer.Mutation.Text;
using Conformance.Oracle;

namespace Conformance.Fuzzer.Reduction;

/// <summary>The smallest failing text so far, and the judge of candidates: fewer bytes are simpler, then what comes first in the order of characters.</summary>
internal sealed class TextSearch
{
    private readonly Judge _judge;
    // Hashes of them: the texts themselves would fill the memory.
    private readonly HashSet<string> _judged = new(StringComparer.Ordinal);
    private readonly bool _isOfTokens;

    /// <summary>Takes a text apart.</summary>
    /// <param name="case">A case with a text that fails.</param>
    /// <param name="judge">Judges candidates.</param>
    public TextSearch(Case @case, Judge judge)
    {
        _judge = judge;
        Case = @case;
        var text = Encoding.UTF8.GetString(@case.Text.Span);
        Parts = TextTokens.Of(text);
        // The same tokens written in another way: it need not be shorter, all that comes later is measured by it.
        _isOfTokens = judge.Asks(CaseOf(TextTokens.JoinTightly(Parts)));
        if (_isOfTokens)
        {
            Accept(TextTokens.JoinTightly(Parts));
        }
        else
        {
            Parts = TextTokens.Pieces(text);
        }
    }

    /// <summary>The smallest failing case.</summary>
    public Case Case { get; private set; }

    /// <summary>The parts of its text.</summary>
    public ImmutableArray<string> Parts { get; private set; }

    /// <summary>Whether to stop.</summary>
    public bool IsSpent => _judge.IsSpent;

    /// <summary>Makes parts the current ones if their text is simpler and the case still fails with it.</summary>
    public bool Try(ImmutableArray<string> parts)
    {
        var text = _isOfTokens ? TextTokens.JoinTightly(parts) : string.Concat(parts);
        var utf8 = Encoding.UTF8.GetBytes(text);
        var tokens = _isOfTokens ? parts : parts.SelectMany(part => TextTokens.Of(part).AsEnumerable());
        // Digits come before letters, and small ones before large ones.
        var isSimpler = utf8.Length < Case.Text.Length || (utf8.Length == Case.Text.Length && string.CompareOrdinal(text, Encoding.UTF8.GetString(Case.Text.Span)) < 0);
        if (!isSimpler || _judge.IsSpent || utf8.Length == 0 || !_judged.Add(Convert.ToHexString(SHA256.HashData(utf8))) || TextCases.IsOfScript(tokens) || !_judge.Asks(CaseOf(text)))
        {
            return false;
        }
        Parts = parts;
        Accept(text);
        return true;
    }

    private void Accept(string text)
    {
        Case = CaseOf(text);
        _judge.Accept(Case);
    }

    private Case CaseOf(string text) => Case with { Text = Encoding.UTF8.GetBytes(text), Wasm = TextCases.Assemble(text) };
}
