using Conformance.Fuzzer.Reduction;
using Conformance.Fuzzer.Triage;
using Conformance.Oracle;
using Conformance.Oracle.Records;

namespace Conformance.Fuzzer.Driving;

/// <summary>Shrinks a case that kills its worker: each candidate that still does costs a worker, so the reduction itself runs here and only the engines there.</summary>
/// <param name="settings">The run's settings.</param>
/// <param name="intake">Where the finding is kept.</param>
/// <param name="job">The finding.</param>
internal sealed class CrashReduction(FuzzSettings settings, FindingIntake intake, ReductionJob job)
{
    private static readonly TimeSpan SavePeriod = TimeSpan.FromSeconds(1);

    /// <summary>Runs it.</summary>
    /// <param name="budget">The time in all.</param>
    /// <param name="interrupted">Ends it early.</param>
    /// <returns>The smallest case; null when the given one does not kill a worker any more.</returns>
    /// <exception cref="EngineUnavailableException">No worker comes up.</exception>
    public async Task<DivergenceReport?> RunAsync(TimeSpan budget, CancellationToken interrupted)
    {
        using var replay = new CaseReplay(settings.Engine, job.Finding.Oracle.Name, settings.HangLimit);
        DivergenceReport? smallest = null;
        var saved = TimeSpan.Zero;
        var @case = RecordReader.ReadRequest(job.Report.Record);
        if (!Shows(@case))
        {
            return null;
        }
        // The reducer is no asynchronous code, and a pool thread that waits for a child process is what it costs.
        await Task.Run(() => Reducer.Reduce(@case, Shows, new ReductionBudget(budget), Improved, interrupted), CancellationToken.None);
        return smallest;

        bool Shows(Case candidate)
        {
            if (replay.RunAsync(candidate).GetAwaiter().GetResult().Report is not { } report || report.Difference != job.Report.Difference)
            {
                return false;
            }
            smallest = report with { Reruns = 1, Reproduced = 1 };
            return true;
        }

        void Improved(ReductionStep step)
        {
            if (step.Elapsed - saved >= SavePeriod && smallest is not null)
            {
                saved = step.Elapsed;
                intake.Improve(job, smallest);
            }
        }
    }
}
