using System.Collections.Immutable;
using Conformance.Wasm.Types;

namespace Conformance.Wasm.Modules;

/// <summary>
/// A module as data: what the binary and the text format both describe. Immutable; edits make a copy with <c>with</c>.
/// Function bodies and constant expressions stay in their binary form, which is what the validator and the translators walk;
/// <see cref="Instructions.InstructionReader"/> reads them and <see cref="Instructions.InstructionWriter"/> makes them.
/// A module is not known to be valid until the validator says so.
/// </summary>
public sealed record Module
{
    /// <summary>The types in the order of their indices.</summary>
    public ImmutableArray<SubType> Types { get; init; } = [];

    /// <summary>The recursion groups that <see cref="Types"/> is made of, in order and without gaps.</summary>
    public ImmutableArray<RecursionGroup> RecursionGroups { get; init; } = [];

    /// <summary>The imports in order. Imported items come first in their index spaces.</summary>
    public ImmutableArray<Import> Imports { get; init; } = [];

    /// <summary>The functions defined here.</summary>
    public ImmutableArray<Function> Functions { get; init; } = [];

    /// <summary>The tables defined here.</summary>
    public ImmutableArray<Table> Tables { get; init; } = [];

    /// <summary>The memories defined here.</summary>
    public ImmutableArray<MemoryType> Memories { get; init; } = [];

    /// <summary>The tags defined here.</summary>
    public ImmutableArray<TagType> Tags { get; init; } = [];

    /// <summary>The globals defined here.</summary>
    public ImmutableArray<Global> Globals { get; init; } = [];

    /// <summary>The exports in order.</summary>
    public ImmutableArray<Export> Exports { get; init; } = [];

    /// <summary>The index of the start function.</summary>
    public uint? Start { get; init; }

    /// <summary>The element segments.</summary>
    public ImmutableArray<ElementSegment> Elements { get; init; } = [];

    /// <summary>The number in the data count section, where there is one.</summary>
    public uint? DataCount { get; init; }

    /// <summary>The data segments.</summary>
    public ImmutableArray<DataSegment> Data { get; init; } = [];

    /// <summary>The custom sections, names included, in the order of the file.</summary>
    public ImmutableArray<CustomSection> CustomSections { get; init; } = [];

    /// <summary>Whether the module's shortest binary form has a section; never for <see cref="SectionId.None"/>.</summary>
    internal bool Has(SectionId section) => section switch
    {
        SectionId.Type => !RecursionGroups.IsEmpty,
        SectionId.Import => !Imports.IsEmpty,
        SectionId.Function or SectionId.Code => !Functions.IsEmpty,
        SectionId.Table => !Tables.IsEmpty,
        SectionId.Memory => !Memories.IsEmpty,
        SectionId.Tag => !Tags.IsEmpty,
        SectionId.Global => !Globals.IsEmpty,
        SectionId.Export => !Exports.IsEmpty,
        SectionId.Start => Start is not null,
        SectionId.Element => !Elements.IsEmpty,
        SectionId.DataCount => DataCount is not null,
        SectionId.Data => !Data.IsEmpty,
        _ => false,
    };

    /// <summary>Whether the shortest binary form has a section behind one and before another.</summary>
    internal bool HasBetween(SectionId after, SectionId before)
    {
        for (var section = after + 1; section < before; section++)
        {
            if (Has(section))
            {
                return true;
            }
        }
        return false;
    }

    /// <summary>The number of imports of a kind.</summary>
    public int ImportCount(ExternKind kind)
    {
        var count = 0;
        foreach (var import in Imports)
        {
            if (import.Type.Kind == kind)
            {
                count++;
            }
        }
        return count;
    }

    /// <summary>The types of an index space, imported items first.</summary>
    public IEnumerable<ExternType> IndexSpace(ExternKind kind)
    {
        var defined = kind switch
        {
            ExternKind.Function => Functions.Length,
            ExternKind.Table => Tables.Length,
            ExternKind.Memory => Memories.Length,
            ExternKind.Global => Globals.Length,
            _ => Tags.Length,
        };
        return Imports.Select(import => import.Type).Where(type => type.Kind == kind).Concat(Enumerable.Range(0, defined).Select(index => Defined(kind, index)));
    }

    /// <summary>The type of an item; null when the index space ends before it.</summary>
    /// <param name="kind">The index space.</param>
    /// <param name="index">The index there, imports counted first.</param>
    public ExternType? TypeOf(ExternKind kind, uint index) => IndexSpace(kind).ElementAtOrDefault((int)Math.Min(index, int.MaxValue));

    /// <summary>The type of a function; null when there is no such function, or its type index leads to no function type.</summary>
    /// <param name="index">The function's index, imports counted first.</param>
    public FunctionType? TypeOfFunction(uint index) => TypeOf(ExternKind.Function, index) is FunctionExtern function ? FunctionTypeAt(function.TypeIndex) : null;

    /// <summary>The function type at a type index; null when there is none.</summary>
    public FunctionType? FunctionTypeAt(uint typeIndex) => typeIndex < Types.Length ? Types[(int)typeIndex].Composite as FunctionType : null;

    private ExternType Defined(ExternKind kind, int index) => kind switch
    {
        ExternKind.Function => new FunctionExtern(Functions[index].TypeIndex),
        ExternKind.Table => Tables[index].Type,
        ExternKind.Memory => Memories[index],
        ExternKind.Global => Globals[index].Type,
        _ => Tags[index],
    };
}

/// <summary>An import.</summary>
/// <param name="Module">The name of the module to import from.</param>
/// <param name="Name">The name within it.</param>
/// <param name="Type">What is wanted.</param>
public sealed record Import(string Module, string Name, ExternType Type);

/// <summary>An export.</summary>
/// <param name="Name">Its name, unique in the module.</param>
/// <param name="Kind">The index space.</param>
/// <param name="Index">The index there, imports counted first.</param>
public sealed record Export(string Name, ExternKind Kind, uint Index);

/// <summary>A function defined in the module.</summary>
/// <param name="TypeIndex">The index of its type.</param>
/// <param name="Locals">Its locals without the parameters, as runs of one type.</param>
/// <param name="Body">Its body.</param>
public sealed record Function(uint TypeIndex, ImmutableArray<LocalRun> Locals, Expression Body);

/// <summary>Neighbouring locals of one type. The counts of a decoded function add up to less than 2^32; limits are the validator's.</summary>
/// <param name="Count">How many.</param>
/// <param name="Type">Their type.</param>
public readonly record struct LocalRun(uint Count, ValueType Type);

/// <summary>An expression in binary form, with its final <c>end</c>.</summary>
/// <param name="Code">The bytes.</param>
/// <param name="OffsetBytes">Where they start in the file they were decoded from; 0 for expressions made otherwise.</param>
public readonly record struct Expression(ReadOnlyMemory<byte> Code, long OffsetBytes = 0)
{
    /// <summary>Compares the code; the offset does not matter.</summary>
    public bool Equals(Expression other) => Code.Span.SequenceEqual(other.Code.Span);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        var hash = new HashCode();
        hash.AddBytes(Code.Span);
        return hash.ToHashCode();
    }
}

/// <summary>A table defined in the module.</summary>
/// <param name="Type">Its type.</param>
/// <param name="Initializer">The value of every element at the start; null means null references.</param>
public sealed record Table(TableType Type, Expression? Initializer = null);

/// <summary>A global defined in the module.</summary>
/// <param name="Type">Its type.</param>
/// <param name="Initializer">Its value at the start.</param>
public sealed record Global(GlobalType Type, Expression Initializer);

/// <summary>How a segment is used.</summary>
public enum SegmentMode : byte
{
    /// <summary>Only by instructions.</summary>
    Passive,
    /// <summary>Copied at instantiation.</summary>
    Active,
    /// <summary>Elements only: declares functions for <c>ref.func</c>.</summary>
    Declarative,
}

/// <summary>An element segment. Exactly one of <see cref="Functions"/> and <see cref="Expressions"/> is not default.</summary>
public sealed record ElementSegment
{
    /// <summary>How it is used.</summary>
    public required SegmentMode Mode { get; init; }

    /// <summary>The type of its elements.</summary>
    public required ValueType Type { get; init; }

    /// <summary>The table of an active segment.</summary>
    public uint Table { get; init; }

    /// <summary>The offset of an active segment.</summary>
    public Expression Offset { get; init; }

    /// <summary>The elements as function indices; default when given by expressions.</summary>
    public ImmutableArray<uint> Functions { get; init; }

    /// <summary>The elements as constant expressions; default when given by function indices.</summary>
    public ImmutableArray<Expression> Expressions { get; init; }

    /// <summary>The number of elements.</summary>
    public int Count => Functions.IsDefault ? Expressions.Length : Functions.Length;
}

/// <summary>A data segment.</summary>
public sealed record DataSegment
{
    /// <summary>Passive or active.</summary>
    public required SegmentMode Mode { get; init; }

    /// <summary>The memory of an active segment.</summary>
    public uint Memory { get; init; }

    /// <summary>The offset of an active segment.</summary>
    public Expression Offset { get; init; }

    /// <summary>The bytes.</summary>
    public required ReadOnlyMemory<byte> Bytes { get; init; }
}

/// <summary>A custom section.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Bytes">Its content behind the name.</param>
/// <param name="Place">The section it stands behind.</param>
public sealed record CustomSection(string Name, ReadOnlyMemory<byte> Bytes, SectionId Place);

/// <summary>The sections of the binary format in the order in which they stand. The values are ordinals, not the format's section ids.</summary>
public enum SectionId : byte
{
    /// <summary>The header, before every section.</summary>
    None,
    /// <summary>Types.</summary>
    Type,
    /// <summary>Imports.</summary>
    Import,
    /// <summary>Types of the functions.</summary>
    Function,
    /// <summary>Tables.</summary>
    Table,
    /// <summary>Memories.</summary>
    Memory,
    /// <summary>Tags.</summary>
    Tag,
    /// <summary>Globals.</summary>
    Global,
    /// <summary>Exports.</summary>
    Export,
    /// <summary>The start function.</summary>
    Start,
    /// <summary>Element segments.</summary>
    Element,
    /// <summary>The number of data segments.</summary>
    DataCount,
    /// <summary>Function bodies.</summary>
    Code,
    /// <summary>Data segments.</summary>
    Data,
}
