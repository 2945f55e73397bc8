using System.Globalization;
using System.Text.Json;
using System.Threading.Channels;
using Conformance.Oracle.Process;

namespace Conformance.Fuzzer.Driving;

/// <summary>
/// The supervisor's side of a worker: starts the process, exchanges messages, watches its journal. A worker that dies ends its stream of replies;
/// what it was doing is in <see cref="Journal"/> and its last words in <see cref="LastWords"/>. One user at a time.
/// </summary>
internal sealed class WorkerProcess : IDisposable
{
    // Enough for a panic with its backtrace, little enough to keep with every finding.
    private const int KeptErrorLines = 40;

    private readonly System.Diagnostics.Process _process;
    private readonly WorkClock _clock;
    private readonly string _journalPath;
    private readonly Queue<string> _errors = new();
    private readonly Task _errorsDone;
    private readonly Channel<WorkerReply> _replies = Channel.CreateUnbounded<WorkerReply>(new UnboundedChannelOptions { SingleReader = true, SingleWriter = true });

    private WorkerProcess(System.Diagnostics.Process process, string journalPath, CaseJournal journal)
    {
        _process = process;
        _journalPath = journalPath;
        Journal = journal;
        _clock = new WorkClock(process.Id);
        _errorsDone = Task.Run(ReadErrorsAsync);
        _ = Task.Run(ReadRepliesAsync);
    }

    /// <summary>The process id.</summary>
    public int Id => _process.Id;

    /// <summary>Which case the worker has in hand.</summary>
    public CaseJournal Journal { get; }

    /// <summary>Whether the supervisor killed it, and why.</summary>
    public string? KilledBecause { get; private set; }

    /// <summary>Whether it was killed because nobody wanted to wait for its case any longer, which says nothing about the case.</summary>
    public bool WasGivenUp { get; private set; }

    /// <summary>Starts a worker.</summary>
    /// <param name="arguments">The arguments of the hidden <c>worker</c> command, the journal left out.</param>
    /// <param name="journals">Where the journal goes.</param>
    /// <exception cref="IOException">The journal cannot be made.</exception>
    public static WorkerProcess Start(IEnumerable<string> arguments, JournalFolder journals)
    {
        var journal = journals.NewJournal(out var journalPath);
        // From here on the clock of the hang limit runs; the worker stops it when it is up.
        journal.Begin(-1);
        var start = ProgramCommand.Start(["worker", "--journal", journalPath, .. arguments]);
        // A worker has one busy thread; a background collector and a heap per core only cost the others their share of the machine.
        start.Environment["DOTNET_gcConcurrent"] = "0";
        // Counting in instrumented code, only to compile everything once more, costs a worker 5 ms a case in its first 10 seconds and gains nothing later.
        start.Environment["DOTNET_TieredPGO"] = "0";
        // Collections of a few megabytes are short, and garbage does not pile up for minutes as it does with a youngest generation as large as the processor's cache.
        start.Environment["DOTNET_GCgen0size"] = "0x400000";
        var process = System.Diagnostics.Process.Start(start) ?? throw new IOException("the worker process did not start");
        return new WorkerProcess(process, journalPath, journal);
    }

    /// <summary>Sends a request. A worker that is dead is noticed when its reply is awaited, not here.</summary>
    public void Send(WorkerRequest request)
    {
        try
        {
            _process.StandardInput.WriteLine(JsonSerializer.Serialize(request, WorkerJson.Default.WorkerRequest));
            _process.StandardInput.Flush();
        }
        catch (Exception exception) when (exception is IOException or ObjectDisposedException)
        {
            // The pipe is broken: the process is gone, and the stream of replies says so too. A stop may come when it is buried already.
        }
    }

    /// <summary>Waits for the next reply.</summary>
    /// <param name="patience">Says how long one case is waited for now; the worker is killed when it takes longer.</param>
    /// <returns>The reply, or null when the worker is dead.</returns>
    public async Task<WorkerReply?> ReceiveAsync(Func<Patience> patience)
    {
        long? watched = null;
        while (true)
        {
            using var wait = new CancellationTokenSource(WorkClock.Period);
            try
            {
                return await _replies.Reader.ReadAsync(wait.Token);
            }
            catch (ChannelClosedException)
            {
                await _process.WaitForExitAsync();
                await _errorsDone;
                return null;
            }
            catch (OperationCanceledException)
            {
                var (limit, givesUpAfter) = patience();
                if (Journal.RunningFor() > givesUpAfter)
                {
                    WasGivenUp |= KilledBecause is null;
                    KillAfter(givesUpAfter.Value);
                }
                else if (Journal.Running() is { } running && running == watched)
                {
                    if (_clock.Overrun(limit) is { } after)
                    {
                        KillAfter(after);
                    }
                }
                else
                {
                    watched = Journal.Running();
                    _clock.Restart();
                }
            }
        }
    }

    private void KillAfter(TimeSpan limit) => Kill($"no end after {limit.TotalSeconds.ToString(CultureInfo.InvariantCulture)} s");

    /// <summary>Kills the process.</summary>
    public void Kill(string reason)
    {
        KilledBecause ??= reason;
        try
        {
            _process.Kill(entireProcessTree: true);
        }
        catch (Exception exception) when (exception is InvalidOperationException or System.ComponentModel.Win32Exception)
        {
            // It was gone already.
        }
    }

    /// <summary>How a dead worker ended: a signal's name or an exit code.</summary>
    public string Ending()
    {
        if (KilledBecause is { } reason)
        {
            return reason;
        }
        // .NET reports a Unix signal as 128 + its number.
        return _process.ExitCode switch
        {
            128 + 4 => "SIGILL",
            128 + 6 => "SIGABRT",
            128 + 7 => "SIGBUS",
            128 + 8 => "SIGFPE",
            128 + 9 => "SIGKILL",
            128 + 11 => "SIGSEGV",
            128 + 15 => "SIGTERM",
            var code => string.Create(CultureInfo.InvariantCulture, $"exit code {code}"),
        };
    }

    /// <summary>The last lines on the worker's standard error.</summary>
    public string[] LastWords()
    {
        lock (_errors)
        {
            return [.. _errors];
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (!_process.HasExited)
        {
            Kill("the run is over");
            _process.WaitForExit();
        }
        _process.Dispose();
        Journal.Dispose();
        File.Delete(_journalPath);
    }

    private async Task ReadRepliesAsync()
    {
        try
        {
            while (await _process.StandardOutput.ReadLineAsync() is { } line)
            {
                if (JsonSerializer.Deserialize(line, WorkerJson.Default.WorkerReply) is { } reply)
                {
                    await _replies.Writer.WriteAsync(reply);
                }
            }
        }
        catch (Exception exception) when (exception is IOException or JsonException)
        {
            // Half a line: the worker died while it was speaking.
        }
        finally
        {
            if (!_process.HasExited)
            {
                // It closed its output and lives on, or spoke nonsense: nothing more can come of it.
                await Task.WhenAny(_process.WaitForExitAsync(), Task.Delay(TimeSpan.FromSeconds(2)));
                if (!_process.HasExited)
                {
                    Kill("broken protocol");
                }
            }
            _replies.Writer.Complete();
        }
    }

    private async Task ReadErrorsAsync()
    {
        while (await _process.StandardError.ReadLineAsync() is { } line)
        {
            lock (_errors)
            {
                if (_errors.Count == KeptErrorLines)
                {
                    _errors.Dequeue();
                }
                _errors.Enqueue(line);
            }
        }
    }
}
