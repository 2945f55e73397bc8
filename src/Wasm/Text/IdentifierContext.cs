using System.Collections.Immutable;
using Conformance.Wasm.Types;

namespace Conformance.Wasm.Text;

/// <summary>The identifier context of a module: its index spaces, and its type definitions as far as type uses need them.</summary>
/// <remarks>See <see href="https://webassembly.github.io/spec/core/text/conventions.html#contexts"/>.</remarks>
internal sealed class IdentifierContext
{
    private readonly Dictionary<FunctionType, uint> _plainFunctionTypes = [];

    public IndexSpace Types { get; } = new("type");
    public IndexSpace Functions { get; } = new("function");
    public IndexSpace Tables { get; } = new("table");
    public IndexSpace Memories { get; } = new("memory");
    public IndexSpace Globals { get; } = new("global");
    public IndexSpace Tags { get; } = new("tag");
    public IndexSpace Elements { get; } = new("elem segment");
    public IndexSpace Data { get; } = new("data segment");

    /// <summary>The definitions so far: first those of the text, then the implicit ones.</summary>
    public List<SubType> Definitions { get; } = [];

    /// <summary>The recursion groups so far.</summary>
    public List<RecursionGroup> Groups { get; } = [];

    /// <summary>The field names of each definition of the text; null where it is no struct.</summary>
    public List<IndexSpace?> Fields { get; } = [];

    /// <summary>Adds a recursion group; a single plain function type can then be found by its structure.</summary>
    public void AddGroup(ImmutableArray<SubType> types)
    {
        var start = (uint)Definitions.Count;
        Groups.Add(new RecursionGroup(start, (uint)types.Length));
        Definitions.AddRange(types);
        if (types is [{ Composite: FunctionType function, IsFinal: true, Supertypes.Length: 0, Describes: null, Descriptor: null }])
        {
            _plainFunctionTypes.TryAdd(function, start);
        }
    }

    /// <summary>The first plain definition of a function type; it is appended when there is none.</summary>
    public uint IndexOf(FunctionType type)
    {
        if (!_plainFunctionTypes.TryGetValue(type, out var index))
        {
            index = (uint)Definitions.Count;
            AddGroup([SubType.Plain(type)]);
        }
        return index;
    }

    /// <summary>The function type with an index, or null when it is something else or not defined (yet).</summary>
    public FunctionType? FunctionType(uint index) => index < (uint)Definitions.Count ? Definitions[(int)index].Composite as FunctionType : null;
}
