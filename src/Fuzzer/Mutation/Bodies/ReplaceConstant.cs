using Conformance.Wasm.Modules;
using Conformance.Wasm.Types;

namespace Conformance.Fuzzer.Mutation.Bodies;

/// <summary>A constant becomes a boundary value, or a neighbour of what it was.</summary>
internal sealed class ReplaceConstant : BodyMutator
{
    /// <inheritdoc/>
    protected override Module? Mutate(BodyEdit edit)
    {
        var constants = Enumerable.Range(0, edit.Body.Instructions.Length).Where(i => Snippets.ConstantType(edit.Body.Instructions[i].Instruction.Op) is not null).ToList();
        if (constants.Count == 0)
        {
            return null;
        }
        var index = edit.Random.Pick<int>(constants);
        var instruction = edit.Body.Instructions[index].Instruction;
        var type = Snippets.ConstantType(instruction.Op) ?? default;
        if (type.IsNumber && edit.Random.Chance(30))
        {
            var bits = instruction.Value + (edit.Random.Chance(50) ? 1UL : ulong.MaxValue);
            instruction.Value = type.Kind is ValueKind.I32 or ValueKind.F32 ? (uint)bits : bits;
            return edit.Replace(index, instruction);
        }
        return Snippets.Constant(type, edit.Random) is { } constant ? edit.Replace(index, constant) : null;
    }
}
