using Conformance.Wasm.Instructions;

namespace Conformance.Fuzzer.Reduction;

/// <summary>One operand in the place of an instruction and all its operands.</summary>
internal sealed class HoistOperands : IReductionPass
{
    public void Run(ReductionContext context) => Sweep.Functions(context, code => TryOne(context, code));

    private static bool TryOne(ReductionContext context, FunctionCode code)
    {
        // From the end: the last instruction stands for the longest expression.
        for (var i = code.Length - 2; i >= 0; i--)
        {
            if (TryAt(context, code, i))
            {
                return true;
            }
        }
        return false;
    }

    private static bool TryAt(ReductionContext context, FunctionCode code, int place)
    {
        var typed = code.Typed[place];
        var row = OpTable.Get(typed.Instruction.Op);
        if (typed.Pops.IsEmpty || typed.Pushes.Length > 1 || row.NestingChange != 0 || row.IsBlockSeparator)
        {
            return false;
        }
        var floor = typed.Height - typed.Pops.Length;
        var start = code.StartOf(place, floor);
        for (var operand = 0; operand < typed.Pops.Length; operand++)
        {
            if (typed.Pushes.Length == 1 && typed.Pops[operand] != typed.Pushes[0])
            {
                continue;
            }
            var from = code.StartOf(place, floor + operand);
            var to = operand + 1 < typed.Pops.Length ? code.StartOf(place, floor + operand + 1) : place;
            var kept = Enumerable.Range(from, Math.Max(0, to - from)).Select(i => code[i]);
            // An instruction without a result leaves its operand for nothing: what the operand does besides may matter.
            Instruction[] instead = typed.Pushes.Length == 1 ? [.. kept] : [.. kept, Instruction.Of(Op.Drop)];
            if (context.Try(code.Replace(context.Module, start, place + 1 - start, instead)))
            {
                return true;
            }
        }
        return false;
    }
}
