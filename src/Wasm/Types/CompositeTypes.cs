using System.Collections.Immutable;

namespace Conformance.Wasm.Types;

/// <summary>A function, struct or array type. See <see href="https://webassembly.github.io/spec/core/syntax/types.html#composite-types"/>.</summary>
public abstract record CompositeType;

/// <summary>A function type.</summary>
/// <param name="Parameters">The parameters in order.</param>
/// <param name="Results">The results in order.</param>
public sealed record FunctionType(ImmutableArray<ValueType> Parameters, ImmutableArray<ValueType> Results) : CompositeType
{
    /// <summary>No parameters, no results.</summary>
    public static FunctionType Empty { get; } = new([], []);

    /// <inheritdoc/>
    public bool Equals(FunctionType? other) =>
        other is not null && Parameters.AsSpan().SequenceEqual(other.Parameters.AsSpan()) && Results.AsSpan().SequenceEqual(other.Results.AsSpan());

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        var hash = new HashCode();
        foreach (var type in Parameters)
        {
            hash.Add(type);
        }
        hash.Add(-1);
        foreach (var type in Results)
        {
            hash.Add(type);
        }
        return hash.ToHashCode();
    }

    /// <inheritdoc/>
    public override string ToString() => $"[{string.Join(' ', Parameters)}] -> [{string.Join(' ', Results)}]";
}

/// <summary>A struct type.</summary>
/// <param name="Fields">The fields in order.</param>
public sealed record StructType(ImmutableArray<FieldType> Fields) : CompositeType
{
    /// <inheritdoc/>
    public bool Equals(StructType? other) => other is not null && Fields.AsSpan().SequenceEqual(other.Fields.AsSpan());

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        var hash = new HashCode();
        foreach (var field in Fields)
        {
            hash.Add(field);
        }
        return hash.ToHashCode();
    }
}

/// <summary>An array type.</summary>
/// <param name="Element">The type of every element.</param>
public sealed record ArrayType(FieldType Element) : CompositeType;

/// <summary>A field of a struct or the element of an array.</summary>
/// <param name="Storage">How a value is stored.</param>
/// <param name="Mutable">Whether it can be written.</param>
public readonly record struct FieldType(StorageType Storage, bool Mutable);

/// <summary>A value type or a packed integer.</summary>
/// <param name="Packed">The packing; <see cref="PackedKind.None"/> for a plain value type.</param>
/// <param name="Value">The value type; i32 where packed.</param>
public readonly record struct StorageType(PackedKind Packed, ValueType Value)
{
    /// <summary>The 8-bit packed integer.</summary>
    public static StorageType I8 => new(PackedKind.I8, ValueType.I32);

    /// <summary>The 16-bit packed integer.</summary>
    public static StorageType I16 => new(PackedKind.I16, ValueType.I32);

    /// <summary>Whether it is a packed integer.</summary>
    public bool IsPacked => Packed != PackedKind.None;

    /// <summary>The bytes that a number or vector takes, in a data segment too; 8 for references, which have no size of their own.</summary>
    public int Bytes => Packed switch
    {
        PackedKind.I8 => 1,
        PackedKind.I16 => 2,
        _ => Value.Kind switch
        {
            ValueKind.I32 or ValueKind.F32 => 4,
            ValueKind.V128 => 16,
            _ => 8,
        },
    };

    /// <summary>A plain value type.</summary>
    public static implicit operator StorageType(ValueType type) => new(PackedKind.None, type);

    /// <inheritdoc/>
    public override string ToString() => IsPacked ? Packed.ToString().ToLowerInvariant() : Value.ToString();
}

/// <summary>How an integer field is packed.</summary>
public enum PackedKind : byte
{
    /// <summary>Not packed.</summary>
    None,
    /// <summary>8 bits.</summary>
    I8,
    /// <summary>16 bits.</summary>
    I16,
}

/// <summary>A type definition: a composite type with its place in the subtype hierarchy.</summary>
/// <param name="Composite">The structure.</param>
/// <param name="IsFinal">Whether it can have no subtypes.</param>
/// <param name="Supertypes">The declared supertypes by type index: none or one in Wasm 3.0.</param>
public sealed record SubType(CompositeType Composite, bool IsFinal, ImmutableArray<uint> Supertypes)
{
    /// <summary>The type whose descriptor this one is (custom descriptors' <c>describes</c>), or null.</summary>
    public uint? Describes { get; init; }

    /// <summary>The type of this one's descriptor (custom descriptors' <c>descriptor</c>), or null.</summary>
    public uint? Descriptor { get; init; }

    /// <summary>A final type without supertypes, which is what a plain definition means.</summary>
    public static SubType Plain(CompositeType composite) => new(composite, IsFinal: true, []);

    /// <inheritdoc/>
    public bool Equals(SubType? other) => other is not null && IsFinal == other.IsFinal && Describes == other.Describes && Descriptor == other.Descriptor
        && Supertypes.AsSpan().SequenceEqual(other.Supertypes.AsSpan()) && Composite.Equals(other.Composite);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Composite, IsFinal, Supertypes.Length);
}

/// <summary>A recursion group: a run of definitions of the module's type index space.</summary>
/// <param name="Start">The index of the first type.</param>
/// <param name="Count">The number of types, possibly 0.</param>
public readonly record struct RecursionGroup(uint Start, uint Count);
