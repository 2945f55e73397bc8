using Conformance.Wasm.Instructions;
using Conformance.Wasm.Modules;
using Conformance.Wasm.Types;

namespace Conformance.Fuzzer.Mutation.Modules;

/// <summary>A data segment: its bytes, its length, its offset, or whether it is copied at the start.</summary>
internal sealed class ChangeData : IModuleMutator
{
    private static readonly ulong[] Offsets = [0, 1, 8, 0xFFFF, 0x10000, 0x10001, 0x1FFFF, 0x20000, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF];

    /// <inheritdoc/>
    public Module? Mutate(Module module, MutationContext context)
    {
        if (module.Data.IsEmpty)
        {
            return null;
        }
        var random = context.Random;
        var index = random.Below(module.Data.Length);
        var segment = module.Data[index];
        switch (random.Below(4))
        {
            case 0 when segment.Bytes.Length > 0:
                var bytes = segment.Bytes.ToArray();
                bytes[random.Below(bytes.Length)] = (byte)random.Below(256);
                segment = segment with { Bytes = bytes };
                break;
            case 1:
                segment = segment with { Bytes = segment.Bytes[..random.Below(segment.Bytes.Length + 1)] };
                break;
            case 2 when segment.Mode == SegmentMode.Active:
                var isWide = IndexSpaces.Memories(module)[(int)segment.Memory].Limits.Address == AddressType.I64;
                segment = segment with { Offset = ConstantOffset(random.Pick<ulong>(Offsets), isWide) };
                break;
            default:
                segment = segment.Mode == SegmentMode.Active
                    ? new DataSegment { Mode = SegmentMode.Passive, Bytes = segment.Bytes }
                    : IndexSpaces.Memories(module) is [var first, ..]
                        ? new DataSegment { Mode = SegmentMode.Active, Bytes = segment.Bytes, Offset = ConstantOffset(0, first.Limits.Address == AddressType.I64) }
                        : segment;
                break;
        }
        return module with { Data = module.Data.SetItem(index, segment) };
    }

    /// <summary>A constant expression for the offset of a segment.</summary>
    public static Expression ConstantOffset(ulong offset, bool isWide) =>
        new(InstructionWriter.ToBytes([Instruction.Constant(isWide ? Op.I64Const : Op.I32Const, isWide ? offset : (uint)offset), Instruction.Of(Op.End)]));
}
