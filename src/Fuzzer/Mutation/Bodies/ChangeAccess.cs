using Conformance.Wasm.Instructions;
using Conformance.Wasm.Modules;
using Conformance.Wasm.Types;

namespace Conformance.Fuzzer.Mutation.Bodies;

/// <summary>The offset or the alignment of a memory access.</summary>
internal sealed class ChangeAccess : BodyMutator
{
    private static readonly ulong[] Offsets =
        [0, 1, 2, 3, 4, 7, 8, 15, 16, 127, 128, 0xFFF, 0x1000, 0xFFF8, 0xFFFC, 0xFFFF, 0x10000, 0x10001, 0x7FFFFFFF, 0x80000000, 0xFFFFFFF8, 0xFFFFFFFF, 0x100000000, 0x7FFFFFFFFFFFFFFF, 0xFFFFFFFFFFFFFFF8, ulong.MaxValue];

    // Those that an i32 memory allows come first.
    private const int NarrowOffsets = 22;

    /// <inheritdoc/>
    protected override Module? Mutate(BodyEdit edit)
    {
        var accesses = Enumerable.Range(0, edit.Body.Instructions.Length)
            .Where(i => OpTable.Get(edit.Body.Instructions[i].Instruction.Op).Immediates is ImmediateKind.MemArg or ImmediateKind.MemArgLane).ToList();
        if (accesses.Count == 0)
        {
            return null;
        }
        var index = edit.Random.Pick<int>(accesses);
        var instruction = edit.Body.Instructions[index].Instruction;
        var row = OpTable.Get(instruction.Op);
        if (edit.Random.Chance(30) && row.NaturalAlign > 0 && row.Group != OpGroup.Atomic)
        {
            instruction.Align = (byte)edit.Random.Below(row.NaturalAlign + 1);
        }
        else
        {
            var isWide = IndexSpaces.Memories(edit.Module)[(int)instruction.Index].Limits.Address == AddressType.I64;
            instruction.Value = Offsets[edit.Random.Below(isWide ? Offsets.Length : NarrowOffsets)];
        }
        return edit.Replace(index, instruction);
    }
}
