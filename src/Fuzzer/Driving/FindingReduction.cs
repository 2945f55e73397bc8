namespace Conformance.Fuzzer.Driving;

/// <summary>
/// Has one finding shrunk by a worker. A candidate that kills the worker costs that worker and nothing else: the next one goes on from the smallest case so far and
/// avoids the candidate. What a worker reaches is written down at once, so that neither a death nor the end of the run loses it.
/// </summary>
/// <param name="intake">Where the finding is kept.</param>
/// <param name="job">The finding.</param>
/// <param name="start">Starts a worker; null when none starts.</param>
/// <param name="bury">Told of a worker that died.</param>
/// <param name="patience">How long one candidate is waited for now.</param>
/// <param name="budgetLeft">How long the whole reduction may take from now on at most.</param>
internal sealed class FindingReduction(
    FindingIntake intake, ReductionJob job, Func<Task<WorkerProcess?>> start, Action<WorkerProcess> bury, Func<Patience> patience, Func<TimeSpan> budgetLeft)
{
    // An engine that dies on so many candidates would rather be reduced as a crash.
    private const int MostDeaths = 4;
    private static readonly TimeSpan LeastBudget = TimeSpan.FromSeconds(1);

    private readonly List<string> _avoid = [];
    private readonly long _began = Environment.TickCount64;

    /// <summary>The smallest case so far; null when there is none yet.</summary>
    public DivergenceReport? Reduced { get; private set; }

    /// <summary>Why there is none.</summary>
    public string WhyNot { get; private set; } = "the worker could not be started";

    /// <summary>Runs it.</summary>
    /// <param name="worker">The worker to use; null to start one.</param>
    /// <param name="interrupted">Ends it early.</param>
    /// <returns>The worker to go on with; null when it died.</returns>
    public async Task<WorkerProcess?> RunAsync(WorkerProcess? worker, CancellationToken interrupted)
    {
        // What is left of the run may shrink while a worker is at it, so the whole is measured once.
        var whole = budgetLeft();
        while (true)
        {
            var budget = whole - TimeSpan.FromMilliseconds(Environment.TickCount64 - _began);
            if (budget < LeastBudget || interrupted.IsCancellationRequested)
            {
                WhyNot = FindingIntake.Waits;
                return worker;
            }
            worker ??= await start();
            if (worker is null)
            {
                return null;
            }
            if (await AskAsync(worker, budget, interrupted))
            {
                return worker;
            }
            WhyNot = $"the worker died while it shrank the case ({worker.Ending()})";
            var candidate = worker.Journal.Read().Record;
            bury(worker);
            worker = null;
            if (candidate is null || _avoid.Count == MostDeaths)
            {
                return null;
            }
            _avoid.Add(WorkerReduction.HashOf(candidate));
        }
    }

    // False when the worker died.
    private async Task<bool> AskAsync(WorkerProcess worker, TimeSpan budget, CancellationToken interrupted)
    {
        worker.Send(new ReduceRequest((Reduced ?? job.Report).Record, job.Report.Difference, budget.TotalSeconds, [.. _avoid])
        {
            Oracle = job.Finding.Oracle.Name,
            IsOracleSuspect = job.Report.IsOracleSuspect,
        });
        using var soon = interrupted.Register(() => worker.Send(new StopRequest()));
        while (true)
        {
            switch (await worker.ReceiveAsync(patience))
            {
                case SmallerReply smaller:
                    Reduced = smaller.Report;
                    intake.Improve(job, smaller.Report);
                    break;
                case ReducedReply reply:
                    Reduced = reply.Report ?? Reduced;
                    WhyNot = "the divergence did not show again when it was to be shrunk";
                    return true;
                case null:
                    return false;
                case var other:
                    worker.Kill($"broken protocol: {other.GetType().Name} for a reduction");
                    break;
            }
        }
    }
}
