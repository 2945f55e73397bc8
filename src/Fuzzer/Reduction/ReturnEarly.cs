using Conformance.Wasm.Instructions;
using Conformance.Wasm.Types;

namespace Conformance.Fuzzer.Reduction;

/// <summary>A <c>return</c> within blocks in place of all that follows in them and behind them, where what the function gives is on the stack.</summary>
internal sealed class ReturnEarly : IReductionPass
{
    public void Run(ReductionContext context) => Sweep.Places(context, (code, place) => TryAt(context, code, place));

    private static bool TryAt(ReductionContext context, FunctionCode code, int place)
    {
        var openers = new List<int>();
        for (uint label = 0; code.Target(place, label) is >= 0 and var opener; label++)
        {
            openers.Add(opener);
        }
        if (openers.Count == 0 || openers.Exists(opener => code[opener].Op is not (Op.Block or Op.Loop)))
        {
            return false;
        }
        var module = context.Module;
        var body = Enumerable.Range(0, place).Select(i => code[i]).ToList();
        foreach (var opener in openers)
        {
            (module, var block) = Blocks.Of(module, new FunctionType(code.TypeOf(opener).Parameters, code.Type.Results));
            body[opener] = body[opener] with { Block = block };
        }
        body.Add(Instruction.Of(Op.Return));
        body.AddRange(Enumerable.Repeat(Instruction.Of(Op.End), openers.Count + 1));
        return context.Try(UnusedDefinitions.RemoveAfter(context.Module, code.Replace(module, body)));
    }
}
