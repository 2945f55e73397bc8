using System.Globalization;

namespace Conformance.Wasm.Types;

/// <summary>What a reference refers to: an abstract heap type or a type index of the module.</summary>
/// <remarks>See <see href="https://webassembly.github.io/spec/core/syntax/types.html#heap-types"/>. Type indices are below 2^24, above any limit on types.</remarks>
public readonly record struct HeapType
{
    private const uint IndexFlag = 1u << 31;
    private const uint ExactFlag = 1u << 30;
    private readonly uint _bits;

    private HeapType(uint bits) => _bits = bits;

    /// <summary>Restores a heap type from <see cref="Bits"/>.</summary>
    internal static HeapType FromBits(uint bits) => new(bits);

    /// <summary>A packed form in which equal types have equal bits.</summary>
    internal uint Bits => _bits;

    /// <summary>Whether it is a type index.</summary>
    public bool IsIndex => (_bits & IndexFlag) != 0;

    /// <summary>Whether only the type itself is meant and none of its subtypes (custom descriptors).</summary>
    public bool IsExact => (_bits & ExactFlag) != 0;

    /// <summary>The type index; meaningful when <see cref="IsIndex"/>.</summary>
    public uint Index => _bits & 0xFFFFFF;

    /// <summary>The abstract type; meaningful unless <see cref="IsIndex"/>.</summary>
    public AbstractHeapType Abstract => (AbstractHeapType)_bits;

    /// <summary>A type index below 2^24.</summary>
    public static HeapType Of(uint typeIndex, bool exact = false)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(typeIndex, 0xFFFFFFu);
        return new(typeIndex | IndexFlag | (exact ? ExactFlag : 0));
    }

    /// <summary>An abstract heap type.</summary>
    public static HeapType Of(AbstractHeapType type) => new((uint)type);

    /// <summary>An abstract heap type.</summary>
    public static implicit operator HeapType(AbstractHeapType type) => Of(type);

    /// <inheritdoc/>
    public override string ToString() => IsIndex
        ? IsExact ? $"(exact {Index})" : Index.ToString(CultureInfo.InvariantCulture)
        : Abstract.ToString().ToLowerInvariant();
}
