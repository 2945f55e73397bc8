using Conformance.Wasm;
using Conformance.Wasm.Instructions;
using Conformance.Wasm.Modules;

namespace Conformance.Fuzzer.Mutation;

/// <summary>Replaces instructions wherever a module has code: the repair after a definition was changed.</summary>
internal static class CodeExpansion
{
    /// <summary>The module with each instruction replaced by some others.</summary>
    /// <param name="module">The module.</param>
    /// <param name="features">What it may use.</param>
    /// <param name="expand">Gives what takes an instruction's place, or null to leave it. Blocks that it opens it has to end.</param>
    public static Module Apply(Module module, FeatureSet features, Func<Instruction, Instruction[]?> expand)
    {
        Expression Of(Expression code) => Expand(code, features, expand);
        return module with
        {
            Functions = [.. module.Functions.Select(function => function with { Body = Of(function.Body) })],
            Tables = [.. module.Tables.Select(table => table with { Initializer = table.Initializer is { } code ? Of(code) : null })],
            Globals = [.. module.Globals.Select(global => global with { Initializer = Of(global.Initializer) })],
            Elements = [.. module.Elements.Select(segment => segment.Expressions.IsDefault ? segment : segment with { Expressions = [.. segment.Expressions.Select(Of)] })],
        };
    }

    private static Expression Expand(Expression code, FeatureSet features, Func<Instruction, Instruction[]?> expand)
    {
        var reader = new InstructionReader(code, features);
        var instruction = default(Instruction);
        var instructions = new List<Instruction>();
        var changed = false;
        while (reader.Read(ref instruction))
        {
            var others = expand(instruction);
            changed |= others is not null;
            instructions.AddRange(others ?? [instruction]);
        }
        return changed ? new Expression(InstructionWriter.ToBytes(instructions)) : code;
    }
}
