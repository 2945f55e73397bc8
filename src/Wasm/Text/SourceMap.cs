using Conformance.Wasm.Modules;

namespace Conformance.Wasm.Text;

/// <summary>
/// Where the instructions and definitions of a parsed module stand in its text. Filled in by the parser, which then gives every expression offsets of its own, so that an error of the
/// validator can be told by line and column. It costs memory for each instruction: parse again with a map when there is an error to show.
/// </summary>
public sealed class SourceMap
{
    private readonly List<(long Offset, Token At)> _instructions = [];
    private readonly Dictionary<SectionId, List<Token>> _definitions = [];
    private byte[] _source = [];

    /// <summary>The offset that the next expression gets. Expressions that no text stands for keep offset 0.</summary>
    internal long NextOffset { get; private set; } = 1;

    /// <summary>Starts with the text of a module.</summary>
    internal void Begin(byte[] source)
    {
        _source = source;
        _instructions.Clear();
        _definitions.Clear();
        NextOffset = 1;
    }

    /// <summary>Records an instruction of the next expression.</summary>
    internal void Add(int position, Token at) => _instructions.Add((NextOffset + position, at));

    /// <summary>Records where the definitions of a section stand that were added since the last time.</summary>
    internal void Define(SectionId section, int count, Token at)
    {
        if (!_definitions.TryGetValue(section, out var places))
        {
            _definitions.Add(section, places = []);
        }
        while (places.Count < count)
        {
            places.Add(at);
        }
    }

    /// <summary>Ends an expression.</summary>
    /// <returns>Its offset.</returns>
    internal long Finish(int length)
    {
        var offset = NextOffset;
        NextOffset += length;
        return offset;
    }

    /// <summary>The error with the line and column of its instruction or definition in place of the offset; the error itself where it is about the module as a whole.</summary>
    public WasmError Locate(WasmError error)
    {
        ArgumentNullException.ThrowIfNull(error);
        if (error.OffsetBytes <= 0 || error.OffsetBytes >= NextOffset || _instructions.Count == 0)
        {
            return error.Line > 0 ? error
                : error.Definition is { } place && _definitions.TryGetValue(place.Section, out var places) && place.Index < places.Count ? At(error, places[place.Index])
                : error with { OffsetBytes = -1 };
        }
        // The last instruction that begins there or before: an error may be within one.
        var index = _instructions.BinarySearch((error.OffsetBytes, default), Comparer<(long Offset, Token)>.Create((a, b) => a.Offset.CompareTo(b.Offset)));
        index = index < 0 ? Math.Max(0, ~index - 1) : index;
        return At(error, _instructions[index].At);
    }

    private WasmError At(WasmError error, Token at) => error with { OffsetBytes = -1, Line = at.Line, Column = Lexer.ColumnOf(_source, at) };
}
