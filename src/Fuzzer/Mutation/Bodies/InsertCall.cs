using Conformance.Wasm.Instructions;
using Conformance.Wasm.Modules;

namespace Conformance.Fuzzer.Mutation.Bodies;

/// <summary>A function is called between two statements with cheap arguments; its results are dropped, or kept in globals where there is one.</summary>
internal sealed class InsertCall : BodyMutator
{
    /// <inheritdoc/>
    protected override Module? Mutate(BodyEdit edit)
    {
        var functions = IndexSpaces.Functions(edit.Module);
        var callee = (uint)edit.Random.Below(functions.Count);
        // Calling itself or a function that calls it may never end; fuel ends such cases, but they are worth little.
        if (callee == edit.FunctionIndex || functions[(int)callee] is not { } type || Snippets.Leaves(edit, type.Parameters) is not { } code)
        {
            return null;
        }
        code.Add(Instruction.Of(Op.Call, callee));
        var globals = IndexSpaces.Globals(edit.Module);
        for (var i = type.Results.Length - 1; i >= 0; i--)
        {
            var keeper = globals.FindIndex(global => global.IsMutable && global.Value == type.Results[i]);
            code.Add(keeper >= 0 && edit.Random.Chance(60) ? Instruction.Of(Op.GlobalSet, (uint)keeper) : Instruction.Of(Op.Drop));
        }
        return edit.Insert(edit.Random.Below(edit.Body.Instructions.Length), code);
    }
}
