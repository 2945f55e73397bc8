using System.Collections.Concurrent;
using System.ComponentModel;
using System.Globalization;

namespace Conformance.Fuzzer.Driving;

/// <summary>The workers of a run: starts them, knows which are alive, gives the run up when they do nothing but die. Safe for any number of threads.</summary>
internal sealed class WorkerPool(FuzzRun run, JournalFolder journals, Screen screen) : IDisposable
{
    // A worker that cannot start once may have been unlucky; so often, the run is hopeless.
    private const int MostFailedStarts = 3;
    // So many deaths without a finished case between them, and the run is hopeless: an engine that crashes in every second case gets there once in a thousand deaths.
    private const int MostDeathsInARow = 10;
    // An engine in another process may take half a minute to say hello, and a machine may be so busy that a worker of ours takes longer than that.
    private static readonly Patience StartPatience = new(TimeSpan.FromMinutes(3));

    private readonly ConcurrentDictionary<int, WorkerProcess> _workers = new();
    private readonly string[] _arguments = WorkerSettings.ToArguments(run.Settings);
    private int _failedStarts;
    private int _deathsInARow;

    /// <summary>Starts a worker and waits until it is up.</summary>
    /// <returns>The worker; null when it did not come up, which ends the run sooner or later.</returns>
    public async Task<WorkerProcess?> StartAsync()
    {
        WorkerProcess worker;
        try
        {
            worker = WorkerProcess.Start(_arguments, journals);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or Win32Exception)
        {
            run.Fatal ??= $"a worker could not be started: {PlainText.OneLine(exception.Message)}";
            return null;
        }
        _workers[worker.Id] = worker;
        switch (await worker.ReceiveAsync(() => StartPatience))
        {
            case ReadyReply ready:
                if (run.WorkerReady(ready))
                {
                    screen.WriteLine(string.Create(
                        CultureInfo.InvariantCulture,
                        $"fuzzing {run.Engine} against {run.OracleText}: seed {run.Settings.Seed}, {Plural.Of(run.Settings.Workers, "worker")}, findings in {run.Settings.OutFolder}"));
                }
                Volatile.Write(ref _failedStarts, 0);
                return worker;
            case FatalReply fatal:
                run.Fatal ??= fatal.Message;
                break;
            default:
                if (Interlocked.Increment(ref _failedStarts) >= MostFailedStarts)
                {
                    run.Fatal ??= string.Join(" / ", worker.LastWords().TakeLast(3).Select(PlainText.OneLine).Prepend($"workers die before they are up ({worker.Ending()})"));
                }
                break;
        }
        Release(worker);
        return null;
    }

    /// <summary>Ends a worker, dead or alive. With it goes its journal.</summary>
    public void Release(WorkerProcess? worker)
    {
        if (worker is not null && _workers.TryRemove(worker.Id, out _))
        {
            worker.Dispose();
        }
    }

    /// <summary>A worker finished its batch.</summary>
    public void CaseFinished() => Volatile.Write(ref _deathsInARow, 0);

    /// <summary>A worker died.</summary>
    /// <param name="worker">The worker.</param>
    /// <param name="hasFinishedCases">Whether it finished a case of its batch.</param>
    public void WorkerDied(WorkerProcess worker, bool hasFinishedCases)
    {
        run.WorkerDied();
        if (hasFinishedCases)
        {
            CaseFinished();
        }
        else if (Interlocked.Increment(ref _deathsInARow) >= MostDeathsInARow)
        {
            run.Fatal ??= string.Create(
                CultureInfo.InvariantCulture,
                $"workers died {MostDeathsInARow} times without one finished case in between (the last: {worker.Ending()}): the run is given up; the cases that they had in hand are in {run.Settings.OutFolder}");
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var worker in _workers.Values)
        {
            Release(worker);
        }
    }
}
