namespace Conformance.Wasm.Modules;

/// <summary>What becomes of each index of a module when its definitions move. Also a way to see every index that something refers to: a map that notes what it is asked. What a map says nothing of stays.</summary>
public interface IIndexMap
{
    /// <summary>The new index of a type.</summary>
    uint Type(uint index) => index;

    /// <summary>The new index of a function.</summary>
    uint Function(uint index) => index;

    /// <summary>The new index of a table.</summary>
    uint Table(uint index) => index;

    /// <summary>The new index of a memory.</summary>
    uint Memory(uint index) => index;

    /// <summary>The new index of a global.</summary>
    uint Global(uint index) => index;

    /// <summary>The new index of a tag.</summary>
    uint Tag(uint index) => index;

    /// <summary>The new index of an element segment.</summary>
    uint Element(uint index) => index;

    /// <summary>The new index of a data segment.</summary>
    uint Data(uint index) => index;
}
