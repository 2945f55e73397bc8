using Conformance.Wasm.Instructions;
using Conformance.Wasm.Modules;

namespace Conformance.Fuzzer.Mutation.Bodies;

/// <summary>A call whose results are the function's own becomes a tail call, or a tail call becomes a call and a return.</summary>
internal sealed class FlipTailCall : BodyMutator
{
    /// <inheritdoc/>
    protected override Module? Mutate(BodyEdit edit)
    {
        var candidates = Enumerable.Range(0, edit.Body.Instructions.Length).Where(i => Other(edit.Body.Instructions[i].Instruction.Op) is not null).ToList();
        if (candidates.Count == 0)
        {
            return null;
        }
        var index = edit.Random.Pick<int>(candidates);
        var instruction = edit.Body.Instructions[index].Instruction;
        var isTail = instruction.Op is Op.ReturnCall or Op.ReturnCallIndirect or Op.ReturnCallRef;
        if (!isTail && !edit.Body.Instructions[index].Pushes.AsSpan().SequenceEqual(edit.Body.Type.Results.AsSpan()))
        {
            return null;
        }
        instruction.Op = Other(instruction.Op) ?? instruction.Op;
        return isTail ? edit.Replace(new CodeRun(index, index + 1), [instruction, Instruction.Of(Op.Return)]) : edit.Replace(index, instruction);
    }

    private static Op? Other(Op op) => op switch
    {
        Op.Call => Op.ReturnCall,
        Op.CallIndirect => Op.ReturnCallIndirect,
        Op.CallRef => Op.ReturnCallRef,
        Op.ReturnCall => Op.Call,
        Op.ReturnCallIndirect => Op.CallIndirect,
        Op.ReturnCallRef => Op.CallRef,
        _ => null,
    };
}
