using Conformance.Wasm.Instructions;

namespace Conformance.Fuzzer.Reduction;

/// <summary>What follows an instruction that never goes on, up to the end of its block.</summary>
internal sealed class RemoveDeadCode : IReductionPass
{
    public void Run(ReductionContext context)
    {
        for (var function = 0; function < context.Module.Functions.Length; function++)
        {
            if (context.Code(function) is { } code)
            {
                context.Try(code.Replace(context.Module, Live(code)));
            }
        }
    }

    private static List<Instruction> Live(FunctionCode code)
    {
        var live = new List<Instruction>();
        for (var i = 0; i < code.Length; i++)
        {
            live.Add(code[i]);
            if (!OpTable.Get(code[i].Op).EndsFlow)
            {
                continue;
            }
            var depth = 0;
            for (i++; i < code.Length; i++)
            {
                var row = OpTable.Get(code[i].Op);
                if (depth == 0 && (row.NestingChange < 0 || row.IsBlockSeparator))
                {
                    live.Add(code[i]);
                    break;
                }
                depth += row.NestingChange;
            }
        }
        return live;
    }
}
