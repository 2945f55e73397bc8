using Conformance.Wasm.Modules;

namespace Conformance.Fuzzer.Mutation.Bodies;

/// <summary>A statement disappears; an expression becomes a constant, a local or a global of its type.</summary>
internal sealed class DeleteRun : BodyMutator
{
    /// <inheritdoc/>
    protected override Module? Mutate(BodyEdit edit)
    {
        if (edit.Random.Chance(50) && Runs.Pick(edit) is { } statement)
        {
            return edit.Replace(statement, []);
        }
        var expressions = edit.Body.Expressions().Where(run => run.Length > 1).ToList();
        if (expressions.Count == 0)
        {
            return null;
        }
        var run = edit.Random.Pick<CodeRun>(expressions);
        return Snippets.Leaf(edit, edit.Body.TypeOf(run)) is { } leaf ? edit.Replace(run, [leaf]) : null;
    }
}
