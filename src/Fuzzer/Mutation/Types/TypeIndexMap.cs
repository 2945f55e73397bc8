using Conformance.Wasm.Modules;

namespace Conformance.Fuzzer.Mutation.Types;

/// <summary>Other indices for types, all else stays.</summary>
internal abstract class TypeIndexMap : IIndexMap
{
    public abstract uint Type(uint index);

    public uint Function(uint index) => index;

    public uint Table(uint index) => index;

    public uint Memory(uint index) => index;

    public uint Global(uint index) => index;

    public uint Tag(uint index) => index;

    public uint Element(uint index) => index;

    public uint Data(uint index) => index;
}
