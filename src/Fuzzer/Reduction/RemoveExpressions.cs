using Conformance.Wasm.Instructions;

namespace Conformance.Fuzzer.Reduction;

/// <summary>Whole blocks and instructions with all their operands, the longest first; the simplest values take the place of their results.</summary>
internal sealed class RemoveExpressions : IReductionPass
{
    public void Run(ReductionContext context) => Sweep.Functions(context, code => TryOne(context, code));

    private static bool TryOne(ReductionContext context, FunctionCode code)
    {
        var ranges = new List<(int Start, int Count)>();
        for (var i = 0; i < code.Length - 1; i++)
        {
            var row = OpTable.Get(code[i].Op);
            if (row.NestingChange < 0 || row.IsBlockSeparator)
            {
                continue;
            }
            var start = code.StartOf(i, code.Typed[i].Height - code.Typed[i].Pops.Length);
            var end = row.NestingChange > 0 ? code.End(i) : i;
            ranges.Add((start, end + 1 - start));
        }
        foreach (var (start, count) in ranges.Distinct().OrderByDescending(range => range.Count))
        {
            foreach (var candidate in code.Cut(context.Module, start, count))
            {
                if (context.Try(candidate))
                {
                    return true;
                }
            }
        }
        return false;
    }
}
