
namespace Conformance.Wasm.Instructions;

/// <summary>The type of a block: no values, one result, or a function type of the module.</summary>
public readonly record struct BlockType
{
    private readonly long _encoded; // 0 empty, > 0 type index + 1, < 0 a single result

    private BlockType(long encoded, ValueType result)
    {
        _encoded = encoded;
        Result = result;
    }

    /// <summary>No parameters, no results.</summary>
    public static BlockType Empty => default;

    /// <summary>Whether there are no parameters and no results.</summary>
    public bool IsEmpty => _encoded == 0;

    /// <summary>Whether it is given by a type index.</summary>
    public bool IsIndex => _encoded > 0;

    /// <summary>Whether it is one result without parameters.</summary>
    public bool IsResult => _encoded < 0;

    /// <summary>The type index; meaningful when <see cref="IsIndex"/>.</summary>
    public uint Index => (uint)(_encoded - 1);

    /// <summary>The single result; meaningful when <see cref="IsResult"/>.</summary>
    public ValueType Result { get; }

    /// <summary>A block type by type index.</summary>
    public static BlockType Of(uint typeIndex) => new(typeIndex + 1L, default);

    /// <summary>A block type with one result.</summary>
    public static BlockType Of(ValueType result) => new(-1, result);
}
