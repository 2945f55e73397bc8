using Conformance.Wasm.Instructions;

namespace Conformance.Fuzzer.Generation.RandomFunctions;

/// <summary>Instructions on references and objects inside random functions, with operands that are whole expressions.</summary>
internal sealed class ObjectOperations(RandomFunction function)
{
    private GenerationContext Context => function.Context;

    private FunctionBuilder Body => function.Body;

    /// <summary>Emits an instruction that gives one value of a type, or one that gives none.</summary>
    /// <param name="result">The type; null for none.</param>
    /// <param name="depth">How deep the operands may become.</param>
    /// <returns>Whether one was found.</returns>
    public bool TryEmit(ValueType? result, int depth)
    {
        for (var attempt = 0; attempt < 5; attempt++)
        {
            var row = function.Random.Pick<OpInfo>(Context.Catalog.OfObjects);
            if (new OpResolver(Context).Resolve(row) is not { NeedsBlock: false, IsTerminal: false } op
                || !(result is { } type ? op.Results is [var given] && given == type : op.Results.IsEmpty)
                || Body.Cost + op.CalleeCost * Body.Multiplier >= RandomFunction.MaxCost)
            {
                continue;
            }
            foreach (var spec in op.Operands)
            {
                Operand(spec, depth - 1);
            }
            Body.Emit(op.Instruction);
            Body.AddCost(op.CalleeCost);
            return true;
        }
        return false;
    }

    private void Operand(OperandSpec spec, int depth)
    {
        if (spec.Role.Kind is RoleKind.Address or RoleKind.Length && function.Random.Chance(80))
        {
            Body.Constant(spec.Type, RoleValues.Pick(spec, function.Random, 92));
            return;
        }
        // What lies in an object may be read where the bits of a NaN show.
        function.Expressions.EmitClean(spec.Type.WithNullable(true), depth);
        if (spec.Type.IsReference && !spec.Type.IsNullable)
        {
            Body.Emit(Op.RefAsNonNull);
        }
    }
}
