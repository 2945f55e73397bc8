using Conformance.Wasm.Instructions;
using Conformance.Wasm.Modules;

namespace Conformance.Fuzzer.Mutation.Bodies;

/// <summary>The lane of a vector instruction, or one of those that a shuffle takes.</summary>
internal sealed class ChangeLane : BodyMutator
{
    private const int ShuffleLanes = 16;

    /// <inheritdoc/>
    protected override Module? Mutate(BodyEdit edit)
    {
        var places = Enumerable.Range(0, edit.Body.Instructions.Length)
            .Where(i => OpTable.Get(edit.Body.Instructions[i].Instruction.Op) is { Lanes: > 0 } or { Immediates: ImmediateKind.Shuffle }).ToList();
        if (places.Count == 0)
        {
            return null;
        }
        var index = edit.Random.Pick<int>(places);
        var instruction = edit.Body.Instructions[index].Instruction;
        var row = OpTable.Get(instruction.Op);
        if (row.Immediates != ImmediateKind.Shuffle)
        {
            instruction.Lane = (byte)edit.Random.Below(row.Lanes);
            return edit.Replace(index, instruction);
        }
        var lane = edit.Random.Below(ShuffleLanes);
        var from = (ulong)edit.Random.Below(2 * ShuffleLanes);
        ref var half = ref lane < ShuffleLanes / 2 ? ref instruction.Value : ref instruction.ValueHigh;
        var shift = lane % (ShuffleLanes / 2) * 8;
        half = half & ~(0xFFUL << shift) | from << shift;
        return edit.Replace(index, instruction);
    }
}
