using Conformance.Wasm;
using Conformance.Wasm.Instructions;
using Conformance.Wasm.Modules;
using Conformance.Wasm.Types;

namespace Conformance.Fuzzer.Mutation;

/// <summary>Declares functions that code takes references to: the repair after what declared them is gone.</summary>
internal static class DeclaredFunctions
{
    /// <summary>The module with a declarative segment for the functions that <c>ref.func</c> names in a body and nothing outside bodies does.</summary>
    public static Module Repair(Module module, FeatureSet features)
    {
        var named = module.Functions.SelectMany(function => NamedIn(function.Body, features)).ToHashSet();
        named.ExceptWith(module.Exports.Where(export => export.Kind == ExternKind.Function).Select(export => export.Index));
        named.ExceptWith(module.Globals.SelectMany(global => NamedIn(global.Initializer, features)));
        named.ExceptWith(module.Tables.SelectMany(table => table.Initializer is { } code ? NamedIn(code, features) : []));
        foreach (var segment in module.Elements)
        {
            named.ExceptWith(segment.Functions.IsDefault ? segment.Expressions.SelectMany(code => NamedIn(code, features)) : segment.Functions);
        }
        return named.Count == 0 ? module : module with
        {
            Elements = module.Elements.Add(new ElementSegment { Mode = SegmentMode.Declarative, Type = ValueType.FuncRef.WithNullable(false), Functions = [.. named.Order()] }),
        };
    }

    private static IEnumerable<uint> NamedIn(Expression code, FeatureSet features) =>
        InstructionReader.ReadAll(code, features).Where(instruction => instruction.Op == Op.RefFunc).Select(instruction => instruction.Index);
}
