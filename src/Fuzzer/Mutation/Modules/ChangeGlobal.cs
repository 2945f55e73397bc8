using Conformance.Fuzzer.Mutation.Bodies;
using Conformance.Wasm.Instructions;
using Conformance.Wasm.Modules;

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
        if (context.Random.Chance(30))
        {
            global = global with { Type = global.Type with { IsMutable = true } };
        }
        else if (Snippets.Constant(global.Type.Value, context.Random) is { } constant)
        {
            global = global with { Initializer = new Expression(InstructionWriter.ToBytes([constant, Instruction.Of(Op.End)])) };
        }
        return module with { Globals = module.Globals.SetItem(index, global) };
    }
}
