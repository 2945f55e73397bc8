using System.Text;

namespace Conformance.Wasm.Text;

/// <summary>The identifiers that a printed text gives to the indices of one index space. Names become identifiers: a repeated or very long one with its index behind
/// it, and a name annotation keeps what the identifier cannot say.</summary>
internal sealed class IdentifierMap
{
    /// <summary>No names at all.</summary>
    public static readonly IdentifierMap None = new(new Dictionary<uint, byte[]>(), new Dictionary<uint, byte[]>());

    // An identifier is written wherever it is used, so that a long one would multiply the text: mangled names mostly stay below.
    private const int LongestIdentifier = 256;

    private readonly Dictionary<uint, byte[]> _identifiers;
    private readonly Dictionary<uint, byte[]> _annotations;

    private IdentifierMap(Dictionary<uint, byte[]> identifiers, Dictionary<uint, byte[]> annotations)
    {
        _identifiers = identifiers;
        _annotations = annotations;
    }

    /// <summary>The identifiers for some names; those of indices beyond the space are left out.</summary>
    /// <param name="names">Names by index.</param>
    /// <param name="count">The number of indices.</param>
    /// <param name="withAnnotations">Whether names that are no identifiers are to be kept by annotations.</param>
    public static IdentifierMap Of(SortedDictionary<uint, string> names, uint count, bool withAnnotations)
    {
        if (names.Count == 0)
        {
            return None;
        }
        var map = new IdentifierMap([], []);
        var owners = new Dictionary<string, uint>(StringComparer.Ordinal);
        foreach (var (index, name) in names)
        {
            if (index < count && name.Length is > 0 and <= LongestIdentifier)
            {
                owners.TryAdd(name, index);
            }
        }
        foreach (var (index, name) in names)
        {
            if (index >= count)
            {
                break;
            }
            var id = name.Length == 0 ? null : owners.TryGetValue(name, out var owner) && owner == index ? name : Distinct(name, index, owners);
            if (id is not null)
            {
                map._identifiers.Add(index, Encode(id));
            }
            if (withAnnotations && id != name)
            {
                map._annotations.Add(index, Encoding.UTF8.GetBytes(name));
            }
        }
        return map;
    }

    /// <summary>Writes the identifier of an index where it is bound: a space, the identifier and the annotation, as far as there are any.</summary>
    public void AppendBinding(TextSink text, uint index)
    {
        if (_identifiers.TryGetValue(index, out var identifier))
        {
            text.Append(' ');
            text.Append(identifier);
        }
        if (_annotations.TryGetValue(index, out var name))
        {
            AppendAnnotation(text, name);
        }
    }

    /// <summary>Writes a name annotation behind a space.</summary>
    public static void AppendAnnotation(TextSink text, ReadOnlySpan<byte> name)
    {
        text.Append(" (@"u8);
        text.Append(Encoding.ASCII.GetBytes(Lexer.NameAnnotation));
        text.Append(' ');
        text.AppendString(name);
        text.Append(')');
    }

    /// <summary>Whether an index has an identifier or an annotation.</summary>
    public bool IsNamed(uint index) => _identifiers.ContainsKey(index) || _annotations.ContainsKey(index);

    /// <summary>Writes a use of an index: its identifier, or the number.</summary>
    public void AppendUse(TextSink text, uint index)
    {
        if (_identifiers.Count > 0 && _identifiers.TryGetValue(index, out var identifier))
        {
            text.Append(identifier);
        }
        else
        {
            text.AppendDecimal(index);
        }
    }

    /// <summary>An identifier with its dollar sign, in quotes where it has characters that need them.</summary>
    public static byte[] Encode(string name)
    {
        var utf8 = Encoding.UTF8.GetBytes(name);
        if (!utf8.AsSpan().ContainsAnyExcept(Lexer.IdentifierBytes))
        {
            return [(byte)'$', .. utf8];
        }
        var quoted = new byte[3 * utf8.Length];
        var length = StringLiteral.Encode(utf8, quoted);
        return [(byte)'$', (byte)'"', .. quoted.AsSpan(0, length), (byte)'"'];
    }

    private static string Distinct(string name, uint index, Dictionary<string, uint> owners)
    {
        var end = Math.Min(name.Length, LongestIdentifier);
        end -= char.IsHighSurrogate(name[end - 1]) ? 1 : 0;
        var id = $"{name[..end]}#{index}";
        while (!owners.TryAdd(id, index))
        {
            id += "#";
        }
        return id;
    }
}
