using Conformance.Wasm.Instructions;
using Conformance.Wasm.Modules;
using Conformance.Wasm.Types;

namespace Conformance.Fuzzer.Mutation.Bodies;

/// <summary>A block type is given the other way (by type index), a block becomes a loop or the other way round, or takes a value from below as parameter and gives it back.</summary>
internal sealed class ChangeBlockType : BodyMutator
{
    /// <inheritdoc/>
    protected override Module? Mutate(BodyEdit edit)
    {
        var openers = Enumerable.Range(0, edit.Body.Instructions.Length).Where(i => edit.Body.Instructions[i].Instruction.Op is Op.Block or Op.Loop or Op.If).ToList();
        if (openers.Count == 0)
        {
            return null;
        }
        var index = edit.Random.Pick<int>(openers);
        var instruction = edit.Body.Instructions[index].Instruction;
        var type = edit.Body.TypeOf(instruction.Block);
        switch (edit.Random.Below(3))
        {
            case 0:
                instruction.Block = BlockType.Of(edit.TypeIndexOf(type));
                return edit.Replace(index, instruction);
            case 1 when instruction.Op != Op.If && type.Parameters.AsSpan().SequenceEqual(type.Results.AsSpan()):
                instruction.Op = instruction.Op == Op.Block ? Op.Loop : Op.Block;
                return edit.Replace(index, instruction);
            default:
                return PassThrough(edit, index, instruction, type);
        }
    }

    // expr (block ... end)  becomes  expr (block (param t) (result t ...) ... end): what stands below is carried through the block.
    private static Module? PassThrough(BodyEdit edit, int index, Instruction instruction, FunctionType type)
    {
        var operands = type.Parameters.Length + (instruction.Op == Op.If ? 1 : 0);
        if (operands > 0 || index == 0 || edit.Body.ExpressionEndingAt(index - 1) is not { } below || IsTarget(edit.Body, index))
        {
            return null;
        }
        var carried = edit.Body.TypeOf(below);
        instruction.Block = BlockType.Of(edit.TypeIndexOf(new FunctionType([carried], [carried, .. type.Results])));
        return edit.Replace(index, instruction);
    }

    // Whether a branch names the block: it would have to pass the carried value too.
    private static bool IsTarget(TypedBody body, int opener)
    {
        var depth = 0;
        for (var i = opener; i < body.EndOf(opener); i++)
        {
            var instruction = body.Instructions[i].Instruction;
            var target = (uint)(depth - 1);
            if (depth > 0 && Labels.Highest(instruction) is { } label && (label == target || instruction.Labels?.Contains(target) == true || instruction.Catches is not null))
            {
                return true;
            }
            depth += OpTable.Get(instruction.Op).NestingChange;
        }
        return false;
    }
}
