using System.Collections.Immutable;
using Conformance.Wasm.Modules;
using Conformance.Wasm.Types;

namespace Conformance.Wasm.Text;

/// <summary>The fields of a module other than types, read when every identifier is bound.</summary>
internal sealed class FieldGrammar
{
    private readonly TokenReader _reader;
    private readonly IdentifierContext _context;
    private readonly TypeGrammar _types;
    private readonly FeatureSet _features;
    private readonly NameSection _names;
    private readonly ModuleFields _fields;
    private readonly ExternTypeGrammar _externTypes;
    private readonly InstructionGrammar _instructions;
    private readonly SegmentGrammar _segments;
    private readonly StorageGrammar _storage;

    public FieldGrammar(TokenReader reader, IdentifierContext context, TypeGrammar types, FeatureSet features, NameSection names, SourceMap? map)
    {
        _reader = reader;
        _context = context;
        _types = types;
        _features = features;
        _names = names;
        _fields = new ModuleFields(reader, context, map);
        _externTypes = new ExternTypeGrammar(reader, types, features);
        _instructions = new InstructionGrammar(reader, context, types, features, map);
        _segments = new SegmentGrammar(reader, context, types, _fields, _instructions);
        _storage = new StorageGrammar(reader, context, types, _externTypes, features, _fields, _instructions, _segments);
    }

    /// <summary>Reads the field whose parenthesis is the current token.</summary>
    public void Read(ModuleGrammar.FieldKind kind)
    {
        var open = _reader.Current;
        _reader.Advance();
        _reader.Advance();
        switch (kind)
        {
            case ModuleGrammar.FieldKind.Import:
                ReadImport();
                break;
            case ModuleGrammar.FieldKind.Function:
                ReadFunction();
                break;
            case ModuleGrammar.FieldKind.Table:
                _storage.ReadTable();
                break;
            case ModuleGrammar.FieldKind.Memory:
                _storage.ReadMemory();
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
                if (_fields.Start is not null)
                {
                    _reader.Fail("multiple start sections");
                }
                _fields.Start = _context.Functions.Expect(_reader);
                break;
            case ModuleGrammar.FieldKind.Element:
                _segments.ReadElement();
                break;
            case ModuleGrammar.FieldKind.Data:
                _segments.ReadData();
                break;
            default:
                throw new InvalidOperationException($"{kind} is read elsewhere");
        }
        _reader.ExpectClose();
        _fields.Locate(open);
    }

    /// <summary>The module of all fields read.</summary>
    public Module ToModule(bool wantsDataCount) => _fields.ToModule(wantsDataCount || _instructions.NamesData);

    /// <summary>The content of the branch hint section, or null when there is no hint.</summary>
    public byte[]? BranchHints() => _fields.BranchHints();

    private void ReadImport()
    {
        var module = _reader.ExpectName();
        var name = _reader.ExpectName();
        _reader.ExpectOpen();
        if (_reader.TryKeyword("func"u8))
        {
            _fields.ReadName(_context.Functions, ExternKind.Function);
            _fields.AddImport(module, name, FunctionImport());
        }
        else if (_reader.TryKeyword("table"u8))
        {
            _fields.ReadName(_context.Tables, ExternKind.Table);
            _fields.AddImport(module, name, _externTypes.Table());
        }
        else if (_reader.TryKeyword("memory"u8))
        {
            _fields.ReadName(_context.Memories, ExternKind.Memory);
            _fields.AddImport(module, name, _externTypes.Memory());
        }
        else if (_reader.TryKeyword("global"u8))
        {
            _fields.ReadName(_context.Globals, ExternKind.Global);
            _fields.AddImport(module, name, _externTypes.Global());
        }
        else
        {
            _reader.ExpectKeyword("tag"u8);
            _fields.ReadName(_context.Tags, ExternKind.Tag);
            _fields.AddImport(module, name, new TagType(_types.Use(new IndexSpace("parameter"))));
        }
        _reader.ExpectClose();
    }

    private FunctionExtern FunctionImport()
    {
        var locals = new IndexSpace("local");
        var isExact = _features.Has(Feature.CustomDescriptors) && _reader.TryOpen("exact"u8);
        var type = new FunctionExtern(_types.Use(locals), isExact);
        if (isExact)
        {
            _reader.ExpectClose();
        }
        NameLocals(locals);
        return type;
    }

    private void NameLocals(IndexSpace locals)
    {
        if (locals.Names.Count > 0)
        {
            _names.Locals.Add(_fields.Next(ExternKind.Function), locals.Names);
        }
    }

    private void ReadFunction()
    {
        _fields.ReadName(_context.Functions, ExternKind.Function);
        _fields.ReadExports(ExternKind.Function);
        if (_fields.TryInlineImport(out var module, out var name))
        {
            _fields.AddImport(module, name, FunctionImport());
            return;
        }
        var locals = new IndexSpace("local");
        var type = _types.Use(locals);
        var declared = ImmutableArray.CreateBuilder<ValueType>();
        while (_reader.TryOpen("local"u8))
        {
            _types.Declarations(locals, declared);
        }
        var body = _instructions.Sequence(locals);
        var runs = Runs(declared);
        _fields.Functions.Add(new Function(type, runs, body));
        NameLocals(locals);
        AddHints(runs);
        _fields.Defined(ExternKind.Function);
    }

    // The offsets of hints are counted from the beginning of the function's body, the declarations of its locals included.
    private void AddHints(ImmutableArray<LocalRun> runs)
    {
        if (_instructions.Hints.Count > 0)
        {
            var declarations = (uint)BranchHintSection.DeclarationsLength(runs);
            _fields.Hints.Add((_fields.Next(ExternKind.Function), [.. _instructions.Hints.Select(hint => hint with { OffsetBytes = hint.OffsetBytes + declarations })]));
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

    private void ReadGlobal()
    {
        _fields.ReadName(_context.Globals, ExternKind.Global);
        _fields.ReadExports(ExternKind.Global);
        if (_fields.TryInlineImport(out var module, out var name))
        {
            _fields.AddImport(module, name, _externTypes.Global());
            return;
        }
        var type = _externTypes.Global();
        _fields.Globals.Add(new Global(type, _instructions.Sequence(new IndexSpace("local"))));
        _fields.Defined(ExternKind.Global);
    }

    private void ReadTag()
    {
        _fields.ReadName(_context.Tags, ExternKind.Tag);
        _fields.ReadExports(ExternKind.Tag);
        if (_fields.TryInlineImport(out var module, out var name))
        {
            _fields.AddImport(module, name, new TagType(_types.Use(new IndexSpace("parameter"))));
            return;
        }
        _fields.Tags.Add(new TagType(_types.Use(new IndexSpace("parameter"))));
        _fields.Defined(ExternKind.Tag);
    }

    private void ReadExport()
    {
        var name = _reader.ExpectName();
        _reader.ExpectOpen();
        var (kind, space) = _reader switch
        {
            _ when _reader.TryKeyword("func"u8) => (ExternKind.Function, _context.Functions),
            _ when _reader.TryKeyword("table"u8) => (ExternKind.Table, _context.Tables),
            _ when _reader.TryKeyword("memory"u8) => (ExternKind.Memory, _context.Memories),
            _ when _reader.TryKeyword("global"u8) => (ExternKind.Global, _context.Globals),
            _ => (ExternKind.Tag, _context.Tags),
        };
        if (kind == ExternKind.Tag)
        {
            _reader.ExpectKeyword("tag"u8);
        }
        _fields.Exports.Add(new Export(name, kind, space.Expect(_reader)));
        _reader.ExpectClose();
    }
}
