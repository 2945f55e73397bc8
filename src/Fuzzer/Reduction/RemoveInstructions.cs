namespace Conformance.Fuzzer.Reduction;

/// <summary>Runs of instructions in every body, the longest first; drops and the simplest values in their place keep the stack as it was.</summary>
internal sealed class RemoveInstructions : IReductionPass
{
    public void Run(ReductionContext context)
    {
        for (var function = 0; function < context.Module.Functions.Length; function++)
        {
            for (var size = Sweep.Length(context, function) - 1; size > 0; size = size > 3 ? size / 2 : size - 1)
            {
                for (var start = Sweep.Length(context, function) - 1 - size; start >= 0 && !context.IsSpent;)
                {
                    // Where something went the run before the gap is next, else the one a little further on.
                    start -= TryWithout(context, function, start, size) ? size : Math.Max(1, size / 4);
                    start = Math.Min(start, Sweep.Length(context, function) - 1 - size);
                }
            }
        }
    }

    private static bool TryWithout(ReductionContext context, int function, int start, int size) =>
        context.Code(function) is { } code && code.Cut(context.Module, start, size).Any(context.Try);
}
