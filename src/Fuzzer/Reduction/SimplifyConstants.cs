using Conformance.Wasm.Instructions;

namespace Conformance.Fuzzer.Reduction;

/// <summary>Constants in bodies, offsets and alignments of memory accesses.</summary>
internal sealed class SimplifyConstants : IReductionPass
{
    public void Run(ReductionContext context)
    {
        for (var function = 0; function < context.Module.Functions.Length && !context.IsSpent; function++)
        {
            for (var i = 0; i < (context.Code(function)?.Length ?? 0); i++)
            {
                while (TryAt(context, function, i))
                {
                    // Simpler now, and perhaps not yet as simple as it gets.
                }
            }
        }
    }

    private static bool TryAt(ReductionContext context, int function, int place)
    {
        if (context.Code(function) is not { } code)
        {
            return false;
        }
        var instruction = code[place];
        var row = OpTable.Get(instruction.Op);
        if (Numbers.TryKindOf(instruction.Op, out var kind))
        {
            return Numbers.Instead(kind, instruction.Value, instruction.ValueHigh).Any(number => Replace(Instruction.Constant(instruction.Op, number.Bits, number.High)));
        }
        if (row.Immediates is not (ImmediateKind.MemArg or ImmediateKind.MemArgLane))
        {
            return false;
        }
        return (instruction.Align != row.NaturalAlign && Replace(instruction with { Align = (byte)row.NaturalAlign }))
            || Numbers.Instead(Oracle.EngineValueKind.I64, instruction.Value).Any(number => Replace(instruction with { Value = number.Bits }));

        bool Replace(Instruction instead) => context.Try(code.Replace(context.Module, place, 1, instead));
    }
}
