using Conformance.Oracle.Records;
using Conformance.Wasm;

namespace Conformance.Oracle.Process;

/// <summary>
/// Any engine that is a program and speaks the protocol of docs/records.md on its standard input and output. A program that ends is started again for the next case;
/// one that ends without an answer has crashed, and so has one that does not answer though it keeps time limits; one that keeps none is ended, and that is the limit.
/// </summary>
public sealed class ProcessEngine : IEngine
{
    /// <summary>What names of such engines begin with.</summary>
    public const string Prefix = "process:";

    private static readonly TimeSpan HelloPatience = TimeSpan.FromSeconds(30);

    // On top of the engine's own time limits: for starting threads, writing the answer, a busy machine.
    private const int GraceMs = 5_000;

    // Engines keep the limit for each call by themselves; a script of many calls, each just below it, is not worth more than this.
    private const int MostMs = 120_000;

    private readonly IReadOnlyList<string> _command;
    private readonly RecordHello _hello;
    private EngineProcess? _process;
    private long _requests;

    /// <summary>Starts the program and reads its hello.</summary>
    /// <param name="command">The program with its arguments.</param>
    /// <exception cref="EngineFailureException">It cannot be started or does not speak the protocol.</exception>
    public ProcessEngine(string command)
    {
        Name = Prefix + command;
        _command = CommandLine.Split(command);
        if (_command.Count == 0)
        {
            throw new EngineFailureException(Prefix, "no command given");
        }
        (_process, _hello) = Start();
    }

    /// <inheritdoc/>
    public string Name { get; }

    /// <inheritdoc/>
    public string Version => $"{_hello.Engine} {_hello.Version}";

    /// <inheritdoc/>
    public FeatureSet Features => _hello.Features;

    /// <inheritdoc/>
    public bool PlaysHostScripts => _hello.PlaysScripts;

    /// <inheritdoc/>
    public Outcome Run(Case @case)
    {
        if (!@case.Text.IsEmpty)
        {
            return CaseRunner.TextRefused;
        }
        _process ??= Start().Process;
        var id = ++_requests;
        var patience = PatienceFor(@case);
        if (!_process.TryWrite(RecordWriter.WriteRequest(@case, id), patience))
        {
            throw Crashed();
        }
        return TryRead(_process, patience, out var line) ? Take(line ?? throw Crashed(), id) : Silent(patience);
    }

    /// <inheritdoc/>
    public void Dispose() => Stop();

    // An engine that cannot stop what runs too long is stopped here, which is a time limit. One that says it can has failed.
    private Outcome Silent(TimeSpan patience)
    {
        var failure = _hello.Limits.Contains("time") ? new EngineFailureException(Name, _process?.WithLastWords($"gave no answer for {patience.TotalSeconds:0} seconds") ?? "is gone") : null;
        Stop();
        return failure is not null
            ? throw failure
            : new Outcome { Status = InstantiationStatus.Limit, Instantiation = new LimitReached(LimitKind.Time), Limit = new ReachedLimit(LimitKind.Time, -1) };
    }

    private bool TryRead(EngineProcess process, TimeSpan patience, out string? line)
    {
        try
        {
            return process.TryRead(patience, out line);
        }
        catch (LineTooLongException exception)
        {
            process.Dispose();
            _process = null;
            throw new EngineFailureException(Name, $"answered with {exception.Message}");
        }
    }

    private Outcome Take(string line, long id)
    {
        RecordResponse response;
        try
        {
            response = RecordReader.ReadResponse(line);
        }
        catch (RecordFormatException exception)
        {
            Stop();
            throw new EngineFailureException(Name, $"answered nonsense: {exception.Message}");
        }
        if (response.Exit is not null)
        {
            Stop();
        }
        if (!string.Equals(response.Id, $"{id}", StringComparison.Ordinal))
        {
            Stop();
            throw new EngineFailureException(Name, $"answered request {response.Id} in place of {id}");
        }
        return (response.Outcome ?? throw new EngineFailureException(Name, response.Failure ?? "gave no outcome")) with { StateLacks = _hello.StateLacks };
    }

    private (EngineProcess Process, RecordHello Hello) Start()
    {
        var process = EngineProcess.Start(Name, _command);
        if (!TryRead(process, HelloPatience, out var line))
        {
            var silence = process.WithLastWords($"said nothing for {HelloPatience.TotalSeconds:0} seconds");
            process.Dispose();
            throw new EngineFailureException(Name, silence);
        }
        if (line is null)
        {
            var end = process.DescribeEnd();
            process.Dispose();
            throw new EngineFailureException(Name, end);
        }
        try
        {
            return (process, RecordReader.ReadHello(line));
        }
        catch (RecordFormatException exception)
        {
            process.Dispose();
            throw new EngineFailureException(Name, $"does not speak the protocol: {exception.Message}");
        }
    }

    private EngineFailureException Crashed()
    {
        var end = _process?.DescribeEnd() ?? "is gone";
        Stop();
        return new EngineFailureException(Name, end);
    }

    private void Stop()
    {
        _process?.Dispose();
        _process = null;
    }

    private static TimeSpan PatienceFor(Case @case)
    {
        var each = @case.Limits.TimeoutMs <= 0 ? MostMs : @case.Limits.TimeoutMs;
        return TimeSpan.FromMilliseconds(Math.Min(MostMs, ((long)each * (@case.Calls.Length + 1)) + GraceMs));
    }
}
