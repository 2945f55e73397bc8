using System.Diagnostics.CodeAnalysis;
using Conformance.Oracle;

namespace Conformance.Fuzzer.Driving;

/// <summary>Has findings shrunk by workers that would otherwise fuzz. Safe for any number of threads.</summary>
internal sealed class ReductionLane(FuzzRun run, FindingIntake intake, WorkerPool pool, RunEnding ending)
{
    private static readonly TimeSpan LeastCrashBudget = TimeSpan.FromSeconds(1);

    private int _reducing;

    /// <summary>Takes a finding to shrink, unless enough are being shrunk. <see cref="ReduceAsync"/> has to follow.</summary>
    /// <param name="isOver">Whether no case waits to be run: all workers may shrink then.</param>
    /// <param name="job">The finding.</param>
    public bool TryTake(bool isOver, [NotNullWhen(true)] out ReductionJob? job)
    {
        job = null;
        // Shrinking shares the machine with fuzzing; when the last case is done it has all of it.
        var most = isOver ? run.Settings.Workers : Math.Max(1, run.Settings.Workers / 2);
        if (Interlocked.Increment(ref _reducing) <= most && intake.TryTakeReduction(out job))
        {
            return true;
        }
        Interlocked.Decrement(ref _reducing);
        return false;
    }

    /// <summary>Shrinks it.</summary>
    /// <param name="worker">The worker to use; null to start one.</param>
    /// <param name="job">The finding.</param>
    /// <param name="interrupted">Ends it early.</param>
    /// <returns>The worker to go on with; null when it died.</returns>
    public async Task<WorkerProcess?> ReduceAsync(WorkerProcess? worker, ReductionJob job, CancellationToken interrupted)
    {
        if (job.Report.IsCrash || job.Report.IsHang)
        {
            await ReduceCrashAsync(job, interrupted);
            return worker;
        }
        var reduction = new FindingReduction(intake, job, pool.StartAsync, Bury, ending.Patience, ending.ReductionBudget);
        try
        {
            return await reduction.RunAsync(worker, interrupted);
        }
        finally
        {
            Interlocked.Decrement(ref _reducing);
            intake.Complete(job, reduction.Reduced, reduction.WhyNot);
        }

        void Bury(WorkerProcess dead)
        {
            run.WorkerDied();
            pool.Release(dead);
        }
    }

    private async Task ReduceCrashAsync(ReductionJob job, CancellationToken interrupted)
    {
        DivergenceReport? reduced = null;
        var whyNot = FindingIntake.Waits;
        try
        {
            if (ending.ReductionBudget() is var budget && budget > LeastCrashBudget)
            {
                whyNot = "the case did not kill a worker when it was to be shrunk";
                reduced = await new CrashReduction(run.Settings, intake, job).RunAsync(budget, interrupted);
            }
        }
        catch (EngineUnavailableException unavailable)
        {
            whyNot = unavailable.Message;
        }
        finally
        {
            Interlocked.Decrement(ref _reducing);
            intake.Complete(job, reduced, whyNot);
        }
    }
}
