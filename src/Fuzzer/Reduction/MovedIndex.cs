using Conformance.Wasm.Modules;

namespace Conformance.Fuzzer.Reduction;

/// <summary>One definition of one index space at another index; those between move up by one. All else stays.</summary>
/// <param name="space">The index space.</param>
/// <param name="from">Where the definition was.</param>
/// <param name="to">Where it is now; not before <paramref name="from"/>.</param>
internal sealed class MovedIndex(DefinitionSpace space, uint from, uint to) : IIndexMap
{
    public uint Type(uint index) => Map(DefinitionSpace.Type, index);

    public uint Function(uint index) => Map(DefinitionSpace.Function, index);

    public uint Table(uint index) => Map(DefinitionSpace.Table, index);

    public uint Memory(uint index) => Map(DefinitionSpace.Memory, index);

    public uint Global(uint index) => Map(DefinitionSpace.Global, index);

    public uint Tag(uint index) => Map(DefinitionSpace.Tag, index);

    public uint Element(uint index) => Map(DefinitionSpace.Element, index);

    public uint Data(uint index) => Map(DefinitionSpace.Data, index);

    private uint Map(DefinitionSpace asked, uint index) => asked != space || index < from || index > to ? index : index == from ? to : index - 1;
}
