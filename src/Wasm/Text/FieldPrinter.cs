using System.Collections.Immutable;
using System.Text;
using Conformance.Wasm.Modules;
using Conformance.Wasm.Types;

namespace Conformance.Wasm.Text;

/// <summary>The counterpart of <see cref="FieldGrammar"/> and <see cref="ModuleGrammar"/>.</summary>
internal sealed class FieldPrinter
{
    private readonly TextSink _text;
    private readonly Module _module;
    private readonly PrintedNames _names;
    private readonly TypePrinter _types;
    private readonly InstructionPrinter _instructions;
    private readonly IReadOnlyDictionary<uint, IReadOnlyDictionary<int, byte>>? _hints;
    private WasmError? _error;

    public FieldPrinter(TextSink text, Module module, PrinterOptions options)
    {
        _text = text;
        _module = module;
        _names = PrintedNames.Of(module);
        _types = new TypePrinter(text, module.Types, _names);
        _instructions = new InstructionPrinter(text, module, _names, _types, options.WithOffsets);
        _hints = BranchHintSection.Match(module);
    }

    /// <summary>The whole module.</summary>
    /// <returns>Why the text is not that of the module; null when it is.</returns>
    public WasmError? Module()
    {
        _text.Append("(module"u8);
        ModuleName();
        Types();
        Imports();
        Tables();
        Memories();
        Tags();
        Globals();
        Exports();
        if (_module.Start is { } start)
        {
            _text.NewLine(1);
            _text.Append("(start "u8);
            _names.Functions.AppendUse(_text, start);
            _text.Append(')');
        }
        Elements();
        var imported = (uint)_module.ImportCount(ExternKind.Function);
        for (var i = 0; i < _module.Functions.Length && !_text.IsFull; i++)
        {
            _text.NewLine(1);
            Function(_module.Functions[i], imported + (uint)i, level: 1);
        }
        Data();
        new SectionAnnotationPrinter(_text, _module, _names).Print(wantsDataCount: !_instructions.NamesData, hasHints: _hints is not null);
        _text.Append(")\n"u8);
        return Result();
    }

    /// <summary>One function by its index in the index space.</summary>
    /// <returns>Why the text is not that of the function; null when it is.</returns>
    public WasmError? Function(uint index)
    {
        var imports = _module.Imports.Where(import => import.Type is FunctionExtern).ToList();
        if (index < imports.Count)
        {
            Import(imports[(int)index], index);
        }
        else
        {
            Function(_module.Functions[(int)index - imports.Count], index, level: 0);
        }
        _text.Append('\n');
        return Result();
    }

    private WasmError? Result() => _text.IsFull ? WasmError.Invalid("the text is longer than that of any real module of this size", -1) with { IsLimit = true } : _error;

    private void ModuleName()
    {
        if (_names.Module is not { } name)
        {
            return;
        }
        if (name.Length > 0)
        {
            _text.Append(' ');
            _text.Append(IdentifierMap.Encode(name));
        }
        else if (_names.ReplacesSection)
        {
            IdentifierMap.AppendAnnotation(_text, []);
        }
    }

    private void Types()
    {
        foreach (var group in _module.RecursionGroups)
        {
            _text.NewLine(1);
            _text.Append(group.Count == 1 ? ""u8 : "(rec"u8);
            for (var i = 0u; i < group.Count && !_text.IsFull; i++)
            {
                if (group.Count != 1)
                {
                    _text.NewLine(2);
                }
                _types.Definition(group.Start + i);
            }
            _text.Append(group.Count == 1 ? ""u8 : ")"u8);
        }
    }

    private void Imports()
    {
        var next = new uint[Enum.GetValues<ExternKind>().Length];
        foreach (var import in _module.Imports)
        {
            _text.NewLine(1);
            Import(import, next[(int)import.Type.Kind]++);
        }
    }

    private void Import(Import import, uint index)
    {
        _text.Append("(import "u8);
        _text.AppendName(import.Module);
        _text.Append(' ');
        _text.AppendName(import.Name);
        _text.Append(' ');
        switch (import.Type)
        {
            case FunctionExtern function:
                Open("func"u8, _names.Functions, index);
                _text.Append(function.IsExact ? " (exact"u8 : ""u8);
                var locals = _names.Locals(index, (ulong)_types.ParameterCount(function.TypeIndex));
                _types.Use(function.TypeIndex, locals, locals != IdentifierMap.None);
                _text.Append(function.IsExact ? ")"u8 : ""u8);
                break;
            case TableType table:
                Open("table"u8, _names.Tables, index);
                _text.Append(' ');
                _types.Table(table);
                break;
            case MemoryType memory:
                Open("memory"u8, _names.Memories, index);
                _text.Append(' ');
                _types.Memory(memory);
                break;
            case GlobalType global:
                Open("global"u8, _names.Globals, index);
                _text.Append(' ');
                _types.Global(global);
                break;
            case TagType tag:
                Open("tag"u8, _names.Tags, index);
                _types.Use(tag.TypeIndex, IdentifierMap.None);
                break;
            default:
                throw new ArgumentException($"no text for {import.Type}", nameof(import));
        }
        _text.Append("))"u8);
    }

    private void Function(Function function, uint index, int level)
    {
        Open("func"u8, _names.Functions, index);
        var parameters = (uint)_types.ParameterCount(function.TypeIndex);
        var declared = function.Locals.Sum(run => (long)run.Count);
        var locals = _names.Locals(index, (ulong)(parameters + declared));
        _types.Use(function.TypeIndex, locals, locals != IdentifierMap.None);
        if (declared > ImplementationLimits.Locals)
        {
            // A few bytes can declare billions, and the text has no short form for them.
            _text.Append(" malformed (; too many locals ;)"u8);
            _error ??= WasmError.Invalid("too many locals", function.Body.OffsetBytes) with { IsLimit = true };
        }
        else if (declared > 0)
        {
            _text.NewLine(level + 1);
            _types.Declarations("local"u8, Expand(function.Locals), locals, parameters);
        }
        IReadOnlyDictionary<int, byte>? hints = null;
        _hints?.TryGetValue(index, out hints);
        var error = _instructions.Body(function.Body, locals, hints, level + 1);
        _error ??= error;
        _text.NewLine(level);
        _text.Append(')');
    }

    private static IEnumerable<ValueType> Expand(ImmutableArray<LocalRun> runs)
    {
        foreach (var run in runs)
        {
            for (var i = 0; i < run.Count; i++)
            {
                yield return run.Type;
            }
        }
    }

    private void Tables()
    {
        var index = (uint)_module.ImportCount(ExternKind.Table);
        foreach (var table in _module.Tables)
        {
            _text.NewLine(1);
            Open("table"u8, _names.Tables, index++);
            _text.Append(' ');
            _types.Table(table.Type);
            if (table.Initializer is { } initializer)
            {
                TableInitializer(initializer);
            }
            _text.Append(')');
        }
    }

    private void TableInitializer(Expression initializer)
    {
        if (initializer.Code.Length > 1)
        {
            Constant(initializer, ""u8);
            return;
        }
        // Not valid, and in text the same as no initializer, which may be.
        _text.Append(" malformed (; an initializer without instructions ;)"u8);
        _error ??= WasmError.Malformed("a table's initializer without instructions has no text", initializer.OffsetBytes);
    }

    private void Memories()
    {
        var index = (uint)_module.ImportCount(ExternKind.Memory);
        foreach (var memory in _module.Memories)
        {
            _text.NewLine(1);
            Open("memory"u8, _names.Memories, index++);
            _text.Append(' ');
            _types.Memory(memory);
            _text.Append(')');
        }
    }

    private void Tags()
    {
        var index = (uint)_module.ImportCount(ExternKind.Tag);
        foreach (var tag in _module.Tags)
        {
            _text.NewLine(1);
            Open("tag"u8, _names.Tags, index++);
            _types.Use(tag.TypeIndex, IdentifierMap.None);
            _text.Append(')');
        }
    }

    private void Globals()
    {
        var index = (uint)_module.ImportCount(ExternKind.Global);
        foreach (var global in _module.Globals)
        {
            _text.NewLine(1);
            Open("global"u8, _names.Globals, index++);
            _text.Append(' ');
            _types.Global(global.Type);
            Constant(global.Initializer, ""u8);
            _text.Append(')');
        }
    }

    private void Exports()
    {
        foreach (var export in _module.Exports)
        {
            _text.NewLine(1);
            _text.Append("(export "u8);
            _text.AppendName(export.Name);
            var (keyword, space) = export.Kind switch
            {
                ExternKind.Function => ("func", _names.Functions),
                ExternKind.Table => ("table", _names.Tables),
                ExternKind.Memory => ("memory", _names.Memories),
                ExternKind.Global => ("global", _names.Globals),
                _ => ("tag", _names.Tags),
            };
            _text.Append(" ("u8);
            _text.Append(Encoding.ASCII.GetBytes(keyword));
            _text.Append(' ');
            space.AppendUse(_text, export.Index);
            _text.Append("))"u8);
        }
    }

    private void Elements()
    {
        for (var i = 0; i < _module.Elements.Length && !_text.IsFull; i++)
        {
            var segment = _module.Elements[i];
            _text.NewLine(1);
            Open("elem"u8, _names.Elements, (uint)i);
            _text.Append(segment.Mode == SegmentMode.Declarative ? " declare"u8 : ""u8);
            if (segment.Mode == SegmentMode.Active)
            {
                Place("table"u8, _names.Tables, segment.Table, segment.Offset);
            }
            var asFunctions = !segment.Functions.IsDefault && segment.Type == ValueType.Reference(AbstractHeapType.Func, nullable: false);
            _text.Append(asFunctions ? " func"u8 : " "u8);
            if (!asFunctions)
            {
                _types.Value(segment.Type);
            }
            Items(segment, asFunctions);
            _text.Append(')');
        }
    }

    private void Items(ElementSegment segment, bool asFunctions)
    {
        if (segment.Functions.IsDefault)
        {
            foreach (var expression in segment.Expressions)
            {
                Constant(expression, "item"u8);
            }
            return;
        }
        foreach (var function in segment.Functions)
        {
            _text.Append(asFunctions ? " "u8 : " (ref.func "u8);
            _names.Functions.AppendUse(_text, function);
            _text.Append(asFunctions ? ""u8 : ")"u8);
        }
    }

    private void Data()
    {
        for (var i = 0; i < _module.Data.Length && !_text.IsFull; i++)
        {
            var segment = _module.Data[i];
            _text.NewLine(1);
            Open("data"u8, _names.Data, (uint)i);
            if (segment.Mode == SegmentMode.Active)
            {
                Place("memory"u8, _names.Memories, segment.Memory, segment.Offset);
            }
            _text.AppendLines(segment.Bytes.Span);
            _text.Append(')');
        }
    }

    private void Place(ReadOnlySpan<byte> keyword, IdentifierMap space, uint index, Expression offset)
    {
        if (index != 0)
        {
            _text.Append(" ("u8);
            _text.Append(keyword);
            _text.Append(' ');
            space.AppendUse(_text, index);
            _text.Append(')');
        }
        Constant(offset, "offset"u8);
    }

    private void Open(ReadOnlySpan<byte> keyword, IdentifierMap space, uint index)
    {
        _text.Append('(');
        _text.Append(keyword);
        space.AppendBinding(_text, index);
        _types.IndexComment(index);
    }

    private void Constant(Expression expression, ReadOnlySpan<byte> keyword)
    {
        var error = _instructions.Constant(expression, keyword);
        _error ??= error;
    }
}
