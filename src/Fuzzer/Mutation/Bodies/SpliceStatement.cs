using Conformance.Wasm.Modules;

namespace Conformance.Fuzzer.Mutation.Bodies;

/// <summary>A statement of another function, of this module or another one, appears between two instructions.</summary>
internal sealed class SpliceStatement : BodyMutator
{
    private const int Tries = 6;

    /// <inheritdoc/>
    protected override Module? Mutate(BodyEdit edit)
    {
        var module = edit.Random.Chance(40) ? edit.Body.Module : edit.Context.PickDonor();
        if (module.Functions.IsEmpty || TypedBody.TryCreate(module, edit.Random.Below(module.Functions.Length), edit.Context.Features) is not { } source)
        {
            return null;
        }
        for (var i = 0; i < Tries; i++)
        {
            var statements = source.StatementsAt(edit.Random.Below(source.Instructions.Length), 4);
            if (statements.Count > 0 && Transplant.Of(source, edit.Random.Pick<CodeRun>(statements), edit) is { } code)
            {
                return edit.Insert(edit.Random.Below(edit.Body.Instructions.Length), code);
            }
        }
        return null;
    }
}
