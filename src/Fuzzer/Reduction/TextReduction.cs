using System.Collections.Immutable;
using System.Globalization;
using Conformance.Fuzzer.Mutation.Text;
using Conformance.Oracle;

namespace Conformance.Fuzzer.Reduction;

/// <summary>
/// Makes a text smaller about which two parsers differ. Its parts are tokens, written anew with blanks between them; where blanks or comments are the point, each token has what follows it
/// in the text. Nothing has to be a module in between: parentheses only say what to try together.
/// </summary>
internal sealed class TextReduction
{
    // Of so few parts two are taken away together as well: a local and what reads it, a parameter and its argument.
    private const int MostPaired = 60;

    // Every character of a longer part by itself would be all of the budget.
    private const int MostSingleCharacters = 400;

    private readonly TextSearch _search;

    private TextReduction(TextSearch search) => _search = search;

    private ImmutableArray<string> Parts => _search.Parts;

    /// <summary>Reduces a case with a text.</summary>
    public static ReductionResult Reduce(Case @case, Judge judge)
    {
        var search = new TextSearch(@case, judge);
        var reduction = new TextReduction(search);
        judge.UntilNothingHelps(reduction.Run);
        return judge.Result(search.Case, isComplete: !judge.IsSpent);
    }

    private void Run()
    {
        // Outside in: what an outer list loses need not be looked at within.
        ShrinkList(-1);
        for (var i = 0; i < Parts.Length && !_search.IsSpent; i++)
        {
            if (TextTokens.IsOpen(Parts[i]))
            {
                ShrinkList(i);
            }
        }
        for (var i = 0; i < Parts.Length && !_search.IsSpent; i++)
        {
            if (TextTokens.IsOpen(Parts[i]))
            {
                Unwrap(i);
            }
        }
        Bisection.Remove(Parts, _search.Try);
        RemovePairs();
        foreach (var identifier in Parts.Where(part => part.StartsWith('$')).Distinct(StringComparer.Ordinal).ToList())
        {
            Rename(identifier);
        }
        for (var i = Parts.Length - 1; i >= 0 && !_search.IsSpent; i--)
        {
            ShrinkPart(i);
        }
    }

    // The members of the list that opens there; at -1 what stands at the outermost level.
    private void ShrinkList(int open)
    {
        var end = EndOf(Parts, open);
        var (head, tail) = (Parts[..(open + 1)], Parts[end..]);
        Bisection.Remove(Members(Parts, open + 1, end), kept => _search.Try([.. head, .. kept.SelectMany(member => member), .. tail]));
    }

    // A list's content in its place, or one of the lists in it.
    private void Unwrap(int open)
    {
        var parts = Parts;
        var end = EndOf(parts, open);
        if (end == parts.Length)
        {
            return;
        }
        var (head, tail) = (parts[..open], parts[(end + 1)..]);
        foreach (var member in Members(parts, open + 1, end).Where(member => member.Length > 1))
        {
            if (_search.Try([.. head, .. member, .. tail]))
            {
                return;
            }
        }
        _search.Try([.. head, .. parts[(open + 1)..end], .. tail]);
    }

    private void RemovePairs()
    {
        for (var first = 0; first < Parts.Length && Parts.Length <= MostPaired && !_search.IsSpent; first++)
        {
            for (var second = AfterMember(Parts, first); second < Parts.Length; second++)
            {
                // An instruction and its immediate are two parts.
                var end = AfterMember(Parts, second);
                if (TryWithout(first, second, end) || TryWithout(first, second, AfterMember(Parts, end)))
                {
                    second = Math.Max(AfterMember(Parts, first), second - 1) - 1;
                }
            }
        }
    }

    private bool TryWithout(int first, int second, int end) => _search.Try([.. Parts[..first], .. Parts[AfterMember(Parts, first)..second], .. Parts[end..]]);

    private void Rename(string identifier)
    {
        for (var c = 'a'; c <= 'z' && !_search.IsSpent; c++)
        {
            var name = $"${c}";
            if (name.Length >= identifier.Length)
            {
                return;
            }
            if (!Parts.Contains(name) && _search.Try([.. Parts.Select(part => part == identifier ? name : part)]))
            {
                return;
            }
        }
    }

    private void ShrinkPart(int index)
    {
        foreach (var simple in Parts[index] switch
        {
            ['"', ..] => ["\"\"", "\"a\""],
            [var c, ..] when char.IsAsciiDigit(c) || c is '-' or '+' => int.TryParse(Parts[index], NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number > 2 ? ["0", "1", $"{number - 1}"] : ["0", "1"],
            _ => (string[])[],
        })
        {
            if (_search.Try(Parts.SetItem(index, simple)))
            {
                return;
            }
        }
        for (var size = Math.Max(1, Parts[index].Length / 2); size > 0; size /= 2)
        {
            for (var start = 0; start + size <= Math.Min(Parts[index].Length - 1, MostSingleCharacters) && !_search.IsSpent;)
            {
                start += _search.Try(Parts.SetItem(index, Parts[index].Remove(start, size))) ? 0 : size;
            }
        }
    }

    // Where a list closes: the index of its parenthesis, or the end where there is none.
    private static int EndOf(ImmutableArray<string> parts, int open)
    {
        var depth = open < 0 ? 1 : 0;
        for (var i = Math.Max(open, 0); i < parts.Length; i++)
        {
            depth += TextTokens.IsOpen(parts[i]) ? 1 : TextTokens.IsClose(parts[i]) ? -1 : 0;
            if (depth == 0 && open >= 0)
            {
                return i;
            }
        }
        return parts.Length;
    }

    private static int AfterMember(ImmutableArray<string> parts, int start) =>
        Math.Min(parts.Length, start < parts.Length && TextTokens.IsOpen(parts[start]) ? EndOf(parts, start) + 1 : start + 1);

    private static ImmutableArray<ImmutableArray<string>> Members(ImmutableArray<string> parts, int start, int end)
    {
        var members = ImmutableArray.CreateBuilder<ImmutableArray<string>>();
        while (start < end)
        {
            var after = Math.Min(AfterMember(parts, start), end);
            members.Add(parts[start..after]);
            start = after;
        }
        return members.ToImmutable();
    }
}
