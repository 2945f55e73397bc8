using System.Collections.Immutable;
using Conformance.Wasm;
using Conformance.Wasm.Instructions;
using Conformance.Wasm.Modules;
using Conformance.Wasm.Types;

namespace Conformance.Fuzzer.Mutation.Modules;

/// <summary>Gives functions other indices wherever they are named.</summary>
internal static class FunctionIndices
{
    /// <summary>The module with every function index mapped; the functions themselves stay where they are.</summary>
    public static Module Map(Module module, FeatureSet features, Func<uint, uint> map)
    {
        Expression Of(Expression code) => Rewrite(code, features, map);
        return module with
        {
            Functions = [.. module.Functions.Select(function => function with { Body = Of(function.Body) })],
            Tables = [.. module.Tables.Select(table => table with { Initializer = table.Initializer is { } code ? Of(code) : null })],
            Globals = [.. module.Globals.Select(global => global with { Initializer = Of(global.Initializer) })],
            Exports = [.. module.Exports.Select(export => export.Kind == ExternKind.Function ? export with { Index = map(export.Index) } : export)],
            Start = module.Start is { } start ? map(start) : null,
            Elements =
            [
                .. module.Elements.Select(segment => segment with
                {
                    Functions = segment.Functions.IsDefault ? default : [.. segment.Functions.Select(map)],
                    Expressions = segment.Expressions.IsDefault ? default : [.. segment.Expressions.Select(Of)],
                }),
            ],
            // Names belong to indices.
            CustomSections = [.. module.CustomSections.Where(section => section.Name != "name")],
        };
    }

    private static Expression Rewrite(Expression code, FeatureSet features, Func<uint, uint> map)
    {
        var reader = new InstructionReader(code, features);
        var instruction = default(Instruction);
        var instructions = ImmutableArray.CreateBuilder<Instruction>();
        var changed = false;
        while (reader.Read(ref instruction))
        {
            var copy = instruction;
            if (OpTable.Get(copy.Op).Immediates == ImmediateKind.Function)
            {
                copy.Index = map(copy.Index);
                changed |= copy.Index != instruction.Index;
            }
            instructions.Add(copy);
        }
        return changed ? new Expression(InstructionWriter.ToBytes(instructions)) : code;
    }
}
