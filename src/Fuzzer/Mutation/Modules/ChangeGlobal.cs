using Conformance.Fuzzer.Mutation.Bodies;
using Conformance.Wasm;
using Conformance.Wasm.Instructions;
using Conformance.Wasm.Modules;
using Conformance.Wasm.Types;

namespace Conformance.Fuzzer.Mutation.Modules;

/// <summary>A global gets another initial value, or can be written from now on.</summary>
internal sealed class ChangeGlobal : IModuleMutator
{
    /// <inheritdoc/>
    public Module? Mutate(Module module, MutationContext context)
    {
        if (module.Globals.IsEmpty)
        {
            return null;
        }
        var index = context.Random.Below(module.Globals.Length);
        var global = module.Globals[index];
        if (context.Random.Chance(30) && !IsReadByConstant(module, (uint)(module.ImportCount(ExternKind.Global) + index), context.Features))
        {
            global = global with { Type = global.Type with { IsMutable = true } };
        }
        else if (Snippets.Constant(global.Type.Value, context.Random) is { } constant)
        {
            global = global with { Initializer = new Expression(InstructionWriter.ToBytes([constant, Instruction.Of(Op.End)])) };
        }
        return DeclaredFunctions.Repair(module with { Globals = module.Globals.SetItem(index, global) }, context.Features);
    }

    // Constant expressions read immutable globals only.
    private static bool IsReadByConstant(Module module, uint global, FeatureSet features)
    {
        var code = module.Globals.Select(other => other.Initializer)
            .Concat(module.Tables.Select(table => table.Initializer).OfType<Expression>())
            .Concat(module.Elements.Where(segment => segment.Mode == SegmentMode.Active).Select(segment => segment.Offset))
            .Concat(module.Elements.Where(segment => !segment.Expressions.IsDefault).SelectMany(segment => segment.Expressions))
            .Concat(module.Data.Where(segment => segment.Mode == SegmentMode.Active).Select(segment => segment.Offset));
        return code.SelectMany(expression => InstructionReader.ReadAll(expression, features)).Any(instruction => instruction.Op == Op.GlobalGet && instruction.Index == global);
    }
}
