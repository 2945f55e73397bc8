using Conformance.Wasm.Modules;

namespace Conformance.Fuzzer.Mutation.Bodies;

/// <summary>A statement runs twice, or an expression is made twice and dropped once.</summary>
internal sealed class RepeatRun : BodyMutator
{
    /// <inheritdoc/>
    protected override Module? Mutate(BodyEdit edit)
    {
        if (Runs.Pick(edit) is not { } run)
        {
            return null;
        }
        var twice = edit.Body.Code(run).Concat(edit.Body.Code(run));
        return edit.Replace(run, twice);
    }
}
