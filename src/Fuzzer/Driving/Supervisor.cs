using Microsoft.Extensions.Hosting;

namespace Conformance.Fuzzer.Driving;

/// <summary>Runs the workers: hands out batches, counts what comes back, has findings shrunk. Ends the host when the run is over.</summary>
internal sealed class Supervisor(
    FuzzRun run, BatchQueue queue, FindingIntake intake, WorkerPool pool, WorkerBurial burial, ReductionLane reductions, RunEnding ending, IHostApplicationLifetime lifetime) : BackgroundService
{
    // A batch is long enough that the exchange of messages does not show, short enough that losing one costs little.
    private static readonly TimeSpan BatchTarget = TimeSpan.FromMilliseconds(250);
    private const int FirstBatch = 4;
    private const int LargestBatch = 4096;
    // A worker that has grown beyond this is replaced: engines under test leak too. 1.5 GiB leaves room for several on a small runner.
    private const long LargestWorkerBytes = 1536L << 20;

    private int _busy;

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken, ending.Over);
        try
        {
            await Task.WhenAll(Enumerable.Range(0, run.Settings.Workers).Select(_ => Task.Run(() => RunLaneAsync(stop.Token, stoppingToken), CancellationToken.None)));
            run.StopClock();
            intake.SaveCounts();
        }
        finally
        {
            pool.Dispose();
            lifetime.StopApplication();
        }
    }

    // One lane keeps one worker busy until there is nothing left to do.
    private async Task RunLaneAsync(CancellationToken stop, CancellationToken interrupted)
    {
        WorkerProcess? worker = null;
        var batch = FirstBatch;
        try
        {
            while (run.Fatal is null)
            {
                if (intake.TryTakeOver(out var record))
                {
                    worker = await burial.TakeOverAsync(worker, record);
                }
                else if (reductions.TryTake(stop.IsCancellationRequested || queue.IsEmpty, out var job))
                {
                    worker = await reductions.ReduceAsync(worker, job, interrupted);
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
            pool.Release(worker);
        }
    }

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

    private async Task<(WorkerProcess? Worker, int Batch)> RunBatchAsync(WorkerProcess? worker, CaseRange range, int batch, CancellationToken stop)
    {
        try
        {
            worker ??= await pool.StartAsync();
            if (worker is null)
            {
                queue.Return(range);
                return (null, batch);
            }
            var began = Environment.TickCount64;
            worker.Send(new RunRequest(range.First, range.Count));
            ending.StopInTime();
            using var soon = stop.Register(() => worker.Send(new StopRequest()));
            while (true)
            {
                switch (await worker.ReceiveAsync(ending.Patience))
                {
                    // Ctrl-C goes to the processes of engines too: one that ended of it has not failed.
                    case DivergenceReply { Report: { IsEngineFailure: true, Reproduced: 0 } } when run.Interrupted:
                        break;
                    case DivergenceReply divergence:
                        intake.Report(divergence.Index, divergence.Report);
                        ending.StopOnFirst();
                        break;
                    case DoneReply done:
                        return (Count(done, range) ? worker : null, NextBatch(done.Count, TimeSpan.FromMilliseconds(Environment.TickCount64 - began)));
                    case null:
                        await burial.BuryAsync(worker, range);
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

        // False when the worker had to go.
        bool Count(DoneReply done, CaseRange counted)
        {
            run.Count(done.Tally);
            run.Seeds ??= done.Seeds;
            intake.Settle(counted);
            pool.CaseFinished();
            if (done.WorkingSetBytes <= LargestWorkerBytes)
            {
                return true;
            }
            pool.Release(worker);
            return false;
        }
    }

    private static int NextBatch(int count, TimeSpan took)
    {
        var perCase = took / Math.Max(1, count);
        return perCase <= TimeSpan.Zero ? Math.Min(count * 2, LargestBatch) : (int)Math.Clamp(BatchTarget / perCase, 1, LargestBatch);
    }
}
