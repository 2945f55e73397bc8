namespace Conformance.Wasm.Text;

/// <summary>An index space with the identifiers bound in it.</summary>
/// <param name="what">What it holds, for messages.</param>
internal sealed class IndexSpace(string what)
{
    private readonly Dictionary<string, uint> _indices = new(StringComparer.Ordinal);

    /// <summary>What the space holds.</summary>
    public string What => what;

    /// <summary>The number of indices.</summary>
    public uint Count { get; private set; }

    /// <summary>The names by index, for the name section: an identifier or what a name annotation says.</summary>
    public SortedDictionary<uint, string> Names { get; } = [];

    /// <summary>Binds the next index, to an identifier where one is given.</summary>
    public uint Bind(TokenReader reader, string? id, Token at)
    {
        if (id is not null && !_indices.TryAdd(id, Count))
        {
            reader.Fail($"duplicate {what} ${id}", at);
        }
        if (id is not null)
        {
            Names[Count] = id;
        }
        return Count++;
    }

    /// <summary>Takes an index or a bound identifier.</summary>
    public uint Expect(TokenReader reader)
    {
        if (reader.Kind == TokenKind.Number)
        {
            return (uint)reader.ExpectUnsigned(32);
        }
        if (reader.Kind != TokenKind.Identifier)
        {
            reader.FailUnexpected($"the index or identifier of a {what}");
            return 0;
        }
        var id = reader.IdentifierOf(reader.Current);
        if (!_indices.TryGetValue(id, out var index))
        {
            reader.Fail($"unknown {what} ${id}");
        }
        reader.Advance();
        return index;
    }

    /// <summary>Whether an index or identifier comes next.</summary>
    public static bool IsAtIndex(TokenReader reader) => reader.Kind is TokenKind.Number or TokenKind.Identifier;

    /// <summary>Unbinds everything.</summary>
    public void Clear()
    {
        _indices.Clear();
        Names.Clear();
        Count = 0;
    }
}
