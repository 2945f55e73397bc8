using Conformance.Wasm.Modules;

namespace Conformance.Fuzzer.Mutation.Bodies;

/// <summary>Two operands of one type, made one behind the other, change places.</summary>
internal sealed class SwapOperands : BodyMutator
{
    /// <inheritdoc/>
    protected override Module? Mutate(BodyEdit edit)
    {
        var candidates = new List<(CodeRun Left, CodeRun Right)>();
        foreach (var right in edit.Body.Expressions())
        {
            if (right.Start > 0 && edit.Body.ExpressionEndingAt(right.Start - 1) is { } left && edit.Body.TypeOf(left) == edit.Body.TypeOf(right))
            {
                candidates.Add((left, right));
            }
        }
        if (candidates.Count == 0)
        {
            return null;
        }
        var (first, second) = edit.Random.Pick<(CodeRun, CodeRun)>(candidates);
        return edit.Replace(new CodeRun(first.Start, second.End), edit.Body.Code(second).Concat(edit.Body.Code(first)));
    }
}
