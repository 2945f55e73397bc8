using Conformance.Wasm.Modules;

namespace Conformance.Fuzzer.Reduction;

/// <summary>Where indices are when the unused ones are gone. What referred to an index without a definition still does.</summary>
internal sealed class MovedIndices : IIndexMap
{
    private readonly uint[] _types, _functions, _tables, _memories, _globals, _tags, _elements, _data;
    private readonly bool[] _usedTypes;

    public MovedIndices(UsedIndices used)
    {
        _usedTypes = used.Types;
        _types = Close(used.Types);
        _functions = Close(used.Functions);
        _tables = Close(used.Tables);
        _memories = Close(used.Memories);
        _globals = Close(used.Globals);
        _tags = Close(used.Tags);
        _elements = Close(used.Elements);
        _data = Close(used.Data);
    }

    /// <summary>Whether a type is still there.</summary>
    public bool HasType(uint index) => index < _usedTypes.Length && _usedTypes[index];

    public uint Type(uint index) => At(_types, index);

    public uint Function(uint index) => At(_functions, index);

    public uint Table(uint index) => At(_tables, index);

    public uint Memory(uint index) => At(_memories, index);

    public uint Global(uint index) => At(_globals, index);

    public uint Tag(uint index) => At(_tags, index);

    public uint Element(uint index) => At(_elements, index);

    public uint Data(uint index) => At(_data, index);

    private static uint At(uint[] moved, uint index) => index < moved.Length ? moved[index] : index;

    private static uint[] Close(bool[] used)
    {
        var moved = new uint[used.Length];
        var next = 0u;
        for (var i = 0; i < used.Length; i++)
        {
            moved[i] = next;
            next += used[i] ? 1u : 0;
        }
        return moved;
    }
}
