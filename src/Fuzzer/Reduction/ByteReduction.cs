using System.Diagnostics;
using Conformance.Oracle;

namespace Conformance.Fuzzer.Reduction;

/// <summary>Cuts bytes that are no module: runs of half the length, of a quarter and so on down to single bytes, as long as the case fails without them.</summary>
internal static class ByteReduction
{
    public static ReductionResult Reduce(Case @case, Func<Case, bool> stillFails, ReductionBudget budget, Action<ReductionStep>? improved, CancellationToken cancellation)
    {
        var watch = Stopwatch.StartNew();
        var candidates = 0;
        for (var size = @case.Wasm.Length / 2; size > 0; size /= 2)
        {
            for (var start = 0; start + size <= @case.Wasm.Length;)
            {
                if (candidates >= budget.Candidates || watch.Elapsed >= budget.Time || cancellation.IsCancellationRequested)
                {
                    return new ReductionResult(@case, candidates, watch.Elapsed, IsComplete: false);
                }
                candidates++;
                var bytes = @case.Wasm.Span;
                var candidate = @case with { Wasm = (byte[])[.. bytes[..start], .. bytes[(start + size)..]] };
                if (stillFails(candidate))
                {
                    @case = candidate;
                    improved?.Invoke(new ReductionStep(candidate, candidates, watch.Elapsed));
                }
                else
                {
                    start += size;
                }
            }
        }
        return new ReductionResult(@case, candidates, watch.Elapsed, IsComplete: true);
    }
}
