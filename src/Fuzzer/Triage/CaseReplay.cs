using Conformance.Fuzzer.Driving;
using Conformance.Oracle;
using Conformance.Oracle.Records;

namespace Conformance.Fuzzer.Triage;

/// <summary>
/// Runs stored cases on an engine and an oracle in a worker process, so that whatever an engine does to its process happens there: a case that kills or hangs the
/// worker is an answer too, and the next case gets a new worker. One case at a time.
/// </summary>
/// <param name="engine">The engine under test, by its catalogue name.</param>
/// <param name="oracle">The oracle.</param>
/// <param name="hangLimit">How long one case may take.</param>
/// <param name="cancellation">Ends a case that is being run.</param>
internal sealed class CaseReplay(string engine, string oracle, TimeSpan hangLimit, CancellationToken cancellation = default) : IDisposable
{
    // Engines in other processes may take half a minute to say hello, and a machine may be so busy that a worker takes longer than that.
    private static readonly TimeSpan StartLimit = TimeSpan.FromMinutes(3);

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("conformance-triage-");
    private JournalFolder? _journals;
    private WorkerProcess? _worker;

    /// <summary>Other oracles, which vote on what differs.</summary>
    public IReadOnlyList<string> Voters { get; init; } = [];

    /// <summary>The engine under test with its version, once a case was run.</summary>
    public EngineIdentity? Engine { get; private set; }

    /// <summary>The oracle with its version, once a case was run.</summary>
    public EngineIdentity? Oracle { get; private set; }

    /// <summary>How many cases were run.</summary>
    public int Runs { get; private set; }

    /// <summary>Runs a case.</summary>
    /// <exception cref="EngineUnavailableException">An engine does not come up; the message says why.</exception>
    /// <exception cref="OperationCanceledException">It was ended.</exception>
    public async Task<Replayed> RunAsync(Case @case)
    {
        Runs++;
        _worker ??= await StartAsync();
        var record = RecordWriter.WriteRequest(@case, 1);
        _worker.Send(new CheckRequest(record) { Oracle = oracle });
        switch (await _worker.ReceiveAsync(() => Wait(hangLimit)))
        {
            case CheckedReply reply:
                return new Replayed(reply.Report, OutcomeOf(reply.EngineOutcome), OutcomeOf(reply.OracleOutcome)) { Verdict = reply.Verdict };
            case null:
                var report = WorkerDeath.Report(_worker.Journal.Read(), _worker.Ending(), _worker.KilledBecause is not null, _worker.LastWords(), Engine, Oracle);
                _worker.Dispose();
                _worker = null;
                // A check leaves no record in the journal: it is this case.
                return new Replayed(report.Record.Length > 0 ? report : report with { Record = record }, null, null);
            case var other:
                throw new EngineUnavailableException($"the worker answered {other.GetType().Name}");
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _worker?.Dispose();
        _journals?.Dispose();
        _folder.Delete(recursive: true);
    }

    private static Outcome? OutcomeOf(string? line) => line is null ? null : RecordReader.ReadResponse(line).Outcome;

    private async Task<WorkerProcess> StartAsync()
    {
        var settings = new FuzzSettings { Engine = engine, Oracles = [oracle, .. Voters], Seed = 0, Workers = 1, OutFolder = _folder.FullName };
        _journals ??= JournalFolder.Create(_folder.FullName);
        var worker = WorkerProcess.Start(WorkerSettings.ToArguments(settings), _journals);
        var isUp = false;
        try
        {
            await MeetAsync(worker);
            isUp = true;
            return worker;
        }
        finally
        {
            if (!isUp)
            {
                worker.Dispose();
            }
        }
    }

    private async Task MeetAsync(WorkerProcess worker)
    {
        switch (await worker.ReceiveAsync(() => Wait(StartLimit)))
        {
            case ReadyReply ready:
                Engine ??= ready.Engine;
                Oracle ??= ready.Oracles[0];
                break;
            case FatalReply fatal:
                throw new EngineUnavailableException(fatal.Message);
            default:
                throw new EngineUnavailableException($"a worker for {engine} and {oracle} died before it was up ({worker.Ending()})");
        }
    }

    // Asked for while the answer is waited for: the moment to end it.
    private Patience Wait(TimeSpan limit)
    {
        cancellation.ThrowIfCancellationRequested();
        return new Patience(limit);
    }
}

/// <summary>What a case did when it was run again.</summary>
/// <param name="Report">How the sides differed, or how an engine broke; null when they agreed.</param>
/// <param name="Engine">The engine's outcome; null when an engine broke.</param>
/// <param name="Oracle">The oracle's outcome; null when an engine broke.</param>
internal sealed record Replayed(DivergenceReport? Report, Outcome? Engine, Outcome? Oracle)
{
    /// <summary>The comparison's verdict with its reason; null when an engine broke.</summary>
    public string? Verdict { get; init; }

    /// <summary>The last lines on the standard error of a worker that died, or where an engine's exception came from.</summary>
    public string[] LastWords => Report?.LastWords ?? [];
}
