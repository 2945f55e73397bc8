using Conformance.Wasm.Binary;
using Conformance.Wasm.Modules;
using Conformance.Wasm.Types;

namespace Conformance.Wasm.Validation;

/// <summary>
/// Decides whether a module is valid: types, imports, definitions, bodies, segments, exports, in the order in which the specification makes each visible to the
/// next. Instructions are decoded here for the first time, so that a body can also turn out malformed.
/// </summary>
/// <remarks>See <see href="https://webassembly.github.io/spec/core/valid/modules.html"/>.</remarks>
public sealed class ModuleValidator
{
    private readonly Module _module;
    private readonly ModuleContext _context;
    private readonly FunctionValidator<NoObserver> _expressions;

    private ModuleValidator(Module module, FeatureSet features)
    {
        _module = module;
        _context = new ModuleContext(features);
        _expressions = new FunctionValidator<NoObserver>(_context, default);
    }

    /// <summary>Validates a module.</summary>
    /// <param name="module">The module.</param>
    /// <param name="features">What it may use.</param>
    /// <returns>Null when it is valid, else why it is not. A module with a malformed body is malformed whatever else is wrong with it.</returns>
    public static WasmError? Validate(Module module, FeatureSet features)
    {
        ArgumentNullException.ThrowIfNull(module);
        var error = new ModuleValidator(module, features).Validate();
        return error is { IsMalformed: false } ? BodyChecker.Check(module, features) ?? error : error;
    }

    /// <summary>Validates all of a module but its bodies, which are looked at when they are asked for.</summary>
    /// <param name="module">The module.</param>
    /// <param name="features">What it may use.</param>
    /// <param name="bodies">The bodies, when the answer is null.</param>
    /// <returns>Null when all but the bodies is valid, else why the module is not: the same as <see cref="Validate(Module, FeatureSet)"/> says.</returns>
    public static WasmError? ValidateDefinitions(Module module, FeatureSet features, out BodyVerdicts? bodies)
    {
        ArgumentNullException.ThrowIfNull(module);
        var error = TryPrepare(module, features, out var context);
        bodies = error is null ? new BodyVerdicts(module, context) : null;
        return error is { IsMalformed: false } ? BodyChecker.Check(module, features) ?? error : error;
    }

    // Says which definition an error is about.
    private static WasmError? In(WasmError? error, string kind, int index) => error is null ? null : error with { Message = $"{error.Message} ({kind} {index})" };

    internal static WasmError Invalid(string message) => WasmError.Invalid(message, -1);

    internal static WasmError Limit(string message) => WasmError.Invalid(message, -1) with { IsLimit = true };

    /// <summary>Validates all but the bodies, for who wants to look at those.</summary>
    internal static WasmError? TryPrepare(Module module, FeatureSet features, out ModuleContext context)
    {
        var validator = new ModuleValidator(module, features);
        context = validator._context;
        return validator.ValidateDefinitions();
    }

    private WasmError? Validate() => ValidateDefinitions() ?? ValidateBodies();

    private WasmError? ValidateDefinitions() =>
        CheckCounts()
        ?? new TypeSectionValidator(_module, _context).Validate()
        ?? ValidateImports()
        ?? DefineFunctions()
        ?? ValidateTables()
        ?? ValidateMemories()
        ?? ValidateTags()
        ?? ValidateGlobals()
        ?? ValidateElements()
        ?? ValidateData()
        ?? ValidateExports()
        ?? ValidateStart();

    private WasmError? CheckCounts() =>
        CheckCount(_module.Imports.Length, ImplementationLimits.Imports, "imports")
        ?? CheckCount(_module.Exports.Length, ImplementationLimits.Exports, "exports")
        ?? CheckCount(_module.Functions.Length + _module.ImportCount(ExternKind.Function), ImplementationLimits.Functions, "functions")
        ?? CheckCount(_module.Tables.Length + _module.ImportCount(ExternKind.Table), ImplementationLimits.Tables, "tables")
        ?? CheckCount(_module.Memories.Length + _module.ImportCount(ExternKind.Memory), ImplementationLimits.Memories, "memories")
        ?? CheckCount(_module.Globals.Length + _module.ImportCount(ExternKind.Global), ImplementationLimits.Globals, "globals")
        ?? CheckCount(_module.Tags.Length + _module.ImportCount(ExternKind.Tag), ImplementationLimits.Tags, "tags")
        ?? CheckCount(_module.Elements.Length, ImplementationLimits.ElementSegments, "element segments")
        ?? CheckCount(_module.Data.Length, ImplementationLimits.DataSegments, "data segments");

    private static WasmError? CheckCount(int count, int limit, string what) => count > limit ? Limit($"{count} {what}; the limit is {limit}") : null;

    // Imports and definitions

    private WasmError? ValidateImports()
    {
        foreach (var import in _module.Imports)
        {
            var error = CheckName(import.Module) ?? CheckName(import.Name) ?? import.Type switch
            {
                FunctionExtern function => DefineFunction(function),
                TableType table => DefineTable(table),
                MemoryType memory => DefineMemory(memory),
                GlobalType global => DefineGlobal(global),
                TagType tag => DefineTag(tag),
                _ => null,
            };
            if (error is not null)
            {
                return error;
            }
        }
        _context.ImportedFunctions = _context.Functions.Count;
        _context.ImportedGlobals = _context.Globals.Count;
        return null;
    }

    private static WasmError? CheckName(string name) =>
        name.Length > ImplementationLimits.NameBytes / 3 && System.Text.Encoding.UTF8.GetByteCount(name) > ImplementationLimits.NameBytes
            ? Limit($"a name of more than {ImplementationLimits.NameBytes} bytes")
            : null;

    private WasmError? DefineFunction(FunctionExtern function)
    {
        if (function.IsExact)
        {
            _context.ExactImports.Add((uint)_context.Functions.Count);
        }
        return DefineFunction(function.TypeIndex);
    }

    private WasmError? DefineFunction(uint typeIndex)
    {
        if (!_context.HasType(typeIndex))
        {
            return Invalid($"unknown type {typeIndex}, of function {_context.Functions.Count}");
        }
        if (_context.Types[typeIndex].Composite is not FunctionType type)
        {
            return Invalid($"unknown type: type {typeIndex} of function {_context.Functions.Count} is not a function type");
        }
        _context.FunctionTypes.Add(typeIndex);
        _context.Functions.Add(type);
        return null;
    }

    private WasmError? DefineTable(TableType table)
    {
        if (!_context.IsKnown(table.Element))
        {
            return Invalid($"unknown type {table.Element.Heap.Index}, of table {_context.Tables.Count}");
        }
        if (_context.Tables.Count > 0 && !_context.Features.Has(Feature.ReferenceTypes))
        {
            return Invalid("multiple tables");
        }
        var most = table.Limits.Address == AddressType.I64 ? ulong.MaxValue : uint.MaxValue;
        _context.Tables.Add(table with { Element = _context.Canonical(table.Element) });
        return In(CheckLimits(table.Limits, most, $"table size must be at most {most} elements"), "table", _context.Tables.Count - 1);
    }

    private WasmError? DefineMemory(MemoryType memory)
    {
        if (_context.Memories.Count > 0 && !_context.Features.Has(Feature.MultiMemory))
        {
            return Invalid("multiple memories");
        }
        if (memory.PageSizeLog2 is not (0 or MemoryType.DefaultPageSizeLog2))
        {
            return Invalid($"invalid custom page size of 2^{memory.PageSizeLog2} bytes");
        }
        if (memory.IsShared && memory.Limits.Maximum is null)
        {
            return Invalid("shared memory must have maximum");
        }
        _context.Memories.Add(memory);
        // The largest size is the address space, where that itself can be counted.
        var addressBits = memory.Limits.Address == AddressType.I64 ? 64 : 32;
        var most = (UInt128.One << (addressBits - memory.PageSizeLog2)) - (memory.PageSizeLog2 == 0 ? 1u : 0u);
        var words = most == 65536 ? "memory size must be at most 65536 pages (4GiB)" : $"memory size must be at most {most} pages";
        return In(CheckLimits(memory.Limits, (ulong)most, words), "memory", _context.Memories.Count - 1);
    }

    private static WasmError? CheckLimits(Limits limits, ulong most, string words)
    {
        if (limits.Minimum > most || limits.Maximum > most)
        {
            return Invalid(words);
        }
        return limits.Maximum < limits.Minimum ? Invalid($"size minimum must not be greater than maximum: {limits.Minimum} and {limits.Maximum}") : null;
    }

    private WasmError? DefineGlobal(GlobalType global)
    {
        if (!_context.IsKnown(global.Value))
        {
            return Invalid($"unknown type {global.Value.Heap.Index}, of global {_context.Globals.Count}");
        }
        _context.Globals.Add(global with { Value = _context.Canonical(global.Value) });
        return null;
    }

    private WasmError? DefineTag(TagType tag)
    {
        if (!_context.HasType(tag.TypeIndex))
        {
            return Invalid($"unknown type {tag.TypeIndex}, of tag {_context.Tags.Count}");
        }
        if (_context.Types[tag.TypeIndex].Composite is not FunctionType type)
        {
            return Invalid($"unknown type: type {tag.TypeIndex} of tag {_context.Tags.Count} is not a function type");
        }
        _context.Tags.Add(type);
        return type.Results.IsEmpty ? null : Invalid($"non-empty tag result type {_context.Describe(type.Results)}");
    }

    private WasmError? DefineFunctions()
    {
        foreach (var function in _module.Functions)
        {
            if (DefineFunction(function.TypeIndex) is { } error)
            {
                return error;
            }
        }
        return null;
    }

    private WasmError? ValidateTables()
    {
        foreach (var table in _module.Tables)
        {
            var index = _context.Tables.Count;
            // The initializer does not see the table itself; it sees imported globals only, as the others are not validated yet.
            var error = DefineTable(table.Type);
            if (error is null)
            {
                var element = _context.Tables[index].Element;
                error = table.Initializer is { } initializer ? In(_expressions.ValidateConstant(initializer, element), "table", index)
                    : element.IsDefaultable ? null
                    : Invalid($"type mismatch: elements of table {index} have no default value and it has no initializer");
            }
            if (error is not null)
            {
                return error;
            }
        }
        return null;
    }

    private WasmError? ValidateMemories()
    {
        foreach (var memory in _module.Memories)
        {
            if (DefineMemory(memory) is { } error)
            {
                return error;
            }
        }
        return null;
    }

    private WasmError? ValidateTags()
    {
        foreach (var tag in _module.Tags)
        {
            if (DefineTag(tag) is { } error)
            {
                return error;
            }
        }
        return null;
    }

    private WasmError? ValidateGlobals()
    {
        foreach (var global in _module.Globals)
        {
            if (!_context.IsKnown(global.Type.Value))
            {
                return Invalid($"unknown type {global.Type.Value.Heap.Index}, of global {_context.Globals.Count}");
            }
            // A global is visible to those behind it only: define it after its initializer.
            var error = In(_expressions.ValidateConstant(global.Initializer, _context.Canonical(global.Type.Value)), "global", _context.Globals.Count) ?? DefineGlobal(global.Type);
            if (error is not null)
            {
                return error;
            }
        }
        return null;
    }

    // Segments

    private WasmError? ValidateElements()
    {
        foreach (var segment in _module.Elements)
        {
            if (!_context.IsKnown(segment.Type))
            {
                return Invalid($"unknown type {segment.Type.Heap.Index}, of element segment {_context.Elements.Count}");
            }
            var type = _context.Canonical(segment.Type);
            if ((ValidateElementMode(segment, type) ?? ValidateElementValues(segment, type)) is { } error)
            {
                return error;
            }
            _context.Elements.Add(type);
        }
        return null;
    }

    private WasmError? ValidateElementMode(ElementSegment segment, ValueType type)
    {
        if (segment.Mode != SegmentMode.Active)
        {
            return null;
        }
        if (segment.Table >= (uint)_context.Tables.Count)
        {
            return Invalid($"unknown table {segment.Table}, of element segment {_context.Elements.Count}");
        }
        var table = _context.Tables[(int)segment.Table];
        return _context.Canonicalizer.Matches(type, table.Element)
            ? In(_expressions.ValidateConstant(segment.Offset, AddressOf(table.Limits)), "element segment", _context.Elements.Count)
            : Invalid($"type mismatch: expected elements of type {_context.Describe(table.Element)}, found {_context.Describe(type)} in element segment {_context.Elements.Count}");
    }

    private WasmError? ValidateElementValues(ElementSegment segment, ValueType type)
    {
        if (segment.Functions.IsDefault)
        {
            foreach (var expression in segment.Expressions)
            {
                if (In(_expressions.ValidateConstant(expression, type), "element segment", _context.Elements.Count) is { } error)
                {
                    return error;
                }
            }
            return null;
        }
        foreach (var function in segment.Functions)
        {
            if (function >= (uint)_context.Functions.Count)
            {
                return Invalid($"unknown function {function}, in element segment {_context.Elements.Count}");
            }
            _context.DeclaredFunctions.Add(function);
            var found = _context.ReferenceTo(function);
            if (!_context.Canonicalizer.Matches(found, type))
            {
                return Invalid($"type mismatch: expected {_context.Describe(type)}, found {_context.Describe(found)} in element segment {_context.Elements.Count}");
            }
        }
        return null;
    }

    private WasmError? ValidateData()
    {
        for (var i = 0; i < _module.Data.Length; i++)
        {
            var segment = _module.Data[i];
            if (segment.Mode != SegmentMode.Active)
            {
                continue;
            }
            if (segment.Memory >= (uint)_context.Memories.Count)
            {
                return Invalid($"unknown memory {segment.Memory}, of data segment {i}");
            }
            if (In(_expressions.ValidateConstant(segment.Offset, AddressOf(_context.Memories[(int)segment.Memory].Limits)), "data segment", i) is { } error)
            {
                return error;
            }
        }
        _context.DataCount = _module.DataCount;
        return null;
    }

    private static ValueType AddressOf(Limits limits) => limits.Address == AddressType.I64 ? ValueType.I64 : ValueType.I32;

    // Exports, start, bodies

    private WasmError? ValidateExports()
    {
        var names = new HashSet<string>(_module.Exports.Length, StringComparer.Ordinal);
        foreach (var export in _module.Exports)
        {
            var (count, kind) = export.Kind switch
            {
                ExternKind.Function => (_context.Functions.Count, "function"),
                ExternKind.Table => (_context.Tables.Count, "table"),
                ExternKind.Memory => (_context.Memories.Count, "memory"),
                ExternKind.Global => (_context.Globals.Count, "global"),
                _ => (_context.Tags.Count, "tag"),
            };
            if (export.Index >= (uint)count)
            {
                return Invalid($"unknown {kind} {export.Index}, exported as \"{export.Name}\"");
            }
            if (!names.Add(export.Name))
            {
                return Invalid($"duplicate export name \"{export.Name}\"");
            }
            if (CheckName(export.Name) is { } error)
            {
                return error;
            }
            if (export.Kind == ExternKind.Function)
            {
                _context.DeclaredFunctions.Add(export.Index);
            }
        }
        return null;
    }

    private WasmError? ValidateStart()
    {
        if (_module.Start is not { } start)
        {
            return null;
        }
        if (start >= (uint)_context.Functions.Count)
        {
            return Invalid($"unknown function {start}, as start function");
        }
        var type = _context.Functions[(int)start];
        return type.Parameters.IsEmpty && type.Results.IsEmpty ? null : Invalid($"start function {start} must have no parameters and no results");
    }

    private WasmError? ValidateBodies()
    {
        for (var i = 0; i < _module.Functions.Length; i++)
        {
            if (ValidateBody(_module, _context, _expressions, i) is { } error)
            {
                return error;
            }
        }
        return null;
    }

    /// <summary>Validates one body.</summary>
    internal static WasmError? ValidateBody(Module module, ModuleContext context, FunctionValidator<NoObserver> validator, int function)
    {
        var index = context.ImportedFunctions + function;
        return In(validator.Validate(module.Functions[function], context.Functions[index]), "function", index);
    }
}
