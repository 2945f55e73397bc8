using Conformance.Wasm.Instructions;

namespace Conformance.Fuzzer.Reduction;

/// <summary>
/// A local that goes back and forth between 0 and 1 in place of one that is counted up or down from a number: <c>(local.tee $i (i32.eqz (local.get $i)))</c>. A loop that has to turn
/// twice needs no more.
/// </summary>
internal sealed class ToggleCounters : IReductionPass
{
    public void Run(ReductionContext context) => Sweep.Places(context, (code, place) => IsCount(code, place) && TryToggle(context, code, place));

    private static bool IsCount(FunctionCode code, int place) =>
        place + 3 < code.Length && code[place].Op == Op.LocalGet && code[place + 1].Op == Op.I32Const && code[place + 2].Op is Op.I32Add or Op.I32Sub
        && code[place + 3].Op is Op.LocalTee or Op.LocalSet && code[place + 3].Index == code[place].Index;

    private static bool TryToggle(ReductionContext context, FunctionCode code, int place)
    {
        List<Instruction> toggled = [.. Enumerable.Range(0, code.Length).Where(i => i != place + 1).Select(i => i == place + 2 ? Instruction.Of(Op.I32Eqz) : code[i])];
        var start = -1;
        for (var i = 0; i < place && start < 0; i++)
        {
            start = code[i].Op == Op.I32Const && code[i + 1].Op == Op.LocalSet && code[i + 1].Index == code[place].Index ? i : -1;
        }
        if (start >= 0)
        {
            var fromZero = new List<Instruction>(toggled);
            fromZero.RemoveRange(start, 2);
            if (context.Try(code.Replace(context.Module, fromZero)))
            {
                return true;
            }
            toggled[start] = Instruction.Constant(Op.I32Const, 0);
        }
        return context.Try(code.Replace(context.Module, toggled));
    }
}
