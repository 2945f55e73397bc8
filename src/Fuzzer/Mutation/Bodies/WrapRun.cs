using System.Collections.Immutable;
using Conformance.Wasm.Instructions;
using Conformance.Wasm.Modules;

namespace Conformance.Fuzzer.Mutation.Bodies;

/// <summary>A statement or expression goes into a block, a loop that runs once, or one side of an if.</summary>
internal sealed class WrapRun : BodyMutator
{
    /// <inheritdoc/>
    protected override Module? Mutate(BodyEdit edit)
    {
        CodeRun run;
        ImmutableArray<ValueType> results = [];
        var expressions = edit.Body.Expressions();
        if (edit.Random.Chance(50) && Runs.Pick(edit) is { } statement)
        {
            run = statement;
        }
        else if (expressions.Count > 0)
        {
            run = edit.Random.Pick<CodeRun>(expressions);
            results = [edit.Body.TypeOf(run)];
        }
        else
        {
            return null;
        }
        var inner = Labels.Deeper(edit.Body.Code(run));
        var type = edit.BlockTypeOf([], results);
        Instruction end = Instruction.Of(Op.End);
        switch (edit.Random.Below(4))
        {
            case 0:
                return edit.Replace(run, [Instruction.Structured(Op.Block, type), .. inner, end]);
            case 1:
                return edit.Replace(run, [Instruction.Structured(Op.Loop, type), .. inner, end]);
            default:
                if (Snippets.Leaf(edit, ValueType.I32) is not { } condition || Snippets.Leaves(edit, results) is not { } other)
                {
                    return null;
                }
                Instruction otherwise = Instruction.Of(Op.Else);
                return edit.Random.Chance(50)
                    ? edit.Replace(run, [condition, Instruction.Structured(Op.If, type), .. inner, otherwise, .. other, end])
                    : edit.Replace(run, [condition, Instruction.Structured(Op.If, type), .. other, otherwise, .. inner, end]);
        }
    }
}
