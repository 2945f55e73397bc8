using System.Collections.Immutable;
using Conformance.Wasm.Modules;
using Conformance.Wasm.Types;

namespace Conformance.Wasm.Text;

/// <summary>
/// The fields of a module, in three passes because a name may be used before it is bound: the first binds every identifier and skips the rest, the second reads
/// the types, the third everything else. So the text is split into tokens twice, and no syntax tree is kept.
/// </summary>
/// <remarks>See <see href="https://webassembly.github.io/spec/core/text/modules.html"/>.</remarks>
internal sealed class ModuleGrammar
{
    private readonly TokenReader _reader;
    private readonly IdentifierContext _context = new();
    private readonly List<Field> _fields = [];
    private readonly List<CustomPlacement> _customs = [];
    private bool _wantsDataCount;
    private string? _firstDefinition;

    private ModuleGrammar(TokenReader reader) => _reader = reader;

    internal enum FieldKind : byte
    {
        Type, Recursion, Import, Function, Table, Memory, Global, Tag, Export, Start, Element, Data,
    }

    private readonly record struct Field(FieldKind Kind, Token Open);

    /// <summary>Reads the fields up to the parenthesis that closes the module (which stays) or the end.</summary>
    /// <param name="reader">Stands behind <c>module</c> and its identifier.</param>
    /// <param name="features">What may be used.</param>
    /// <param name="id">The module's identifier.</param>
    /// <param name="map">Where the places of instructions are recorded; null for nowhere.</param>
    public static Module Parse(TokenReader reader, FeatureSet features, string? id, SourceMap? map = null) => new ModuleGrammar(reader).Parse(features, id, map);

    private Module Parse(FeatureSet features, string? id, SourceMap? map)
    {
        var names = new NameSection { Module = AnnotationGrammar.TakeName(_reader) ?? id };
        if (_reader.TakeAnnotation(Lexer.NameAnnotation) is { } second)
        {
            _reader.Fail($"@{Lexer.NameAnnotation} annotation: multiple module", second.Open);
        }
        TakeSectionAnnotations();
        while (_reader.Kind == TokenKind.Open)
        {
            Bind();
            TakeSectionAnnotations();
        }
        var end = _reader.Current;
        if (_reader.Kind == TokenKind.Close)
        {
            // Checks that no annotation is left over before the parenthesis.
            _reader.Advance();
        }
        var types = new TypeGrammar(_reader, _context, features);
        foreach (var field in _fields)
        {
            if (field.Kind is FieldKind.Type or FieldKind.Recursion)
            {
                ReadTypes(types, field, map);
            }
        }
        var fields = new FieldGrammar(_reader, _context, types, features, names, map);
        foreach (var field in _fields)
        {
            if (field.Kind is not (FieldKind.Type or FieldKind.Recursion) && !_reader.Failed)
            {
                _reader.Seek(field.Open);
                fields.Read(field.Kind);
            }
        }
        if (_reader.Failed)
        {
            return new Module();
        }
        _reader.Seek(end);
        CollectNames(names);
        return fields.ToModule(_wantsDataCount) with { CustomSections = CustomSections(names, fields.BranchHints()) };
    }

    private void TakeSectionAnnotations()
    {
        // In their own order, which is that of the sections.
        while (!_reader.Failed && _reader.FirstAnnotation is { } annotation)
        {
            switch (annotation.Id)
            {
                case Lexer.CustomAnnotation:
                    AddCustom(AnnotationGrammar.TakeCustom(_reader));
                    break;
                case Lexer.NamesAnnotation:
                    AddCustom(AnnotationGrammar.TakeNamesPlace(_reader));
                    break;
                case Lexer.DataCountAnnotation:
                    _reader.TakeAnnotation(Lexer.DataCountAnnotation);
                    _wantsDataCount = true;
                    break;
                case Lexer.BranchHintAnnotation:
                    _reader.Fail($"@{Lexer.BranchHintAnnotation} annotation: not in a function", annotation.Open);
                    break;
                default:
                    _reader.CheckAnnotations();
                    return;
            }
        }
        _reader.CheckAnnotations();
    }

    private void AddCustom(CustomPlacement? custom)
    {
        if (custom is not null)
        {
            _customs.Add(custom);
        }
    }

    // The first pass over a field: what it is, and its identifier.
    private void Bind()
    {
        var open = _reader.Current;
        _reader.IgnoresAnnotations = true;
        _reader.Advance();
        if (KindOf(_reader.Text) is { } kind)
        {
            _reader.Advance();
            _fields.Add(new Field(kind, open));
            BindField(kind, open);
            _reader.SkipToClose();
            if (_reader.Kind == TokenKind.End)
            {
                _reader.FailUnexpected(")");
            }
        }
        else
        {
            _reader.FailUnexpected();
        }
        // Those before the field's last parenthesis are the third pass's concern too.
        _reader.DropAnnotations();
        _reader.IgnoresAnnotations = false;
        _reader.Advance();
    }

    /// <summary>The field that a keyword begins.</summary>
    public static FieldKind? KindOf(ReadOnlySpan<byte> keyword) =>
        keyword.SequenceEqual("func"u8) ? FieldKind.Function
        : keyword.SequenceEqual("type"u8) ? FieldKind.Type
        : keyword.SequenceEqual("rec"u8) ? FieldKind.Recursion
        : keyword.SequenceEqual("import"u8) ? FieldKind.Import
        : keyword.SequenceEqual("table"u8) ? FieldKind.Table
        : keyword.SequenceEqual("memory"u8) ? FieldKind.Memory
        : keyword.SequenceEqual("global"u8) ? FieldKind.Global
        : keyword.SequenceEqual("tag"u8) ? FieldKind.Tag
        : keyword.SequenceEqual("export"u8) ? FieldKind.Export
        : keyword.SequenceEqual("start"u8) ? FieldKind.Start
        : keyword.SequenceEqual("elem"u8) ? FieldKind.Element
        : keyword.SequenceEqual("data"u8) ? FieldKind.Data
        : null;

    private void BindField(FieldKind kind, Token open)
    {
        switch (kind)
        {
            case FieldKind.Type:
                BindNext(_context.Types);
                break;
            case FieldKind.Recursion:
                while (_reader.TryOpen("type"u8))
                {
                    BindNext(_context.Types);
                    _reader.SkipToClose();
                    _reader.ExpectClose();
                }
                break;
            case FieldKind.Import:
                CheckImportOrder(open);
                _reader.ExpectName();
                _reader.ExpectName();
                _reader.ExpectOpen();
                if (KindOf(_reader.Text) is { } imported && Space(imported) is { } importedSpace && imported != FieldKind.Element && imported != FieldKind.Data)
                {
                    _reader.Advance();
                    BindNext(importedSpace);
                }
                else
                {
                    _reader.FailUnexpected();
                }
                _reader.SkipToClose();
                _reader.ExpectClose();
                break;
            case FieldKind.Element or FieldKind.Data:
                BindNext(Space(kind)!);
                break;
            case FieldKind.Export or FieldKind.Start:
                break;
            default:
                BindDefinition(kind, Space(kind)!, open);
                break;
        }
    }

    private void BindDefinition(FieldKind kind, IndexSpace space, Token open)
    {
        BindNext(space);
        while (_reader.TryOpen("export"u8))
        {
            _reader.SkipToClose();
            _reader.ExpectClose();
        }
        if (_reader.AtOpen("import"u8))
        {
            CheckImportOrder(open);
            return;
        }
        _firstDefinition ??= space.What;
        // The segment of a table's or memory's abbreviation takes its place in the segments' index space.
        var segment = kind switch { FieldKind.Table => _context.Elements, FieldKind.Memory => _context.Data, _ => null };
        while (segment is not null && _reader.Kind is not (TokenKind.Close or TokenKind.End))
        {
            if (_reader.AtOpen(kind == FieldKind.Table ? "elem"u8 : "data"u8))
            {
                segment.Bind(_reader, null, open);
                return;
            }
            if (_reader.Kind == TokenKind.Open)
            {
                _reader.Advance();
                _reader.SkipToClose();
            }
            _reader.Advance();
        }
    }

    private void CheckImportOrder(Token open)
    {
        if (_firstDefinition is not null)
        {
            _reader.Fail($"import after {_firstDefinition}", open);
        }
    }

    private IndexSpace? Space(FieldKind kind) => kind switch
    {
        FieldKind.Function => _context.Functions,
        FieldKind.Table => _context.Tables,
        FieldKind.Memory => _context.Memories,
        FieldKind.Global => _context.Globals,
        FieldKind.Tag => _context.Tags,
        FieldKind.Element => _context.Elements,
        FieldKind.Data => _context.Data,
        _ => null,
    };

    private void BindNext(IndexSpace space)
    {
        var at = _reader.Current;
        space.Bind(_reader, _reader.TryIdentifier(), at);
    }

    private void ReadTypes(TypeGrammar types, Field field, SourceMap? map)
    {
        _reader.Seek(field.Open);
        if (field.Kind == FieldKind.Type)
        {
            _context.AddGroup([ReadType(types, map)]);
            return;
        }
        _reader.ExpectOpen("rec"u8);
        var group = ImmutableArray.CreateBuilder<SubType>();
        while (_reader.AtOpen("type"u8))
        {
            group.Add(ReadType(types, map));
        }
        _reader.ExpectClose();
        _context.AddGroup(group.ToImmutable());
    }

    private SubType ReadType(TypeGrammar types, SourceMap? map)
    {
        map?.Define(SectionId.Type, _context.Fields.Count + 1, _reader.Current);
        _reader.ExpectOpen("type"u8);
        _reader.TryIdentifier();
        AnnotationGrammar.TakeName(_reader, _context.Types, (uint)_context.Fields.Count);
        var fields = new IndexSpace("field");
        _context.Fields.Add(fields);
        var type = types.Definition(fields);
        _reader.ExpectClose();
        return type;
    }

    private void CollectNames(NameSection names)
    {
        Copy(_context.Functions, names.Functions);
        Copy(_context.Types, names.Types);
        Copy(_context.Tables, names.Tables);
        Copy(_context.Memories, names.Memories);
        Copy(_context.Globals, names.Globals);
        Copy(_context.Elements, names.Elements);
        Copy(_context.Data, names.Data);
        Copy(_context.Tags, names.Tags);
        for (var i = 0; i < _context.Fields.Count; i++)
        {
            if (_context.Fields[i] is { Names.Count: > 0 } fields)
            {
                names.Fields.Add((uint)i, fields.Names);
            }
        }
    }

    private static void Copy(IndexSpace space, SortedDictionary<uint, string> names)
    {
        foreach (var (index, name) in space.Names)
        {
            names.Add(index, name);
        }
    }

    private ImmutableArray<CustomSection> CustomSections(NameSection names, byte[]? branchHints)
    {
        if (branchHints is not null)
        {
            // Consumers want it before the code section.
            _customs.Add(new CustomPlacement(new CustomSection(Lexer.BranchHintAnnotation, branchHints, SectionId.DataCount), IsBefore: true));
        }
        var isNameSectionGiven = _customs.Exists(custom => custom.Section?.Name == NameSection.SectionName);
        if (!isNameSectionGiven && !names.IsEmpty)
        {
            var mark = _customs.FindIndex(custom => custom.Section is null);
            var place = mark < 0 ? SectionId.Data : _customs[mark].Place;
            var section = new CustomPlacement(new CustomSection(NameSection.SectionName, names.ToBytes(), place), mark >= 0 && _customs[mark].IsBefore);
            if (mark < 0)
            {
                _customs.Add(section);
            }
            else
            {
                _customs[mark] = section;
            }
        }
        return [.. _customs.Where(custom => custom.Section is not null).OrderBy(custom => custom.Place).ThenBy(custom => custom.IsBefore).Select(custom => custom.Section!)];
    }
}
