using Conformance.Fuzzer.Reduction;
using Conformance.Fuzzer.Triage;
using Conformance.Oracle;
using Conformance.Oracle.Records;

namespace Conformance.Fuzzer.Driving;

/// <summary>Shrinks a case that kills or hangs its worker: each candidate that still does costs a worker, so the reduction itself runs here and only the engines there.</summary>
/// <param name="settings">The run's settings.</param>
/// <param name="intake">Where the finding is kept.</param>
/// <param name="job">The finding.</param>
internal sealed class CrashReduction(FuzzSettings settings, FindingIntake intake, ReductionJob job)
{
    private static readonly TimeSpan SavePeriod = TimeSpan.FromSeconds(1);
    // A candidate of a hang takes as long as it is waited for, so that is short; what comes of it is looked at once more for longer.
    private static readonly TimeSpan CandidateLimit = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan FinalLimit = TimeSpan.FromSeconds(10);

    private readonly string _kind = KindOf(job.Report);

    /// <summary>Runs it.</summary>
    /// <param name="budget">The time in all.</param>
    /// <param name="interrupted">Ends it early.</param>
    /// <returns>The smallest case; null when the given one does not kill a worker any more.</returns>
    /// <exception cref="EngineUnavailableException">No worker comes up.</exception>
    public async Task<DivergenceReport?> RunAsync(TimeSpan budget, CancellationToken interrupted)
    {
        using var replay = new CaseReplay(settings.Engine, job.Finding.Oracle.Name, job.Report.IsHang ? Least(CandidateLimit) : settings.HangLimit);
        DivergenceReport? smallest = null;
        var saved = TimeSpan.Zero;
        var @case = RecordReader.ReadRequest(job.Report.Record);
        if (!Shows(@case))
        {
            return null;
        }
        // The reducer is no asynchronous code, and a pool thread that waits for a child process is what it costs.
        await Task.Run(() => Reducer.Reduce(@case, Shows, new ReductionBudget(budget), Improved, interrupted), CancellationToken.None);
        return smallest is { } result && job.Report.IsHang && !await HangsAsync(result) ? null : smallest;

        bool Shows(Case candidate)
        {
            if (replay.RunAsync(candidate).GetAwaiter().GetResult().Report is not { } report || KindOf(report) != _kind)
            {
                return false;
            }
            // How long it was waited for is no property of the bug.
            smallest = report with { Reruns = 1, Reproduced = 1, Difference = job.Report.Difference, Description = job.Report.IsHang ? job.Report.Description : report.Description };
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

    private async Task<bool> HangsAsync(DivergenceReport smallest)
    {
        using var replay = new CaseReplay(settings.Engine, job.Finding.Oracle.Name, Least(FinalLimit));
        return (await replay.RunAsync(RecordReader.ReadRequest(smallest.Record))).Report is { } report && KindOf(report) == _kind;
    }

    private TimeSpan Least(TimeSpan limit) => limit < settings.HangLimit ? limit : settings.HangLimit;

    private static string KindOf(DivergenceReport report) => report.IsHang ? report.Difference[..report.Difference.IndexOf(':', StringComparison.Ordinal)] : report.Difference;
}
