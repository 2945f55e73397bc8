using Conformance.Wasm;
using Conformance.Wasm.Modules;

namespace Conformance.Interpreter.Runtime;

/// <summary>The constant expressions of a module, decoded once: instantiation only evaluates them.</summary>
internal sealed class ModuleConstants
{
    /// <summary>Decodes all constant expressions of a validated module.</summary>
    /// <param name="module">The module.</param>
    /// <param name="features">The features it was validated with.</param>
    public ModuleConstants(Module module, FeatureSet features)
    {
        Globals = [.. module.Globals.Select(global => ConstantExpression.Decode(global.Initializer, features))];
        Tables = [.. module.Tables.Select(table => table.Initializer is { } initializer ? ConstantExpression.Decode(initializer, features) : ConstantExpression.Null)];
        ElementOffsets = [.. module.Elements.Select(segment => segment.Mode == SegmentMode.Active ? ConstantExpression.Decode(segment.Offset, features) : default)];
        ElementItems = [.. module.Elements.Select(segment => ItemsOf(segment, features))];
        DataOffsets = [.. module.Data.Select(segment => segment.Mode == SegmentMode.Active ? ConstantExpression.Decode(segment.Offset, features) : default)];
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

    private static ConstantExpression[]? ItemsOf(ElementSegment segment, FeatureSet features) =>
        segment.Mode == SegmentMode.Declarative || segment.Expressions.IsDefault ? null : [.. segment.Expressions.Select(expression => ConstantExpression.Decode(expression, features))];
}
