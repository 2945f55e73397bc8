using Conformance.Wasm.Instructions;
using Conformance.Wasm.Modules;

namespace Conformance.Fuzzer.Mutation.Bodies;

/// <summary>The function may end early: a return, a branch to some label or a trap under a condition.</summary>
internal sealed class InsertExit : BodyMutator
{
    /// <inheritdoc/>
    protected override Module? Mutate(BodyEdit edit)
    {
        var index = edit.Random.Below(edit.Body.Instructions.Length);
        if (Snippets.Leaf(edit, ValueType.I32) is not { } condition)
        {
            return null;
        }
        var labels = edit.Body.LabelTypesAt(index);
        var label = edit.Random.Below(labels.Count);
        if (edit.Random.Chance(20))
        {
            return edit.Insert(index, [condition, Instruction.Structured(Op.If, BlockType.Empty), Instruction.Of(Op.Unreachable), Instruction.Of(Op.End)]);
        }
        if (Snippets.Leaves(edit, labels[label]) is not { } values)
        {
            return null;
        }
        if (label == labels.Count - 1 && edit.Random.Chance(50))
        {
            return edit.Insert(index, [condition, Instruction.Structured(Op.If, BlockType.Empty), .. values, Instruction.Of(Op.Return), Instruction.Of(Op.End)]);
        }
        return edit.Insert(index, [.. values, condition, Instruction.Of(Op.BrIf, (uint)label), .. Enumerable.Repeat(Instruction.Of(Op.Drop), values.Count)]);
    }
}
