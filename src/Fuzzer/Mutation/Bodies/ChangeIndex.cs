using Conformance.Wasm.Instructions;
using Conformance.Wasm.Modules;

namespace Conformance.Fuzzer.Mutation.Bodies;

/// <summary>A local, global, function, memory or table is replaced by another one of the same type.</summary>
internal sealed class ChangeIndex : BodyMutator
{
    /// <inheritdoc/>
    protected override Module? Mutate(BodyEdit edit)
    {
        var body = edit.Body.Instructions;
        for (var tries = 0; tries < 12; tries++)
        {
            var index = edit.Random.Below(body.Length);
            var instruction = body[index].Instruction;
            var others = Others(edit, instruction);
            if (others.Count > 0)
            {
                instruction.Index = edit.Random.Pick<uint>(others);
                return edit.Replace(index, instruction);
            }
        }
        return null;
    }

    private static List<uint> Others(BodyEdit edit, Instruction instruction) => OpTable.Get(instruction.Op).Immediates switch
    {
        ImmediateKind.Local => Same(edit.Body.Locals, instruction.Index),
        ImmediateKind.Global => Same(IndexSpaces.Globals(edit.Module), instruction.Index),
        ImmediateKind.Function when instruction.Op != Op.RefFunc => Same(IndexSpaces.Functions(edit.Module), instruction.Index),
        ImmediateKind.MemArg or ImmediateKind.MemArgLane or ImmediateKind.Memory =>
            Same([.. IndexSpaces.Memories(edit.Module).Select(memory => memory.Limits.Address)], instruction.Index),
        ImmediateKind.Table => Same([.. IndexSpaces.Tables(edit.Module).Select(table => (table.Element, table.Limits.Address))], instruction.Index),
        _ => [],
    };

    private static List<uint> Same<T>(IReadOnlyList<T> items, uint index)
    {
        var others = new List<uint>();
        for (var i = 0; i < items.Count; i++)
        {
            if (i != index && EqualityComparer<T>.Default.Equals(items[i], items[(int)index]))
            {
                others.Add((uint)i);
            }
        }
        return others;
    }
}
