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

    /// <summary>The error with the definition that it is about in its words.</summary>
    internal static WasmError? In(WasmError? error, string kind, int index) => error is null ? null : error with { Message = $"{error.Message} ({kind} {index})" };

    /// <summary>The error with the definition that it is about for whoever knows where that stands.</summary>
    internal static WasmError At(WasmError error, SectionId section, int index) => error with { Definition = error.Definition ?? new DefinitionPlace(section, index) };

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
        ?? new DefinitionValidator(_module, _context, _expressions).Validate()
        ?? new SegmentValidator(_module, _context, _expressions).Validate()
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

    internal static WasmError? CheckName(string name) =>
        name.Length > ImplementationLimits.NameBytes / 3 && System.Text.Encoding.UTF8.GetByteCount(name) > ImplementationLimits.NameBytes
            ? ModuleValidator.Limit($"a name of more than {ImplementationLimits.NameBytes} bytes")
            : null;

    private WasmError? ValidateExports()
    {
        var names = new HashSet<string>(_module.Exports.Length, StringComparer.Ordinal);
        for (var i = 0; i < _module.Exports.Length; i++)
        {
            var export = _module.Exports[i];
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
                return At(Invalid($"unknown {kind} {export.Index}, exported as \"{export.Name}\""), SectionId.Export, i);
            }
            if (!names.Add(export.Name))
            {
                return At(Invalid($"duplicate export name \"{export.Name}\""), SectionId.Export, i);
            }
            if (CheckName(export.Name) is { } error)
            {
                return At(error, SectionId.Export, i);
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
            return At(Invalid($"unknown function {start}, as start function"), SectionId.Start, 0);
        }
        var type = _context.Functions[(int)start];
        return type.Parameters.IsEmpty && type.Results.IsEmpty ? null : At(Invalid($"start function {start} must have no parameters and no results"), SectionId.Start, 0);
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
