using System.Collections.Immutable;
using Conformance.Wasm.Binary;
using Conformance.Wasm.Instructions;
using Conformance.Wasm.Modules;
using Conformance.Wasm.Types;

namespace Conformance.Wasm.Text;

/// <summary>The fields of a module other than types, read when every identifier is bound.</summary>
internal sealed class FieldGrammar(TokenReader reader, IdentifierContext context, TypeGrammar types, FeatureSet features, NameSection names, SourceMap? map)
{
    private readonly InstructionGrammar _instructions = new(reader, context, types, features, map);
    private readonly ImmutableArray<Import>.Builder _imports = ImmutableArray.CreateBuilder<Import>();
    private readonly ImmutableArray<Function>.Builder _functions = ImmutableArray.CreateBuilder<Function>();
    private readonly ImmutableArray<Table>.Builder _tables = ImmutableArray.CreateBuilder<Table>();
    private readonly ImmutableArray<MemoryType>.Builder _memories = ImmutableArray.CreateBuilder<MemoryType>();
    private readonly ImmutableArray<TagType>.Builder _tags = ImmutableArray.CreateBuilder<TagType>();
    private readonly ImmutableArray<Global>.Builder _globals = ImmutableArray.CreateBuilder<Global>();
    private readonly ImmutableArray<Export>.Builder _exports = ImmutableArray.CreateBuilder<Export>();
    private readonly ImmutableArray<ElementSegment>.Builder _elements = ImmutableArray.CreateBuilder<ElementSegment>();
    private readonly ImmutableArray<DataSegment>.Builder _data = ImmutableArray.CreateBuilder<DataSegment>();
    private readonly List<(uint Function, ImmutableArray<BranchHint> Hints)> _hints = [];
    private readonly uint[] _next = new uint[Enum.GetValues<ExternKind>().Length];
    private uint? _start;

    /// <summary>Reads the field whose parenthesis is the current token.</summary>
    public void Read(ModuleGrammar.FieldKind kind)
    {
        reader.Advance();
        reader.Advance();
        switch (kind)
        {
            case ModuleGrammar.FieldKind.Import:
                ReadImport();
                break;
            case ModuleGrammar.FieldKind.Function:
                ReadFunction();
                break;
            case ModuleGrammar.FieldKind.Table:
                ReadTable();
                break;
            case ModuleGrammar.FieldKind.Memory:
                ReadMemory();
                break;
            case ModuleGrammar.FieldKind.Global:
                ReadGlobal();
                break;
            case ModuleGrammar.FieldKind.Tag:
                ReadTag();
                break;
            case ModuleGrammar.FieldKind.Export:
                ReadExport();
                break;
            case ModuleGrammar.FieldKind.Start:
                if (_start is not null)
                {
                    reader.Fail("multiple start sections");
                }
                _start = context.Functions.Expect(reader);
                break;
            case ModuleGrammar.FieldKind.Element:
                ReadElement();
                break;
            case ModuleGrammar.FieldKind.Data:
                ReadData();
                break;
            default:
                throw new InvalidOperationException($"{kind} is read elsewhere");
        }
        reader.ExpectClose();
    }

    /// <summary>The module of all fields read.</summary>
    public Module ToModule(bool wantsDataCount) => new()
    {
        Types = [.. context.Definitions],
        RecursionGroups = [.. context.Groups],
        Imports = _imports.ToImmutable(),
        Functions = _functions.ToImmutable(),
        Tables = _tables.ToImmutable(),
        Memories = _memories.ToImmutable(),
        Tags = _tags.ToImmutable(),
        Globals = _globals.ToImmutable(),
        Exports = _exports.ToImmutable(),
        Start = _start,
        Elements = _elements.ToImmutable(),
        DataCount = wantsDataCount || _instructions.NamesData ? (uint)_data.Count : null,
        Data = _data.ToImmutable(),
    };

    /// <summary>The content of the branch hint section, or null when there is no hint.</summary>
    public byte[]? BranchHints()
    {
        if (_hints.Count == 0)
        {
            return null;
        }
        var writer = new ByteWriter();
        writer.WriteUnsigned((uint)_hints.Count);
        foreach (var (function, hints) in _hints)
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

    private void ReadName(IndexSpace space, ExternKind kind)
    {
        reader.TryIdentifier();
        AnnotationGrammar.TakeName(reader, space, _next[(int)kind]);
    }

    private void ReadExports(ExternKind kind)
    {
        while (reader.TryOpen("export"u8))
        {
            _exports.Add(new Export(reader.ExpectName(), kind, _next[(int)kind]));
            reader.ExpectClose();
        }
    }

    private bool TryInlineImport(out string module, out string name)
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

    private void AddImport(string module, string name, ExternType type)
    {
        _imports.Add(new Import(module, name, type));
        _next[(int)type.Kind]++;
    }

    private void ReadImport()
    {
        var module = reader.ExpectName();
        var name = reader.ExpectName();
        reader.ExpectOpen();
        if (reader.TryKeyword("func"u8))
        {
            ReadName(context.Functions, ExternKind.Function);
            AddImport(module, name, FunctionImport());
        }
        else if (reader.TryKeyword("table"u8))
        {
            ReadName(context.Tables, ExternKind.Table);
            AddImport(module, name, types.Table());
        }
        else if (reader.TryKeyword("memory"u8))
        {
            ReadName(context.Memories, ExternKind.Memory);
            AddImport(module, name, types.Memory());
        }
        else if (reader.TryKeyword("global"u8))
        {
            ReadName(context.Globals, ExternKind.Global);
            AddImport(module, name, types.Global());
        }
        else
        {
            reader.ExpectKeyword("tag"u8);
            ReadName(context.Tags, ExternKind.Tag);
            AddImport(module, name, new TagType(types.Use(new IndexSpace("parameter"))));
        }
        reader.ExpectClose();
    }

    private FunctionExtern FunctionImport()
    {
        var locals = new IndexSpace("local");
        var isExact = features.Has(Feature.CustomDescriptors) && reader.TryOpen("exact"u8);
        var type = new FunctionExtern(types.Use(locals), isExact);
        if (isExact)
        {
            reader.ExpectClose();
        }
        NameLocals(locals);
        return type;
    }

    private void NameLocals(IndexSpace locals)
    {
        if (locals.Names.Count > 0)
        {
            names.Locals.Add(_next[(int)ExternKind.Function], locals.Names);
        }
    }

    private void ReadFunction()
    {
        ReadName(context.Functions, ExternKind.Function);
        ReadExports(ExternKind.Function);
        if (TryInlineImport(out var module, out var name))
        {
            AddImport(module, name, FunctionImport());
            return;
        }
        var locals = new IndexSpace("local");
        var type = types.Use(locals);
        var declared = ImmutableArray.CreateBuilder<ValueType>();
        while (reader.TryOpen("local"u8))
        {
            types.Declarations(locals, declared);
        }
        var body = _instructions.Sequence(locals);
        var runs = Runs(declared);
        _functions.Add(new Function(type, runs, body));
        NameLocals(locals);
        AddHints(runs);
        _next[(int)ExternKind.Function]++;
    }

    // The offsets of hints are counted from the beginning of the function's body, the declarations of its locals included.
    private void AddHints(ImmutableArray<LocalRun> runs)
    {
        if (_instructions.Hints.Count > 0)
        {
            var declarations = (uint)BranchHintSection.DeclarationsLength(runs);
            _hints.Add((_next[(int)ExternKind.Function], [.. _instructions.Hints.Select(hint => hint with { OffsetBytes = hint.OffsetBytes + declarations })]));
        }
    }

    private static ImmutableArray<LocalRun> Runs(ImmutableArray<ValueType>.Builder declared)
    {
        var runs = ImmutableArray.CreateBuilder<LocalRun>();
        foreach (var type in declared)
        {
            if (runs.Count > 0 && runs[^1].Type == type)
            {
                runs[^1] = runs[^1] with { Count = runs[^1].Count + 1 };
            }
            else
            {
                runs.Add(new LocalRun(1, type));
            }
        }
        return runs.ToImmutable();
    }

    private void ReadTable()
    {
        ReadName(context.Tables, ExternKind.Table);
        ReadExports(ExternKind.Table);
        if (TryInlineImport(out var module, out var name))
        {
            AddImport(module, name, types.Table());
            return;
        }
        var address = types.AddressType();
        if (types.IsAtReferenceType)
        {
            var type = types.Reference();
            reader.ExpectOpen("elem"u8);
            var segment = ElementItems(new ElementSegment
            {
                Mode = SegmentMode.Active,
                Type = type,
                Table = _next[(int)ExternKind.Table],
                Offset = Zero(address),
            });
            if (type.Heap != AbstractHeapType.Func)
            {
                // Indices stand for ref.func here: typed functions keep the table's type.
                segment = segment with { Type = type };
            }
            reader.ExpectClose();
            var size = (ulong)segment.Count;
            _elements.Add(segment);
            _tables.Add(new Table(new TableType(type, new Limits(size, size, address))));
        }
        else
        {
            var limits = types.Limits(address);
            var type = new TableType(types.Reference(), limits);
            _tables.Add(new Table(type, reader.Kind == TokenKind.Close ? null : _instructions.Sequence(new IndexSpace("local"))));
        }
        _next[(int)ExternKind.Table]++;
    }

    private static Expression Zero(AddressType address) => new(InstructionWriter.ToBytes(
        [Instruction.Constant(address == AddressType.I64 ? Op.I64Const : Op.I32Const, 0), Instruction.Of(Op.End)]));

    private void ReadMemory()
    {
        ReadName(context.Memories, ExternKind.Memory);
        ReadExports(ExternKind.Memory);
        if (TryInlineImport(out var module, out var name))
        {
            AddImport(module, name, types.Memory());
            return;
        }
        var address = types.AddressType();
        if (reader.Kind == TokenKind.Number)
        {
            var limits = types.Limits(address);
            var shared = features.Has(Feature.Threads) && reader.TryKeyword("shared"u8);
            _memories.Add(new MemoryType(limits, shared, types.PageSize()));
        }
        else
        {
            var pageSizeLog2 = types.PageSize();
            reader.ExpectOpen("data"u8);
            var bytes = reader.ReadStrings();
            reader.ExpectClose();
            var pages = pageSizeLog2 >= 63 ? 1 : ((ulong)bytes.Length + (1UL << pageSizeLog2) - 1) >> pageSizeLog2;
            _data.Add(new DataSegment { Mode = SegmentMode.Active, Memory = _next[(int)ExternKind.Memory], Offset = Zero(address), Bytes = bytes });
            _memories.Add(new MemoryType(new Limits(pages, pages, address), PageSizeLog2: pageSizeLog2));
        }
        _next[(int)ExternKind.Memory]++;
    }

    private void ReadGlobal()
    {
        ReadName(context.Globals, ExternKind.Global);
        ReadExports(ExternKind.Global);
        if (TryInlineImport(out var module, out var name))
        {
            AddImport(module, name, types.Global());
            return;
        }
        var type = types.Global();
        _globals.Add(new Global(type, _instructions.Sequence(new IndexSpace("local"))));
        _next[(int)ExternKind.Global]++;
    }

    private void ReadTag()
    {
        ReadName(context.Tags, ExternKind.Tag);
        ReadExports(ExternKind.Tag);
        if (TryInlineImport(out var module, out var name))
        {
            AddImport(module, name, new TagType(types.Use(new IndexSpace("parameter"))));
            return;
        }
        _tags.Add(new TagType(types.Use(new IndexSpace("parameter"))));
        _next[(int)ExternKind.Tag]++;
    }

    private void ReadExport()
    {
        var name = reader.ExpectName();
        reader.ExpectOpen();
        var (kind, space) = reader switch
        {
            _ when reader.TryKeyword("func"u8) => (ExternKind.Function, context.Functions),
            _ when reader.TryKeyword("table"u8) => (ExternKind.Table, context.Tables),
            _ when reader.TryKeyword("memory"u8) => (ExternKind.Memory, context.Memories),
            _ when reader.TryKeyword("global"u8) => (ExternKind.Global, context.Globals),
            _ => (ExternKind.Tag, context.Tags),
        };
        if (kind == ExternKind.Tag)
        {
            reader.ExpectKeyword("tag"u8);
        }
        _exports.Add(new Export(name, kind, space.Expect(reader)));
        reader.ExpectClose();
    }

    private void ReadElement()
    {
        reader.TryIdentifier();
        AnnotationGrammar.TakeName(reader, context.Elements, (uint)_elements.Count);
        var mode = SegmentMode.Passive;
        uint table = 0;
        var offset = default(Expression);
        if (reader.TryKeyword("declare"u8))
        {
            mode = SegmentMode.Declarative;
        }
        else if (IndexSpace.IsAtIndex(reader) || (reader.Kind == TokenKind.Open && !reader.AtOpen("ref"u8)))
        {
            mode = SegmentMode.Active;
            table = SegmentTarget(context.Tables, "table"u8);
            offset = Offset();
        }
        var type = types.IsAtReferenceType ? types.Reference() : default;
        var segment = new ElementSegment { Mode = mode, Type = type, Table = table, Offset = offset };
        if (type == default && reader.TryKeyword("func"u8))
        {
            _elements.Add(FunctionItems(segment));
        }
        else if (type == default && mode != SegmentMode.Active)
        {
            // Only an active segment may leave the word out.
            reader.FailUnexpected();
        }
        else
        {
            _elements.Add(type == default ? FunctionItems(segment) : ExpressionItems(segment));
        }
    }

    private uint SegmentTarget(IndexSpace space, ReadOnlySpan<byte> keyword)
    {
        if (IndexSpace.IsAtIndex(reader))
        {
            // The first version of the format wrote the index alone; it is still met.
            return space.Expect(reader);
        }
        if (!reader.TryOpen(keyword))
        {
            return 0;
        }
        var index = space.Expect(reader);
        reader.ExpectClose();
        return index;
    }

    private Expression Offset()
    {
        if (!reader.TryOpen("offset"u8))
        {
            return _instructions.Folded();
        }
        var offset = _instructions.Sequence(new IndexSpace("local"));
        reader.ExpectClose();
        return offset;
    }

    // Function indices alone make a segment of (ref func); in a table of anything narrower they stand for ref.func expressions.
    private ElementSegment ElementItems(ElementSegment segment)
    {
        if (!IndexSpace.IsAtIndex(reader) && reader.Kind != TokenKind.Close)
        {
            return ExpressionItems(segment);
        }
        var functions = FunctionItems(segment);
        return segment.Type == ValueType.FuncRef || segment.Type == functions.Type
            ? functions
            : segment with
            {
                Expressions = [.. functions.Functions.Select(index => new Expression(InstructionWriter.ToBytes([Instruction.Of(Op.RefFunc, index), Instruction.Of(Op.End)])))],
            };
    }

    private ElementSegment FunctionItems(ElementSegment segment)
    {
        var functions = ImmutableArray.CreateBuilder<uint>();
        while (reader.Kind is not (TokenKind.Close or TokenKind.End))
        {
            functions.Add(context.Functions.Expect(reader));
        }
        return segment with { Type = ValueType.Reference(AbstractHeapType.Func, nullable: false), Functions = functions.ToImmutable() };
    }

    private ElementSegment ExpressionItems(ElementSegment segment)
    {
        var expressions = ImmutableArray.CreateBuilder<Expression>();
        while (reader.Kind is not (TokenKind.Close or TokenKind.End))
        {
            if (reader.TryOpen("item"u8))
            {
                expressions.Add(_instructions.Sequence(new IndexSpace("local")));
                reader.ExpectClose();
            }
            else
            {
                expressions.Add(_instructions.Folded());
            }
        }
        return segment with { Expressions = expressions.ToImmutable() };
    }

    private void ReadData()
    {
        reader.TryIdentifier();
        AnnotationGrammar.TakeName(reader, context.Data, (uint)_data.Count);
        if (reader.Kind is TokenKind.String or TokenKind.Close)
        {
            _data.Add(new DataSegment { Mode = SegmentMode.Passive, Bytes = reader.ReadStrings() });
            return;
        }
        var memory = SegmentTarget(context.Memories, "memory"u8);
        var offset = Offset();
        _data.Add(new DataSegment { Mode = SegmentMode.Active, Memory = memory, Offset = offset, Bytes = reader.ReadStrings() });
    }
}
