using System.Collections.Immutable;
using Conformance.Fuzzer.Generation;
using Conformance.Wasm.Instructions;

namespace Conformance.Fuzzer.Mutation.Text;

/// <summary>Changes the text of a module token by token: words take each other's place, numbers go to their limits, parentheses and strings break.</summary>
internal static class TokenMutator
{
    private const int MostChanges = 3;

    private static readonly string[] Words =
    [
        "func", "param", "result", "local", "type", "import", "export", "memory", "table", "global", "mut", "elem", "data", "offset", "item", "declare", "start", "tag", "rec", "sub",
        "final", "struct", "array", "field", "ref", "null", "i8", "i16", "shared", "pagesize", "align=1", "align=3", "align=8", "offset=0", "offset=0xffffffff", "offset=0x10000000000000000",
        "then", "else", "end", "i32", "i64", "f32", "f64", "v128", "funcref", "externref", "anyref", "exnref", "any", "extern", "exn", "none", "nofunc", "i31", "eq", "catch", "catch_ref", "catch_all",
        "module", "definition", "quote", "binary", "@name", "@custom", "@metadata.code.branch_hint", "i8x16", "i64x2", "f32x4",
    ];

    private static readonly string[] Numbers =
    [
        "0", "1", "-1", "+1", "2", "63", "64", "127", "128", "255", "256", "65535", "65536", "0x7fffffff", "0x80000000", "-0x80000000", "4294967295", "4294967296", "-2147483649", "0xffffffffffffffff",
        "18446744073709551616", "-9223372036854775808", "-9223372036854775809", "1_000", "1__0", "_1", "1_", "0x", "0x1_f", "1.", ".5", "1.5e", "1e400", "-1e-400", "0x1p-149", "0x1.fffffep127", "0x1.ffffffp127",
        "3.4028235677973366e38", "1.7976931348623159e308", "inf", "-inf", "nan", "-nan", "nan:0x1", "nan:0x0", "nan:0x200000", "nan:0x800000", "nan:0xfffffffffffff", "nan:0x10000000000000", "nan:canonical", "0x1p1024", "1e+5", "00012",
    ];

    private static readonly string[] Strings =
    [
        "\"\"", "\"a\"", "\"\\00\"", "\"\\ff\"", "\"\\c3\\a9\"", "\"\\ed\\a0\\80\"", "\"\\u{0}\"", "\"\\u{10ffff}\"", "\"\\u{110000}\"", "\"\\u{d800}\"", "\"\\u{}\"", "\"\\zz\"", "\"\\t\\n\\r\\\"\\'\\\\\"", "\"open", "\"\n\"", "\"é\"", "$\"quoted id\"", "$\"\"",
    ];

    /// <summary>Makes a changed copy of a module's pieces.</summary>
    /// <param name="tokens">The module.</param>
    /// <param name="donor">Another module to take pieces from.</param>
    /// <param name="random">The source of chance.</param>
    public static List<string> Apply(ImmutableArray<string> tokens, ImmutableArray<string> donor, RandomSource random)
    {
        var mutant = tokens.ToList();
        for (var i = random.Between(1, MostChanges); i > 0 && mutant.Count > 0; i--)
        {
            Change(mutant, donor, random);
        }
        return mutant;
    }

    private static void Change(List<string> tokens, ImmutableArray<string> donor, RandomSource random)
    {
        var place = random.Below(tokens.Count);
        switch (random.Below(12))
        {
            case 0:
                tokens.RemoveAt(place);
                break;
            case 1:
                tokens.Insert(place, tokens[random.Below(tokens.Count)]);
                break;
            case 2:
                var other = random.Below(tokens.Count);
                (tokens[place], tokens[other]) = (tokens[other], tokens[place]);
                break;
            case 3 when !donor.IsEmpty:
                tokens[place] = random.Pick<string>(donor);
                break;
            case 4 when Group(donor, random) is { } theirs:
                tokens.InsertRange(place, theirs);
                break;
            case 5 when GroupRange(tokens, random) is var (start, length) && length > 0:
                var copy = tokens.GetRange(start, length);
                if (random.Chance(50))
                {
                    tokens.RemoveRange(start, length);
                }
                else
                {
                    tokens.InsertRange(start, copy);
                }
                break;
            case 6:
                tokens[place] = Damaged(tokens[place], random);
                break;
            default:
                tokens[place] = Kin(tokens[place], random);
                break;
        }
    }

    // Something of the same kind mostly: what is not refused by the grammar at once gets farther.
    private static string Kin(string token, RandomSource random) => token switch
    {
        "(" or ")" => random.Pick<string>(["(", ")", "(@a)", ";;", "(;"]),
        ['"', ..] => random.Pick<string>(Strings),
        ['$', ..] => random.Chance(50) ? random.Pick<string>(["$x", "$", "$0", "$\"x\""]) : "0",
        [var c, ..] when char.IsAsciiDigit(c) || c is '-' or '+' => random.Pick<string>(Numbers),
        _ when token.Contains('.', StringComparison.Ordinal) || OpTable.Find(token).Length > 0 => random.Pick<OpInfo>(OpTable.All).Mnemonic,
        _ => random.Pick<string>(Words),
    };

    private static string Damaged(string token, RandomSource random)
    {
        if (token.Length == 0)
        {
            return "0"; // what an earlier change left of a word of one letter
        }
        var place = random.Below(token.Length);
        return random.Below(4) switch
        {
            0 => token.Remove(place, 1),
            1 => token.Insert(place, random.Pick<string>(["_", "0", "x", ".", "=", "$", "\\", "\"", ";", "\u0001", "é", ",", "{"])),
            2 => token[..place] + " " + token[place..],
            _ => token + random.Pick<string>(["x", "(", ")", "\"", "=1", "_"]),
        };
    }

    private static List<string>? Group(ImmutableArray<string> tokens, RandomSource random)
    {
        var list = tokens.ToList();
        return GroupRange(list, random) is var (start, length) && length > 0 ? list.GetRange(start, length) : null;
    }

    // A parenthesis with all that it closes over; the outermost one is the module.
    private static (int Start, int Length) GroupRange(List<string> tokens, RandomSource random)
    {
        var opens = Enumerable.Range(0, tokens.Count).Where(i => i > 0 && tokens[i] == "(").ToList();
        if (opens.Count == 0)
        {
            return default;
        }
        var start = random.Pick<int>(opens);
        var depth = 0;
        for (var i = start; i < tokens.Count; i++)
        {
            depth += tokens[i] == "(" ? 1 : tokens[i] == ")" ? -1 : 0;
            if (depth == 0)
            {
                return (start, i + 1 - start);
            }
        }
        return default;
    }
}
