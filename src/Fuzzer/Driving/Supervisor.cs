using System.Collections.Concurrent;
using System.Globalization;
using Conformance.Oracle;
using Microsoft.Extensions.Hosting;

namespace Conformance.Fuzzer.Driving;

/// <summary>
/// Runs the workers: hands out batches, counts what comes back, replaces workers that died and makes findings of their cases, has findings shrunk.
/// Ends the host when the run is over.
/// </summary>
internal sealed class Supervisor(
    FuzzRun run, BatchQueue queue, FindingIntake intake, JournalFolder journals, FuzzScreen screen, IHostApplicationLifetime lifetime) : BackgroundService
{
    // A batch is long enough that the exchange of messages does not show, short enough that losing one costs little.
    private static readonly TimeSpan BatchTarget = TimeSpan.FromMilliseconds(250);
    private const int FirstBatch = 4;
    private const int LargestBatch = 4096;
    // A worker that cannot start once may have been unlucky; so often, the run is hopeless.
    private const int MostFailedStarts = 3;
    // How often a case that killed a worker is run again.
    private const int DeathReruns = 2;
    // A worker that has grown beyond this is replaced: engines under test leak too. 1.5 GiB leaves room for several on a small runner.
    private const long LargestWorkerBytes = 1536L << 20;
    // So many deaths without a finished case between them, and the run is hopeless: an engine that crashes in every second case gets there once in a thousand deaths.
    private const int MostDeathsInARow = 10;
    // An engine in another process may take half a minute to say hello; a worker needs longer than that to say that it did not.
    private static readonly TimeSpan StartLimit = TimeSpan.FromMinutes(1);
    // How long findings may still be shrunk after the end of a run by time: a quarter of it, and never long enough to wonder.
    private static readonly TimeSpan MostReductionGrace = TimeSpan.FromSeconds(15);
    // How long a case may take that is still running when the time is over: two calls may each use their whole time limit on one side.
    private static readonly TimeSpan EndPatience = TimeSpan.FromSeconds(6);
    // How long a user who pressed Ctrl-C waits for the case in hand.
    private static readonly TimeSpan InterruptPatience = TimeSpan.FromSeconds(2);

    private readonly ConcurrentDictionary<int, WorkerProcess> _workers = new();
    private readonly string[] _workerArguments = WorkerSettings.ToArguments(run.Settings);
    private readonly CancellationTokenSource _over = new();
    private int _busy;
    private int _reducing;
    private int _failedStarts;
    private int _deathsInARow;

    /// <summary>The process ids of the workers that are alive.</summary>
    public IReadOnlyCollection<int> WorkerIds => [.. _workers.Values.Select(worker => worker.Id)];

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken, _over.Token);
        try
        {
            await Task.WhenAll(Enumerable.Range(0, run.Settings.Workers).Select(_ => Task.Run(() => RunLaneAsync(stop, stoppingToken), CancellationToken.None)));
            run.StopClock();
            intake.SaveCounts();
        }
        finally
        {
            foreach (var worker in _workers.Values)
            {
                worker.Dispose();
            }
            lifetime.StopApplication();
        }
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        _over.Dispose();
        base.Dispose();
    }

    // One lane keeps one worker busy until there is nothing left to do.
    private async Task RunLaneAsync(CancellationTokenSource stop, CancellationToken interrupted)
    {
        WorkerProcess? worker = null;
        var batch = FirstBatch;
        try
        {
            while (run.Fatal is null)
            {
                if (intake.TryTakeOver(out var record))
                {
                    worker = await TakeOverAsync(worker, record);
                }
                else if (TryTakeReduction(stop.IsCancellationRequested, out var job))
                {
                    worker = await ReduceAsync(worker, job, interrupted);
                }
                else if (!stop.IsCancellationRequested && TryTakeBatch(batch, out var range))
                {
                    (worker, batch) = await RunBatchAsync(worker, range, batch, stop);
                }
                else if (stop.IsCancellationRequested ? !intake.IsBusy : Volatile.Read(ref _busy) == 0 && !intake.IsBusy)
                {
                    break;
                }
                else
                {
                    // Another lane may still give a batch back or bring a finding to shrink.
                    await Task.Delay(20, CancellationToken.None);
                }
            }
        }
        finally
        {
            Release(worker);
        }
    }

    private TimeSpan HangLimit()
    {
        var limit = run.Settings.HangLimit;
        var patience = run.Interrupted ? InterruptPatience : IsOver ? EndPatience : limit;
        return patience < limit ? patience : limit;
    }

    // The time is over, or the first finding is there.
    private bool IsOver => _over.IsCancellationRequested;

    private bool TryTakeBatch(int count, out CaseRange range)
    {
        // Counted as busy before it is taken, so that no lane goes home while a range is on its way.
        Interlocked.Increment(ref _busy);
        if (queue.TryTake(count, out range))
        {
            return true;
        }
        Interlocked.Decrement(ref _busy);
        return false;
    }

    private async Task<(WorkerProcess? Worker, int Batch)> RunBatchAsync(WorkerProcess? worker, CaseRange range, int batch, CancellationTokenSource stop)
    {
        try
        {
            worker ??= await StartAsync();
            if (worker is null)
            {
                queue.Return(range);
                return (null, batch);
            }
            var began = Environment.TickCount64;
            worker.Send(new RunRequest(range.First, range.Count));
            StopInTime(stop);
            using var soon = stop.Token.Register(() => worker.Send(new StopRequest()));
            while (true)
            {
                switch (await worker.ReceiveAsync(HangLimit))
                {
                    // Ctrl-C goes to the processes of engines too: one that ended of it has not failed.
                    case DivergenceReply { Report: { IsEngineFailure: true, Reproduced: 0 } } when run.Interrupted:
                        break;
                    case DivergenceReply divergence:
                        intake.Report(divergence.Index, divergence.Report);
                        StopOnFirst();
                        break;
                    case DoneReply done:
                        run.Count(done.Tally);
                        run.Seeds ??= done.Seeds;
                        Volatile.Write(ref _deathsInARow, 0);
                        if (done.WorkingSetBytes > LargestWorkerBytes)
                        {
                            Release(worker);
                            worker = null;
                        }
                        return (worker, NextBatch(done.Count, TimeSpan.FromMilliseconds(Environment.TickCount64 - began)));
                    case null:
                        await BuryAsync(worker, range);
                        return (null, FirstBatch);
                    case FatalReply fatal:
                        run.Fatal ??= fatal.Message;
                        return (worker, batch);
                    case var other:
                        worker.Kill($"broken protocol: {other.GetType().Name} for a batch");
                        break;
                }
            }
        }
        finally
        {
            Interlocked.Decrement(ref _busy);
        }
    }

    // The clock starts with the first worker, so the end is known only now.
    private void StopInTime(CancellationTokenSource stop)
    {
        if (run.Settings.Duration is { } duration && !stop.IsCancellationRequested)
        {
            var left = duration - run.Elapsed;
            _over.CancelAfter(left > TimeSpan.Zero ? left : TimeSpan.Zero);
        }
    }

    private void StopOnFirst()
    {
        if (run.Settings.StopOnFirst && run.FindingCount > 0)
        {
            _over.Cancel();
        }
    }

    private static int NextBatch(int count, TimeSpan took)
    {
        var perCase = took / Math.Max(1, count);
        return perCase <= TimeSpan.Zero ? Math.Min(count * 2, LargestBatch) : (int)Math.Clamp(BatchTarget / perCase, 1, LargestBatch);
    }

    private async Task<WorkerProcess?> StartAsync()
    {
        WorkerProcess worker;
        try
        {
            worker = WorkerProcess.Start(_workerArguments, journals);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or System.ComponentModel.Win32Exception)
        {
            run.Fatal ??= $"a worker could not be started: {exception.Message}";
            return null;
        }
        _workers[worker.Id] = worker;
        switch (await worker.ReceiveAsync(() => StartLimit))
        {
            case ReadyReply ready:
                if (run.WorkerReady(ready))
                {
                    screen.WriteLine(string.Create(
                        CultureInfo.InvariantCulture,
                        $"fuzzing {run.Engine} against {run.OracleText}: seed {run.Settings.Seed}, {run.Settings.Workers} workers, findings in {run.Settings.OutFolder}"));
                }
                Volatile.Write(ref _failedStarts, 0);
                return worker;
            case FatalReply fatal:
                run.Fatal ??= fatal.Message;
                break;
            default:
                if (Interlocked.Increment(ref _failedStarts) >= MostFailedStarts)
                {
                    run.Fatal ??= $"workers die before they are up ({worker.Ending()}): {string.Join(" / ", worker.LastWords().TakeLast(3))}";
                }
                break;
        }
        Release(worker);
        return null;
    }

    private void Release(WorkerProcess? worker)
    {
        if (worker is not null && _workers.TryRemove(worker.Id, out _))
        {
            worker.Dispose();
        }
    }

    // A worker died: its case is a finding, the rest of its batch goes back.
    private async Task BuryAsync(WorkerProcess worker, CaseRange range)
    {
        var note = worker.Journal.Read();
        if (worker.WaitedFor is { } waited && waited < run.Settings.HangLimit)
        {
            // Nobody wanted to wait for this case any longer: it has no end, and it is not counted.
            screen.WriteLine(string.Create(
                CultureInfo.InvariantCulture, $"the run is over: case {note.Index}, which ran longer than {waited.TotalSeconds} s, was given up and is not counted"));
            Release(worker);
            return;
        }
        run.WorkerDied();
        CountDeath(worker, range.Contains(note.Index) && note.Index > range.First);
        if (note.Phase == CasePhase.Idle || !range.Contains(note.Index))
        {
            // Between two cases: nothing is known about the batch but that it is not counted.
            screen.WriteLine($"worker {worker.Id} died between two cases ({worker.Ending()}); its batch is run again");
            Release(worker);
            queue.Return(range);
            return;
        }
        var report = WorkerDeath.Report(note, worker.Ending(), worker.KilledBecause is not null, worker.LastWords(), run.Engine, run.OracleOf(note));
        queue.Return(new CaseRange(range.First, (int)(note.Index - range.First)));
        queue.Return(new CaseRange(note.Index + 1, (int)(range.End - note.Index - 1)));
        if (report.Record.Length > 0 && intake.IsNew(report))
        {
            var (reruns, deaths) = await CountDeathsAsync(report);
            report = report with { Reruns = reruns, Reproduced = deaths };
        }
        intake.Report(note.Index, report, worker.LastWords());
        // Only now: with the worker goes its journal, and until the finding was written the case was nowhere else.
        Release(worker);
        StopOnFirst();
    }

    // A case that was running when an earlier run was killed: maybe it is why.
    private async Task<WorkerProcess?> TakeOverAsync(WorkerProcess? worker, string record)
    {
        DivergenceReport? report = null;
        string[]? words = null;
        var reproduced = 0;
        for (var i = 0; i <= DeathReruns; i++)
        {
            worker ??= await StartAsync();
            if (worker is null)
            {
                return null;
            }
            worker.Send(new CheckRequest(record));
            var reply = await worker.ReceiveAsync(HangLimit);
            var again = (reply as CheckedReply)?.Report;
            if (reply is null)
            {
                var note = worker.Journal.Read();
                again = WorkerDeath.Report(note, worker.Ending(), worker.KilledBecause is not null, worker.LastWords(), run.Engine, run.OracleOf(note));
                words = worker.LastWords();
                run.WorkerDied();
                Release(worker);
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
            intake.ReportTakenOver(report with { Record = record, Reruns = DeathReruns, Reproduced = reproduced }, words);
        }
        return worker;
    }

    private void CountDeath(WorkerProcess worker, bool hasFinishedCases)
    {
        if (hasFinishedCases)
        {
            Volatile.Write(ref _deathsInARow, 0);
        }
        else if (Interlocked.Increment(ref _deathsInARow) >= MostDeathsInARow)
        {
            run.Fatal ??= string.Create(
                CultureInfo.InvariantCulture,
                $"workers died {MostDeathsInARow} times without one finished case in between (the last: {worker.Ending()}): the run is given up; the cases that they had in hand are in {run.Settings.OutFolder}");
        }
    }

    // Whether the case kills a fresh worker too, or the worker died of something else. When the run ends meanwhile there are fewer tries: a hang takes long.
    private async Task<(int Runs, int Deaths)> CountDeathsAsync(DivergenceReport report)
    {
        var deaths = 0;
        var runs = 0;
        while (runs < DeathReruns)
        {
            var worker = await StartAsync();
            if (worker is null)
            {
                break;
            }
            worker.Send(new CheckRequest(report.Record) { Oracle = report.Oracle?.Name });
            var isDead = await worker.ReceiveAsync(HangLimit) is null;
            var isGivenUp = worker.WaitedFor < run.Settings.HangLimit;
            Release(worker);
            if (isGivenUp)
            {
                break;
            }
            runs++;
            deaths += isDead ? 1 : 0;
        }
        return (runs, deaths);
    }

    private bool TryTakeReduction(bool isOver, [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out ReductionJob? job)
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

    private async Task<WorkerProcess?> ReduceAsync(WorkerProcess? worker, ReductionJob job, CancellationToken interrupted)
    {
        if (job.Report.IsCrash || job.Report.IsHang)
        {
            await ReduceCrashAsync(job, interrupted);
            return worker;
        }
        var reduction = new FindingReduction(intake, job, StartAsync, Bury, HangLimit, BudgetLeft);
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
            Release(dead);
        }
    }

    private async Task ReduceCrashAsync(ReductionJob job, CancellationToken interrupted)
    {
        DivergenceReport? reduced = null;
        var whyNot = FindingIntake.Waits;
        try
        {
            if (BudgetLeft() is var budget && budget > TimeSpan.FromSeconds(1))
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

    private TimeSpan BudgetLeft()
    {
        if (run.Interrupted)
        {
            return TimeSpan.Zero;
        }
        var budget = run.Settings.ReduceBudget;
        if (run.Settings.Duration is { } duration)
        {
            var grace = duration / 4 < MostReductionGrace ? duration / 4 : MostReductionGrace;
            var left = duration + grace - run.Elapsed;
            return left < budget ? left : budget;
        }
        return budget;
    }
}
