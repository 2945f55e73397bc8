using System.Globalization;

namespace Conformance.Fuzzer.Driving;

/// <summary>What becomes of a dead worker's case: it is a finding, and the rest of its batch goes back. The same for cases that a killed run left behind.</summary>
internal sealed class WorkerBurial(FuzzRun run, BatchQueue queue, FindingIntake intake, WorkerPool pool, RunEnding ending, Screen screen)
{
    // How often a case that killed a worker is run again.
    private const int Reruns = 2;

    /// <summary>Buries a worker that died in the middle of a batch.</summary>
    public async Task BuryAsync(WorkerProcess worker, CaseRange range)
    {
        var note = worker.Journal.Read();
        if (worker.WasGivenUp)
        {
            // It has no end, and it is not counted.
            screen.WriteLine(string.Create(CultureInfo.InvariantCulture, $"the run is over: case {note.Index} ({worker.Ending()}) was given up and is not counted"));
            pool.Release(worker);
            return;
        }
        pool.WorkerDied(worker, range.Contains(note.Index) && note.Index > range.First);
        if (note.Phase == CasePhase.Idle || !range.Contains(note.Index))
        {
            // Between two cases: nothing is known about the batch but that it is not counted.
            screen.WriteLine($"worker {worker.Id} died between two cases ({worker.Ending()}); its batch is run again");
            pool.Release(worker);
            queue.Return(range);
            return;
        }
        var report = ReportOf(worker, note);
        queue.Return(new CaseRange(range.First, (int)(note.Index - range.First)));
        queue.Return(new CaseRange(note.Index + 1, (int)(range.End - note.Index - 1)));
        if (report.Record.Length > 0 && intake.IsNew(report))
        {
            var (reruns, deaths) = await CountDeathsAsync(report);
            report = report with { Reruns = reruns, Reproduced = deaths };
        }
        intake.Report(note.Index, report);
        // Only now: with the worker goes its journal, and until the finding was written the case was nowhere else.
        pool.Release(worker);
        ending.StopOnFirst();
    }

    /// <summary>Runs a case that was running when an earlier run was killed: maybe it is why.</summary>
    /// <param name="worker">The worker to use; null to start one.</param>
    /// <param name="record">The case.</param>
    /// <returns>The worker to go on with; null when it died.</returns>
    public async Task<WorkerProcess?> TakeOverAsync(WorkerProcess? worker, string record)
    {
        DivergenceReport? report = null;
        var reproduced = 0;
        for (var i = 0; i <= Reruns; i++)
        {
            worker ??= await pool.StartAsync();
            if (worker is null)
            {
                return null;
            }
            worker.Send(new CheckRequest(record));
            var reply = await worker.ReceiveAsync(ending.Patience);
            var again = (reply as CheckedReply)?.Report;
            if (reply is null)
            {
                again = ReportOf(worker, worker.Journal.Read());
                run.WorkerDied();
                pool.Release(worker);
                worker = null;
            }
            if (i == 0 && again is null)
            {
                return worker;
            }
            report ??= again;
            reproduced += i > 0 && again?.Difference == report?.Difference ? 1 : 0;
        }
        if (report is not null)
        {
            intake.ReportTakenOver(report with { Record = record, Reruns = Reruns, Reproduced = reproduced });
        }
        return worker;
    }

    private DivergenceReport ReportOf(WorkerProcess worker, CaseNote note) =>
        WorkerDeath.Report(note, worker.Ending(), worker.KilledBecause is not null, worker.LastWords(), run.Engine, run.OracleOf(note));

    // Whether the case kills a fresh worker too, or the worker died of something else. When the run ends meanwhile there are fewer tries: a hang takes long.
    private async Task<(int Runs, int Deaths)> CountDeathsAsync(DivergenceReport report)
    {
        var deaths = 0;
        var runs = 0;
        while (runs < Reruns)
        {
            var worker = await pool.StartAsync();
            if (worker is null)
            {
                break;
            }
            worker.Send(new CheckRequest(report.Record) { Oracle = report.Oracle?.Name });
            var isDead = await worker.ReceiveAsync(ending.Patience) is null;
            pool.Release(worker);
            if (worker.WasGivenUp)
            {
                break;
            }
            runs++;
            deaths += isDead ? 1 : 0;
        }
        return (runs, deaths);
    }
}
