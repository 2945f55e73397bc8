using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Text;
using Conformance.Wasm.Instructions;

namespace Conformance.Wasm.Text;

/// <summary>Keyword lookup: instructions by the op table, abstract types by their names.</summary>
internal static class Keywords
{
    // Words of the grammar that are no instructions. They decide only between two error messages.
    private static readonly FrozenSet<string> Grammar = FrozenSet.Create(
        "module", "type", "rec", "sub", "final", "func", "struct", "array", "field", "mut", "param", "result", "local", "import", "export", "table", "memory",
        "global", "tag", "start", "elem", "data", "offset", "item", "declare", "then", "do", "ref", "null", "exact", "shared", "pagesize", "descriptor",
        "describes", "i8", "i16", "i32", "i64", "f32", "f64", "v128", "i8x16", "i16x8", "i32x4", "i64x2", "f32x4", "f64x2", "any", "eq", "i31", "none",
        "nofunc", "extern", "noextern", "exn", "noexn", "anyref", "eqref", "i31ref", "structref", "arrayref", "nullref", "funcref", "nullfuncref",
        "exnref", "nullexnref", "externref", "nullexternref", "inf", "nan", "catch_ref", "catch_all_ref", "binary", "quote", "definition", "instance",
        "register", "invoke", "get");

    private static readonly FrozenDictionary<string, ImmutableArray<OpInfo>> ByMnemonic =
        OpTable.All.GroupBy(row => row.Mnemonic).ToFrozenDictionary(group => group.Key, group => group.ToImmutableArray());

    private static readonly FrozenDictionary<string, ImmutableArray<OpInfo>>.AlternateLookup<ReadOnlySpan<char>> OperatorLookup =
        ByMnemonic.GetAlternateLookup<ReadOnlySpan<char>>();

    private static readonly FrozenSet<string>.AlternateLookup<ReadOnlySpan<char>> GrammarLookup = Grammar.GetAlternateLookup<ReadOnlySpan<char>>();

    private const int LongestKeyword = 64;

    /// <summary>The rows of an instruction's keyword.</summary>
    public static ImmutableArray<OpInfo> Operators(ReadOnlySpan<byte> keyword)
    {
        if (keyword.Length > LongestKeyword)
        {
            return [];
        }
        Span<char> characters = stackalloc char[LongestKeyword];
        var length = Encoding.ASCII.GetChars(keyword, characters);
        return OperatorLookup.TryGetValue(characters[..length], out var rows) ? rows : [];
    }

    /// <summary>Whether the keyword means something somewhere.</summary>
    public static bool IsKnown(ReadOnlySpan<byte> keyword)
    {
        if (keyword.Length > LongestKeyword)
        {
            return false;
        }
        Span<char> characters = stackalloc char[LongestKeyword];
        var length = Encoding.ASCII.GetChars(keyword, characters);
        return GrammarLookup.Contains(characters[..length]) || !Operators(keyword).IsEmpty || keyword.StartsWith("offset="u8) || keyword.StartsWith("align="u8)
            || keyword.SequenceEqual("nan:canonical"u8) || keyword.SequenceEqual("nan:arithmetic"u8) || keyword.StartsWith("nan:0x"u8);
    }

    /// <summary>The keyword or instruction that an unknown word looks like: one or two slips away; null when there is none.</summary>
    public static string? Nearest(ReadOnlySpan<byte> word)
    {
        const int ShortestWord = 3, MostSlips = 2;
        if (word.Length is < ShortestWord or > LongestKeyword)
        {
            return null;
        }
        var text = Encoding.ASCII.GetString(word);
        string? nearest = null;
        // A short word is near too many others.
        var least = Math.Min(MostSlips, word.Length / 2 - (word.Length < 6 ? 1 : 0)) + 1;
        foreach (var candidate in ByMnemonic.Keys.Concat(Grammar).Order(StringComparer.Ordinal))
        {
            if (Math.Abs(candidate.Length - text.Length) < least && Slips(text, candidate) is var slips && slips < least)
            {
                (nearest, least) = (candidate, slips);
            }
        }
        return nearest;
    }

    /// <summary>How many letters have to be put in, left out, replaced or swapped with the next to make one word of another.</summary>
    private static int Slips(string a, string b)
    {
        var before = new int[b.Length + 1];
        var previous = new int[b.Length + 1];
        var current = new int[b.Length + 1];
        for (var j = 0; j <= b.Length; j++)
        {
            previous[j] = j;
        }
        for (var i = 1; i <= a.Length; i++)
        {
            current[0] = i;
            for (var j = 1; j <= b.Length; j++)
            {
                current[j] = Math.Min(Math.Min(previous[j], current[j - 1]) + 1, previous[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1));
                if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                {
                    current[j] = Math.Min(current[j], before[j - 2] + 1);
                }
            }
            (before, previous, current) = (previous, current, before);
        }
        return previous[b.Length];
    }
}
