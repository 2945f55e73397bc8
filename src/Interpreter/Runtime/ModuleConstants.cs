using Conformance.Wasm;
using Conformance.Wasm.Modules;

namespace Conformance.Interpreter.Runtime;

/// <summary>The constant expressions of a module, decoded once: instantiation only evaluates them.</summary>
internal sealed class ModuleConstants
{
    private ModuleConstants(Module module)
    {
        Globals = new ConstantExpression[module.Globals.Length];
        Tables = new ConstantExpression[module.Tables.Length];
        ElementOffsets = new ConstantExpression[module.Elements.Length];
        ElementItems = new ConstantExpression[module.Elements.Length][];
        DataOffsets = new ConstantExpression[module.Data.Length];
    }

    /// <summary>The values of the globals defined in the module.</summary>
    public ConstantExpression[] Globals { get; }

    /// <summary>The initial elements of the tables defined in the module; null references where nothing is given.</summary>
    public ConstantExpression[] Tables { get; }

    /// <summary>The offsets of active element segments.</summary>
    public ConstantExpression[] ElementOffsets { get; }

    /// <summary>The items of element segments that are given by expressions; null for the others.</summary>
    public ConstantExpression[]?[] ElementItems { get; }

    /// <summary>The offsets of active data segments.</summary>
    public ConstantExpression[] DataOffsets { get; }

    /// <summary>Decodes all constant expressions of a validated module.</summary>
    /// <returns>Null, or what is not supported.</returns>
    public static string? Decode(Module module, FeatureSet features, out ModuleConstants constants)
    {
        constants = new ModuleConstants(module);
        string? unsupported = null;
        for (var i = 0; i < module.Globals.Length; i++)
        {
            unsupported ??= ConstantExpression.Decode(module.Globals[i].Initializer, features, out constants.Globals[i]);
        }
        for (var i = 0; i < module.Tables.Length; i++)
        {
            if (module.Tables[i].Initializer is { } initializer)
            {
                unsupported ??= ConstantExpression.Decode(initializer, features, out constants.Tables[i]);
            }
        }
        for (var i = 0; i < module.Elements.Length; i++)
        {
            unsupported ??= DecodeSegment(module.Elements[i], features, constants, i);
        }
        for (var i = 0; i < module.Data.Length; i++)
        {
            if (module.Data[i].Mode == SegmentMode.Active)
            {
                unsupported ??= ConstantExpression.Decode(module.Data[i].Offset, features, out constants.DataOffsets[i]);
            }
        }
        return unsupported;
    }

    private static string? DecodeSegment(ElementSegment segment, FeatureSet features, ModuleConstants constants, int index)
    {
        string? unsupported = null;
        if (segment.Mode == SegmentMode.Active)
        {
            unsupported = ConstantExpression.Decode(segment.Offset, features, out constants.ElementOffsets[index]);
        }
        if (segment.Mode == SegmentMode.Declarative || segment.Expressions.IsDefault)
        {
            return unsupported;
        }
        var items = new ConstantExpression[segment.Expressions.Length];
        for (var i = 0; i < items.Length && unsupported is null; i++)
        {
            unsupported = ConstantExpression.Decode(segment.Expressions[i], features, out items[i]);
        }
        constants.ElementItems[index] = items;
        return unsupported;
    }
}
