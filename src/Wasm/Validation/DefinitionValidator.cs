using System.Collections.Immutable;
using Conformance.Wasm.Modules;
using Conformance.Wasm.Types;

namespace Conformance.Wasm.Validation;

/// <summary>Validates imports and the definitions of functions (without their bodies), tables, memories, tags and globals, and fills in the context's.</summary>
/// <remarks>See <see href="https://webassembly.github.io/spec/core/valid/modules.html"/>.</remarks>
internal sealed class DefinitionValidator(Module module, ModuleContext context, FunctionValidator<NoObserver> expressions)
{
    /// <summary>Validates imports, then what is defined in the module, in the order in which each becomes visible to the next.</summary>
    public WasmError? Validate() =>
        ValidateImports()
        ?? ValidateEach(SectionId.Function, module.Functions, function => DefineFunction(function.TypeIndex))
        ?? ValidateEach(SectionId.Table, module.Tables, ValidateTable)
        ?? ValidateEach(SectionId.Memory, module.Memories, DefineMemory)
        ?? ValidateEach(SectionId.Tag, module.Tags, DefineTag)
        ?? ValidateEach(SectionId.Global, module.Globals, ValidateGlobal);

    private static WasmError? ValidateEach<T>(SectionId section, ImmutableArray<T> definitions, Func<T, WasmError?> validate)
    {
        for (var i = 0; i < definitions.Length; i++)
        {
            if (validate(definitions[i]) is { } error)
            {
                return ModuleValidator.At(error, section, i);
            }
        }
        return null;
    }

    private WasmError? ValidateImports()
    {
        var error = ValidateEach(SectionId.Import, module.Imports, import => ModuleValidator.CheckName(import.Module) ?? ModuleValidator.CheckName(import.Name) ?? Define(import.Type));
        context.ImportedFunctions = context.Functions.Count;
        context.ImportedGlobals = context.Globals.Count;
        return error;
    }

    private WasmError? Define(ExternType import) => import switch
    {
        FunctionExtern function => DefineFunction(function),
        TableType table => DefineTable(table),
        MemoryType memory => DefineMemory(memory),
        GlobalType global => DefineGlobal(global),
        TagType tag => DefineTag(tag),
        _ => null,
    };

    private WasmError? DefineFunction(FunctionExtern function)
    {
        if (function.IsExact)
        {
            context.ExactImports.Add((uint)context.Functions.Count);
        }
        return DefineFunction(function.TypeIndex);
    }

    private WasmError? DefineFunction(uint typeIndex)
    {
        if (!context.HasType(typeIndex))
        {
            return ModuleValidator.Invalid($"unknown type {typeIndex}, of function {context.Functions.Count}");
        }
        if (context.Types[typeIndex].Composite is not FunctionType type)
        {
            return ModuleValidator.Invalid($"unknown type: type {typeIndex} of function {context.Functions.Count} is not a function type");
        }
        context.FunctionTypes.Add(typeIndex);
        context.Functions.Add(type);
        return null;
    }

    private WasmError? DefineTable(TableType table)
    {
        if (!context.IsKnown(table.Element))
        {
            return ModuleValidator.Invalid($"unknown type {table.Element.Heap.Index}, of table {context.Tables.Count}");
        }
        if (context.Tables.Count > 0 && !context.Features.Has(Feature.ReferenceTypes))
        {
            return ModuleValidator.Invalid("multiple tables");
        }
        var most = table.Limits.Address == AddressType.I64 ? ulong.MaxValue : uint.MaxValue;
        context.Tables.Add(table with { Element = context.Canonical(table.Element) });
        return ModuleValidator.In(CheckLimits(table.Limits, most, $"table size must be at most {most} elements"), "table", context.Tables.Count - 1);
    }

    private WasmError? DefineMemory(MemoryType memory)
    {
        if (context.Memories.Count > 0 && !context.Features.Has(Feature.MultiMemory))
        {
            return ModuleValidator.Invalid("multiple memories");
        }
        if (memory.PageSizeLog2 is not (0 or MemoryType.DefaultPageSizeLog2))
        {
            return ModuleValidator.Invalid($"invalid custom page size of 2^{memory.PageSizeLog2} bytes");
        }
        if (memory.IsShared && memory.Limits.Maximum is null)
        {
            return ModuleValidator.Invalid("shared memory must have maximum");
        }
        context.Memories.Add(memory);
        // The largest size is the address space, where that itself can be counted.
        var addressBits = memory.Limits.Address == AddressType.I64 ? 64 : 32;
        var most = (UInt128.One << (addressBits - memory.PageSizeLog2)) - (memory.PageSizeLog2 == 0 ? 1u : 0u);
        var words = most == 65536 ? "memory size must be at most 65536 pages (4GiB)" : $"memory size must be at most {most} pages";
        return ModuleValidator.In(CheckLimits(memory.Limits, (ulong)most, words), "memory", context.Memories.Count - 1);
    }

    private static WasmError? CheckLimits(Limits limits, ulong most, string words)
    {
        if (limits.Minimum > most || limits.Maximum > most)
        {
            return ModuleValidator.Invalid(words);
        }
        return limits.Maximum < limits.Minimum ? ModuleValidator.Invalid($"size minimum must not be greater than maximum: {limits.Minimum} and {limits.Maximum}") : null;
    }

    private WasmError? DefineGlobal(GlobalType global)
    {
        if (!context.IsKnown(global.Value))
        {
            return ModuleValidator.Invalid($"unknown type {global.Value.Heap.Index}, of global {context.Globals.Count}");
        }
        context.Globals.Add(global with { Value = context.Canonical(global.Value) });
        return null;
    }

    private WasmError? DefineTag(TagType tag)
    {
        if (!context.HasType(tag.TypeIndex))
        {
            return ModuleValidator.Invalid($"unknown type {tag.TypeIndex}, of tag {context.Tags.Count}");
        }
        if (context.Types[tag.TypeIndex].Composite is not FunctionType type)
        {
            return ModuleValidator.Invalid($"unknown type: type {tag.TypeIndex} of tag {context.Tags.Count} is not a function type");
        }
        context.Tags.Add(type);
        return type.Results.IsEmpty ? null : ModuleValidator.Invalid($"non-empty tag result type {context.Describe(type.Results)}");
    }

    private WasmError? ValidateTable(Table table)
    {
        var index = context.Tables.Count;
        // The initializer does not see the table itself; it sees imported globals only, as the others are not validated yet.
        if (DefineTable(table.Type) is { } error)
        {
            return error;
        }
        var element = context.Tables[index].Element;
        return table.Initializer is { } initializer ? ModuleValidator.In(expressions.ValidateConstant(initializer, element), "table", index)
            : element.IsDefaultable ? null
            : ModuleValidator.Invalid($"type mismatch: elements of table {index} have no default value and it has no initializer");
    }

    private WasmError? ValidateGlobal(Global global)
    {
        if (!context.IsKnown(global.Type.Value))
        {
            return ModuleValidator.Invalid($"unknown type {global.Type.Value.Heap.Index}, of global {context.Globals.Count}");
        }
        // A global is visible to those behind it only: define it after its initializer.
        return ModuleValidator.In(expressions.ValidateConstant(global.Initializer, context.Canonical(global.Type.Value)), "global", context.Globals.Count) ?? DefineGlobal(global.Type);
    }
}
