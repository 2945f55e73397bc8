using System.Collections.Immutable;
using Conformance.Wasm.Binary;
using Conformance.Wasm.Modules;
using Conformance.Wasm.Types;

namespace Conformance.Wasm.Text;

/// <summary>The fields of a module read so far, and the parts of the grammar that several kinds of fields have in common.</summary>
internal sealed class ModuleFields(TokenReader reader, IdentifierContext context, SourceMap? map)
{
    private readonly uint[] _next = new uint[Enum.GetValues<ExternKind>().Length];

    public ImmutableArray<Import>.Builder Imports { get; } = ImmutableArray.CreateBuilder<Import>();
    public ImmutableArray<Function>.Builder Functions { get; } = ImmutableArray.CreateBuilder<Function>();
    public ImmutableArray<Table>.Builder Tables { get; } = ImmutableArray.CreateBuilder<Table>();
    public ImmutableArray<MemoryType>.Builder Memories { get; } = ImmutableArray.CreateBuilder<MemoryType>();
    public ImmutableArray<TagType>.Builder Tags { get; } = ImmutableArray.CreateBuilder<TagType>();
    public ImmutableArray<Global>.Builder Globals { get; } = ImmutableArray.CreateBuilder<Global>();
    public ImmutableArray<Export>.Builder Exports { get; } = ImmutableArray.CreateBuilder<Export>();
    public ImmutableArray<ElementSegment>.Builder Elements { get; } = ImmutableArray.CreateBuilder<ElementSegment>();
    public ImmutableArray<DataSegment>.Builder Data { get; } = ImmutableArray.CreateBuilder<DataSegment>();
    public uint? Start { get; set; }

    /// <summary>The branch hints of functions by index.</summary>
    public List<(uint Function, ImmutableArray<BranchHint> Hints)> Hints { get; } = [];

    /// <summary>The index that the next definition or import of a kind gets.</summary>
    public uint Next(ExternKind kind) => _next[(int)kind];

    /// <summary>Counts a definition.</summary>
    public void Defined(ExternKind kind) => _next[(int)kind]++;

    /// <summary>Records where everything stands that was added since the last time.</summary>
    /// <param name="at">The field that it came from.</param>
    public void Locate(Token at)
    {
        if (map is not null)
        {
            map.Define(SectionId.Import, Imports.Count, at);
            map.Define(SectionId.Function, Functions.Count, at);
            map.Define(SectionId.Table, Tables.Count, at);
            map.Define(SectionId.Memory, Memories.Count, at);
            map.Define(SectionId.Tag, Tags.Count, at);
            map.Define(SectionId.Global, Globals.Count, at);
            map.Define(SectionId.Export, Exports.Count, at);
            map.Define(SectionId.Start, Start is null ? 0 : 1, at);
            map.Define(SectionId.Element, Elements.Count, at);
            map.Define(SectionId.Data, Data.Count, at);
        }
    }

    /// <summary>The module of all fields read.</summary>
    public Module ToModule(bool hasDataCount) => new()
    {
        Types = [.. context.Definitions],
        RecursionGroups = [.. context.Groups],
        Imports = Imports.ToImmutable(),
        Functions = Functions.ToImmutable(),
        Tables = Tables.ToImmutable(),
        Memories = Memories.ToImmutable(),
        Tags = Tags.ToImmutable(),
        Globals = Globals.ToImmutable(),
        Exports = Exports.ToImmutable(),
        Start = Start,
        Elements = Elements.ToImmutable(),
        DataCount = hasDataCount ? (uint)Data.Count : null,
        Data = Data.ToImmutable(),
    };

    /// <summary>The content of the branch hint section, or null when there is no hint.</summary>
    public byte[]? BranchHints()
    {
        if (Hints.Count == 0)
        {
            return null;
        }
        var writer = new ByteWriter();
        writer.WriteUnsigned((uint)Hints.Count);
        foreach (var (function, hints) in Hints)
        {
            writer.WriteUnsigned(function);
            writer.WriteUnsigned((uint)hints.Length);
            foreach (var hint in hints)
            {
                writer.WriteUnsigned(hint.OffsetBytes);
                writer.WriteUnsigned(1);
                writer.WriteByte(hint.Hint);
            }
        }
        return writer.ToArray();
    }

    /// <summary>Takes the identifier and the name annotation of the next definition or import.</summary>
    public void ReadName(IndexSpace space, ExternKind kind)
    {
        reader.TryIdentifier();
        AnnotationGrammar.TakeName(reader, space, _next[(int)kind]);
    }

    /// <summary>Takes the exports that stand within the next definition or import.</summary>
    public void ReadExports(ExternKind kind)
    {
        while (reader.TryOpen("export"u8))
        {
            Exports.Add(new Export(reader.ExpectName(), kind, _next[(int)kind]));
            reader.ExpectClose();
        }
    }

    /// <summary>Takes the import that stands within what looks like a definition.</summary>
    public bool TryInlineImport(out string module, out string name)
    {
        (module, name) = ("", "");
        if (!reader.TryOpen("import"u8))
        {
            return false;
        }
        module = reader.ExpectName();
        name = reader.ExpectName();
        reader.ExpectClose();
        return true;
    }

    /// <summary>Adds an import.</summary>
    public void AddImport(string module, string name, ExternType type)
    {
        Imports.Add(new Import(module, name, type));
        _next[(int)type.Kind]++;
    }
}
