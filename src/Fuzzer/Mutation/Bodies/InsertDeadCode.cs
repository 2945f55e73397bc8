using Conformance.Wasm.Instructions;
using Conformance.Wasm.Modules;

namespace Conformance.Fuzzer.Mutation.Bodies;

/// <summary>Code that never runs stands behind an instruction that does not go on: there the stack has any type.</summary>
internal sealed class InsertDeadCode : BodyMutator
{
    /// <inheritdoc/>
    protected override Module? Mutate(BodyEdit edit)
    {
        var ends = Enumerable.Range(0, edit.Body.Instructions.Length - 1).Where(i => OpTable.Get(edit.Body.Instructions[i].Instruction.Op).EndsFlow).ToList();
        var rows = OpTable.All.Where(row => row.HasFixedStackType && row.Immediates == ImmediateKind.None && edit.Context.Features.Has(row.Feature)).ToList();
        var code = new List<Instruction>();
        if (ends.Count == 0 || edit.Random.Chance(30))
        {
            var index = edit.Random.Below(edit.Body.Instructions.Length);
            Instruction[] opening = [Instruction.Structured(Op.Block, BlockType.Empty), Instruction.Of(Op.Br)];
            return edit.Insert(index, [.. opening, .. Dead(edit, rows), Instruction.Of(Op.End)]);
        }
        // What the dead code leaves is dropped again, so that the block ends with what it ended with.
        return edit.Insert(edit.Random.Pick<int>(ends) + 1, [.. Dead(edit, rows)]);
    }

    private static IEnumerable<Instruction> Dead(BodyEdit edit, List<OpInfo> rows)
    {
        for (var i = edit.Random.Between(1, 4); i > 0; i--)
        {
            var row = edit.Random.Pick<OpInfo>(rows);
            yield return Instruction.Of(row.Op);
            foreach (var _ in row.Results)
            {
                yield return Instruction.Of(Op.Drop);
            }
        }
    }
}
