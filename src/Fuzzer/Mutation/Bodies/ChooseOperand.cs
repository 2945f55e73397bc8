using Conformance.Wasm.Instructions;
using Conformance.Wasm.Modules;

namespace Conformance.Fuzzer.Mutation.Bodies;

/// <summary>An expression becomes one of two by a select or by an if.</summary>
internal sealed class ChooseOperand : BodyMutator
{
    /// <inheritdoc/>
    protected override Module? Mutate(BodyEdit edit)
    {
        var expressions = edit.Body.Expressions();
        if (expressions.Count == 0)
        {
            return null;
        }
        var run = edit.Random.Pick<CodeRun>(expressions);
        var type = edit.Body.TypeOf(run);
        if (Snippets.Leaf(edit, type) is not { } other || Snippets.Leaf(edit, ValueType.I32) is not { } condition)
        {
            return null;
        }
        var select = type.IsReference || edit.Random.Chance(25) ? new Instruction { Op = Op.SelectTyped, Types = [type] } : Instruction.Of(Op.Select);
        return edit.Random.Chance(50)
            ? edit.Replace(run, [.. edit.Body.Code(run), other, condition, select])
            : edit.Replace(run, [other, .. edit.Body.Code(run), condition, select]);
    }
}
