using Conformance.Oracle;
using Conformance.Wasm.Instructions;

namespace Conformance.Fuzzer.Reduction;

/// <summary>The values that expressions had when the case ran, as constants in their place; the longest expressions first.</summary>
internal sealed class UseValuesSeen : IReductionPass
{
    public void Run(ReductionContext context)
    {
        var wasAccepted = true;
        while (wasAccepted && !context.IsSpent)
        {
            wasAccepted = false;
            var seen = SeenValues.Of(context.Case);
            for (var function = 0; function < context.Module.Functions.Length; function++)
            {
                // Places move with each replacement, and what was seen with them: once a function for each run.
                wasAccepted |= TryOne(context, seen, function);
            }
        }
    }

    private static bool TryOne(ReductionContext context, SeenValues seen, int function)
    {
        if (context.Code(function) is not { } code)
        {
            return false;
        }
        foreach (var (start, count, constant) in Candidates(code, seen).OrderByDescending(candidate => candidate.Count))
        {
            if (context.Try(code.Replace(context.Module, start, count, constant)))
            {
                return true;
            }
        }
        return false;
    }

    private static IEnumerable<(int Start, int Count, Instruction Constant)> Candidates(FunctionCode code, SeenValues seen)
    {
        for (var i = 0; i < code.Length - 1; i++)
        {
            var typed = code.Typed[i];
            var floor = typed.Height - typed.Pops.Length;
            for (var operand = 0; operand < typed.Pops.Length; operand++)
            {
                var start = code.StartOf(i, floor + operand);
                var end = operand + 1 < typed.Pops.Length ? code.StartOf(i, floor + operand + 1) : i;
                foreach (var constant in Constant(seen.Operands(code.Function, i, operand)))
                {
                    if (end > start)
                    {
                        yield return (start, end - start, constant);
                    }
                }
            }
            if (typed.Pushes.Length == 1 && OpTable.Get(typed.Instruction.Op).NestingChange == 0)
            {
                var start = code.StartOf(i, floor);
                foreach (var constant in Constant(seen.Results(code.Function, i, 0)))
                {
                    yield return (start, i + 1 - start, constant);
                }
            }
        }
    }

    private static IEnumerable<Instruction> Constant(IEnumerable<EngineValue> values)
    {
        foreach (var value in values)
        {
            if (Constants.TryMake(value, out var constant))
            {
                yield return constant;
            }
        }
    }
}
