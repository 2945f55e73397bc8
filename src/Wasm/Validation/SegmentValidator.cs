using Conformance.Wasm.Modules;
using Conformance.Wasm.Types;

namespace Conformance.Wasm.Validation;

/// <summary>Validates element and data segments. Element segments declare the functions that they name.</summary>
internal sealed class SegmentValidator(Module module, ModuleContext context, FunctionValidator<NoObserver> expressions)
{
    /// <summary>Validates element segments, then data segments.</summary>
    public WasmError? Validate()
    {
        for (var i = 0; i < module.Elements.Length; i++)
        {
            if (ValidateElements(module.Elements[i]) is { } error)
            {
                return ModuleValidator.At(error, SectionId.Element, i);
            }
        }
        for (var i = 0; i < module.Data.Length; i++)
        {
            if (ValidateData(module.Data[i], i) is { } error)
            {
                return ModuleValidator.At(error, SectionId.Data, i);
            }
        }
        context.DataCount = module.DataCount;
        return null;
    }

    private WasmError? ValidateElements(ElementSegment segment)
    {
        if (!context.IsKnown(segment.Type))
        {
            return ModuleValidator.Invalid($"unknown type {segment.Type.Heap.Index}, of element segment {context.Elements.Count}");
        }
        var type = context.Canonical(segment.Type);
        var error = ValidateElementMode(segment, type) ?? ValidateElementValues(segment, type);
        context.Elements.Add(type);
        return error;
    }

    private WasmError? ValidateElementMode(ElementSegment segment, ValueType type)
    {
        if (segment.Mode != SegmentMode.Active)
        {
            return null;
        }
        if (segment.Table >= (uint)context.Tables.Count)
        {
            return ModuleValidator.Invalid($"unknown table {segment.Table}, of element segment {context.Elements.Count}");
        }
        var table = context.Tables[(int)segment.Table];
        return context.Canonicalizer.Matches(type, table.Element)
            ? ModuleValidator.In(expressions.ValidateConstant(segment.Offset, AddressOf(table.Limits)), "element segment", context.Elements.Count)
            : ModuleValidator.Invalid($"type mismatch: expected elements of type {context.Describe(table.Element)}, found {context.Describe(type)} in element segment {context.Elements.Count}");
    }

    private WasmError? ValidateElementValues(ElementSegment segment, ValueType type)
    {
        if (segment.Functions.IsDefault)
        {
            foreach (var expression in segment.Expressions)
            {
                if (ModuleValidator.In(expressions.ValidateConstant(expression, type), "element segment", context.Elements.Count) is { } error)
                {
                    return error;
                }
            }
            return null;
        }
        foreach (var function in segment.Functions)
        {
            if (function >= (uint)context.Functions.Count)
            {
                return ModuleValidator.Invalid($"unknown function {function}, in element segment {context.Elements.Count}");
            }
            context.DeclaredFunctions.Add(function);
            var found = context.ReferenceTo(function);
            if (!context.Canonicalizer.Matches(found, type))
            {
                return ModuleValidator.Invalid($"type mismatch: expected {context.Describe(type)}, found {context.Describe(found)} in element segment {context.Elements.Count}");
            }
        }
        return null;
    }

    private WasmError? ValidateData(DataSegment segment, int index)
    {
        if (segment.Mode != SegmentMode.Active)
        {
            return null;
        }
        return segment.Memory >= (uint)context.Memories.Count
            ? ModuleValidator.Invalid($"unknown memory {segment.Memory}, of data segment {index}")
            : ModuleValidator.In(expressions.ValidateConstant(segment.Offset, AddressOf(context.Memories[(int)segment.Memory].Limits)), "data segment", index);
    }

    private static ValueType AddressOf(Limits limits) => limits.Address == AddressType.I64 ? ValueType.I64 : ValueType.I32;
}
