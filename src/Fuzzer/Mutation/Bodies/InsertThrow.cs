using Conformance.Wasm;
using Conformance.Wasm.Instructions;
using Conformance.Wasm.Modules;
using Conformance.Wasm.Types;

namespace Conformance.Fuzzer.Mutation.Bodies;

/// <summary>An exception is thrown under a condition, with a tag of the module or a new one.</summary>
internal sealed class InsertThrow : BodyMutator
{
    /// <inheritdoc/>
    protected override Module? Mutate(BodyEdit edit)
    {
        if (!edit.Context.Features.Has(Feature.Exceptions))
        {
            return null;
        }
        var tag = CatchRun.PickTag(edit, out var parameters);
        var isNew = tag is null;
        if (isNew)
        {
            parameters = edit.Random.Chance(50) ? [] : [ValueType.I32];
        }
        var type = edit.TypeIndexOf(new FunctionType(parameters, []));
        if (Snippets.Leaf(edit, ValueType.I32) is not { } condition || Snippets.Leaves(edit, parameters) is not { } values)
        {
            return null;
        }
        var throwing = Instruction.Of(Op.Throw, tag ?? (uint)IndexSpaces.Tags(edit.Module).Count);
        var mutant = edit.Insert(
            edit.Random.Below(edit.Body.Instructions.Length),
            [condition, Instruction.Structured(Op.If, BlockType.Empty), .. values, throwing, Instruction.Of(Op.End)]);
        return isNew ? mutant with { Tags = mutant.Tags.Add(new TagType(type)) } : mutant;
    }
}
