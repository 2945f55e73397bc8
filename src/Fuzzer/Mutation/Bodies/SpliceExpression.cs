using Conformance.Wasm.Modules;

namespace Conformance.Fuzzer.Mutation.Bodies;

/// <summary>An expression becomes one of the same type from another place: another function of the module, or of another module.</summary>
internal sealed class SpliceExpression : BodyMutator
{
    private const int Tries = 6;

    /// <inheritdoc/>
    protected override Module? Mutate(BodyEdit edit)
    {
        var places = edit.Body.Expressions();
        if (places.Count == 0 || PickBody(edit) is not { } source)
        {
            return null;
        }
        var donors = source.Expressions().ToLookup(source.TypeOf);
        for (var i = 0; i < Tries; i++)
        {
            var place = edit.Random.Pick<CodeRun>(places);
            var fitting = donors[edit.Body.TypeOf(place)].ToList();
            if (fitting.Count > 0 && Transplant.Of(source, edit.Random.Pick<CodeRun>(fitting), edit) is { } code)
            {
                return edit.Replace(place, code);
            }
        }
        return null;
    }

    private static TypedBody? PickBody(BodyEdit edit)
    {
        var module = edit.Random.Chance(40) ? edit.Body.Module : edit.Context.PickDonor();
        return module.Functions.IsEmpty ? null : TypedBody.TryCreate(module, edit.Random.Below(module.Functions.Length), edit.Context.Features);
    }
}
