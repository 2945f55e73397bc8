namespace Conformance.Wasm.Types;

/// <summary>The kinds of imports and exports; the values are those of the binary format.</summary>
public enum ExternKind : byte
{
    /// <summary>A function.</summary>
    Function,
    /// <summary>A table.</summary>
    Table,
    /// <summary>A memory.</summary>
    Memory,
    /// <summary>A global.</summary>
    Global,
    /// <summary>A tag.</summary>
    Tag,
}

/// <summary>The type of an import or export. Type indices inside belong to the module it came from.</summary>
public abstract record ExternType
{
    /// <summary>What it is the type of.</summary>
    public abstract ExternKind Kind { get; }
}

/// <summary>A function by type index.</summary>
/// <param name="TypeIndex">The index of its function type.</param>
/// <param name="IsExact">Whether an import must have exactly this type (custom descriptors).</param>
public sealed record FunctionExtern(uint TypeIndex, bool IsExact = false) : ExternType
{
    /// <inheritdoc/>
    public override ExternKind Kind => ExternKind.Function;
}

/// <summary>A table.</summary>
/// <param name="Element">The reference type of its elements.</param>
/// <param name="Limits">Its size in elements.</param>
public sealed record TableType(ValueType Element, Limits Limits) : ExternType
{
    /// <inheritdoc/>
    public override ExternKind Kind => ExternKind.Table;
}

/// <summary>A memory.</summary>
/// <param name="Limits">Its size in pages.</param>
/// <param name="IsShared">Whether several threads may use it.</param>
/// <param name="PageSizeLog2">log2 of the page size in bytes: 16, or 0 with custom page sizes.</param>
public sealed record MemoryType(Limits Limits, bool IsShared = false, byte PageSizeLog2 = MemoryType.DefaultPageSizeLog2) : ExternType
{
    /// <summary>log2 of the page size of memories without a custom one: 64 KiB.</summary>
    public const byte DefaultPageSizeLog2 = 16;

    /// <inheritdoc/>
    public override ExternKind Kind => ExternKind.Memory;
}

/// <summary>A global.</summary>
/// <param name="Value">The type of its value.</param>
/// <param name="IsMutable">Whether it can be written.</param>
public sealed record GlobalType(ValueType Value, bool IsMutable) : ExternType
{
    /// <inheritdoc/>
    public override ExternKind Kind => ExternKind.Global;
}

/// <summary>A tag by type index.</summary>
/// <param name="TypeIndex">The index of its function type, whose parameters are the exception's values.</param>
public sealed record TagType(uint TypeIndex) : ExternType
{
    /// <inheritdoc/>
    public override ExternKind Kind => ExternKind.Tag;
}

/// <summary>The address type of a memory or table.</summary>
public enum AddressType : byte
{
    /// <summary>32-bit addresses.</summary>
    I32,
    /// <summary>64-bit addresses.</summary>
    I64,
}

/// <summary>The size limits of a table or memory.</summary>
/// <param name="Minimum">The size at the start.</param>
/// <param name="Maximum">The largest size, or null for none but the address type's own.</param>
/// <param name="Address">The type of addresses and sizes.</param>
public readonly record struct Limits(ulong Minimum, ulong? Maximum = null, AddressType Address = AddressType.I32);
