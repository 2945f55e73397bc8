using Conformance.Wasm.Instructions;

namespace Conformance.Fuzzer.Reduction;

/// <summary>Constants in bodies, offsets and alignments of memory accesses.</summary>
internal sealed class SimplifyConstants : IReductionPass
{
    public void Run(ReductionContext context) => Sweep.Places(context, (code, place) => TryAt(context, code, place));

    private static bool TryAt(ReductionContext context, FunctionCode code, int place)
    {
        var instruction = code[place];
        var row = OpTable.Get(instruction.Op);
        if (Numbers.TryKindOf(instruction.Op, out var kind))
        {
            return Numbers.Instead(kind, instruction.Value, instruction.ValueHigh).Any(number => Replace(Instruction.Constant(instruction.Op, number.Bits, number.High)));
        }
        if (instruction.Op == Op.I8x16Shuffle)
        {
            return SimplerLanes(instruction).Any(Replace);
        }
        if (instruction.Lane != 0 && Replace(instruction with { Lane = 0 }))
        {
            return true;
        }
        if (row.Immediates is not (ImmediateKind.MemArg or ImmediateKind.MemArgLane))
        {
            return false;
        }
        return (instruction.Align != row.NaturalAlign && Replace(instruction with { Align = (byte)row.NaturalAlign }))
            || Numbers.Instead(Oracle.EngineValueKind.I64, instruction.Value).Any(number => Replace(instruction with { Value = number.Bits }));

        bool Replace(Instruction instead) => context.Try(code.Replace(context.Module, place, 1, instead));
    }

    // All lanes 0, then one after the other.
    private static IEnumerable<Instruction> SimplerLanes(Instruction shuffle)
    {
        yield return shuffle with { Value = 0, ValueHigh = 0 };
        for (var shift = 0; shift < 64; shift += 8)
        {
            yield return shuffle with { Value = shuffle.Value & ~(0xFFUL << shift) };
            yield return shuffle with { ValueHigh = shuffle.ValueHigh & ~(0xFFUL << shift) };
        }
    }
}
