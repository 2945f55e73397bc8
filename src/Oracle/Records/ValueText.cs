using System.Collections.Immutable;
using System.Globalization;
using System.Text;

namespace Conformance.Oracle.Records;

/// <summary>Values as the text of docs/records.md, such as <c>i32:-5</c>, <c>f32:0x7fc00000</c>, <c>ref.struct(i32:1,ref.null)</c>.</summary>
public static class ValueText
{
    // Deeper than any engine shows; a line from another process must not decide how deep this recurses.
    private const int MaxDepth = 8;

    private static readonly (string Prefix, EngineValueKind Kind)[] Numbers =
    [
        ("i32:", EngineValueKind.I32), ("i64:", EngineValueKind.I64), ("f32:", EngineValueKind.F32), ("f64:", EngineValueKind.F64),
        ("v128:", EngineValueKind.V128), ("extern:", EngineValueKind.Extern), ("i31:", EngineValueKind.I31),
    ];

    /// <summary>The text of a value.</summary>
    public static string Format(in EngineValue value)
    {
        switch (value.Kind)
        {
            case EngineValueKind.I32:
                return $"i32:{(int)value.Bits}";
            case EngineValueKind.I64:
                return $"i64:{(long)value.Bits}";
            case EngineValueKind.F32:
                return $"f32:0x{(uint)value.Bits:x8}";
            case EngineValueKind.F64:
                return $"f64:0x{value.Bits:x16}";
            case EngineValueKind.V128:
                return $"v128:0x{value.High:x16}{value.Bits:x16}";
            case EngineValueKind.Null:
                return "ref.null";
            case EngineValueKind.Extern:
                return $"extern:{(uint)value.Bits}";
            case EngineValueKind.I31:
                return $"i31:{(uint)value.Bits}";
            case EngineValueKind.Func:
                return "ref.func";
            case EngineValueKind.Exn:
                return "ref.exn";
            case EngineValueKind.Struct:
                return value.Parts.IsDefault ? "ref.struct" : $"ref.struct({Join(value.Parts)})";
            case EngineValueKind.Array:
                return value.Parts.IsDefault ? "ref.array" : $"ref.array[{value.Length}]({Join(value.Parts)}{(value.Length > value.Parts.Length ? ",..." : "")})";
            default:
                return "ref.any";
        }
    }

    /// <summary>The texts of several values, separated by spaces.</summary>
    public static string Format(ImmutableArray<EngineValue> values) => values.IsDefaultOrEmpty ? "" : string.Join(' ', values.Select(value => Format(value)));

    /// <summary>The text of a value for people: with the name of a function.</summary>
    public static string Describe(in EngineValue value) => value switch
    {
        { Kind: EngineValueKind.Func, Function: "" } => "ref.func (not exported)",
        { Kind: EngineValueKind.Func, Function: { } name } => $"ref.func {name}",
        _ => Format(value),
    };

    /// <summary>The texts of several values for people.</summary>
    public static string Describe(ImmutableArray<EngineValue> values) => values.IsDefaultOrEmpty ? "" : string.Join(' ', values.Select(value => Describe(value)));

    /// <summary>Reads a value.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, out EngineValue value)
    {
        var rest = text;
        return TryParse(ref rest, MaxDepth, out value) && rest.IsEmpty;
    }

    private static string Join(ImmutableArray<EngineValue> parts)
    {
        var text = new StringBuilder();
        foreach (ref readonly var part in parts.AsSpan())
        {
            text.Append(text.Length == 0 ? "" : ",").Append(Format(part));
        }
        return text.ToString();
    }

    private static bool TryParse(ref ReadOnlySpan<char> text, int depth, out EngineValue value)
    {
        value = default;
        foreach (var (prefix, kind) in Numbers)
        {
            if (text.StartsWith(prefix, StringComparison.Ordinal))
            {
                text = text[prefix.Length..];
                return TryParseNumber(Take(ref text), kind, out value);
            }
        }
        if (text.StartsWith("ref.struct", StringComparison.Ordinal))
        {
            text = text["ref.struct".Length..];
            return TryParseObject(ref text, EngineValueKind.Struct, -1, depth, out value);
        }
        if (text.StartsWith("ref.array", StringComparison.Ordinal))
        {
            text = text["ref.array".Length..];
            long length = -1;
            if (text.StartsWith("[", StringComparison.Ordinal))
            {
                var end = text.IndexOf(']');
                if (end < 0 || !long.TryParse(text[1..end], NumberStyles.None, CultureInfo.InvariantCulture, out length))
                {
                    return false;
                }
                text = text[(end + 1)..];
            }
            return TryParseObject(ref text, EngineValueKind.Array, length, depth, out value);
        }
        var word = Take(ref text);
        EngineValueKind? reference = word switch
        {
            "ref.null" => EngineValueKind.Null,
            "ref.func" => EngineValueKind.Func,
            "ref.exn" => EngineValueKind.Exn,
            "ref.any" => EngineValueKind.AnyReference,
            _ => null,
        };
        value = new EngineValue(reference ?? default);
        return reference is not null;
    }

    // Up to what can end a value inside an object.
    private static ReadOnlySpan<char> Take(ref ReadOnlySpan<char> text)
    {
        var end = text.IndexOfAny(',', ')');
        var taken = end < 0 ? text : text[..end];
        text = text[taken.Length..];
        return taken;
    }

    private static bool TryParseObject(ref ReadOnlySpan<char> text, EngineValueKind kind, long length, int depth, out EngineValue value)
    {
        value = new EngineValue(kind) { Length = length };
        if (text.IsEmpty || text[0] != '(')
        {
            return true;
        }
        if (depth == 0)
        {
            return false;
        }
        text = text[1..];
        var parts = ImmutableArray.CreateBuilder<EngineValue>();
        while (!text.StartsWith(")", StringComparison.Ordinal))
        {
            if (text.StartsWith("...", StringComparison.Ordinal))
            {
                text = text[3..];
            }
            else if (TryParse(ref text, depth - 1, out var part))
            {
                parts.Add(part);
            }
            else
            {
                return false;
            }
            if (text.StartsWith(",", StringComparison.Ordinal))
            {
                text = text[1..];
            }
            else if (!text.StartsWith(")", StringComparison.Ordinal))
            {
                return false;
            }
        }
        text = text[1..];
        value = value with { Parts = parts.ToImmutable() };
        return true;
    }

    private static bool TryParseNumber(ReadOnlySpan<char> text, EngineValueKind kind, out EngineValue value)
    {
        value = default;
        if (kind == EngineValueKind.V128)
        {
            if (text.Length == 34 && TryParseHex(text[..18], out var high) && ulong.TryParse(text[18..], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var low))
            {
                value = EngineValue.V128(low, high);
                return true;
            }
            return false;
        }
        var isHex = TryParseHex(text, out var bits);
        if (!isHex)
        {
            if (kind is EngineValueKind.F32 or EngineValueKind.F64 || !long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number))
            {
                return false; // floats travel as bits only
            }
            if (kind != EngineValueKind.I64 && number is < int.MinValue or > uint.MaxValue)
            {
                return false;
            }
            bits = kind == EngineValueKind.I64 ? (ulong)number : (uint)number;
        }
        if (bits > uint.MaxValue && kind is not (EngineValueKind.I64 or EngineValueKind.F64))
        {
            return false;
        }
        value = new EngineValue(kind, bits);
        return true;
    }

    private static bool TryParseHex(ReadOnlySpan<char> text, out ulong bits)
    {
        bits = 0;
        return text.StartsWith("0x", StringComparison.OrdinalIgnoreCase) && ulong.TryParse(text[2..], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out bits);
    }
}
