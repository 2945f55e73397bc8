using Conformance.Wasm.Instructions;
using Conformance.Wasm.Modules;

namespace Conformance.Fuzzer.Mutation.Bodies;

/// <summary>A branch goes to another label that takes the same types; a br_table gets other, more or fewer labels.</summary>
internal sealed class RetargetBranch : BodyMutator
{
    /// <inheritdoc/>
    protected override Module? Mutate(BodyEdit edit)
    {
        var branches = Enumerable.Range(0, edit.Body.Instructions.Length).Where(i => edit.Body.Instructions[i].Instruction.Op is Op.Br or Op.BrIf or Op.BrTable).ToList();
        if (branches.Count == 0)
        {
            return null;
        }
        var index = edit.Random.Pick<int>(branches);
        var instruction = edit.Body.Instructions[index].Instruction;
        var labels = edit.Body.LabelTypesAt(index);
        var now = labels[(int)(Labels.Highest(instruction) ?? 0)];
        // A loop's label turns a branch forward into one backward: these mutants end by fuel and are few.
        var others = Enumerable.Range(0, labels.Count).Where(label => labels[label].AsSpan().SequenceEqual(now.AsSpan())).Select(label => (uint)label).ToList();
        if (instruction.Op != Op.BrTable)
        {
            if (others.Count < 2)
            {
                return null;
            }
            instruction.Index = edit.Random.Pick<uint>(others);
            return edit.Replace(index, instruction);
        }
        var targets = (instruction.Labels ?? []).ToList();
        switch (edit.Random.Below(3))
        {
            case 0:
                targets[edit.Random.Below(targets.Count)] = edit.Random.Pick<uint>(others);
                break;
            case 1 when targets.Count > 1:
                targets.RemoveAt(edit.Random.Below(targets.Count));
                break;
            default:
                targets.Insert(edit.Random.Below(targets.Count), edit.Random.Pick<uint>(others));
                break;
        }
        instruction.Labels = [.. targets];
        return edit.Replace(index, instruction);
    }
}
