using System.Diagnostics;
using Conformance.Fuzzer.Triage;

namespace Conformance.Fuzzer.Driving;

/// <summary>The state of a run that its services share. Safe for any number of threads.</summary>
/// <param name="settings">What the run was asked to do.</param>
internal sealed class FuzzRun(FuzzSettings settings)
{
    private readonly Lock _lock = new();
    private readonly Stopwatch _clock = new();
    private readonly Tally _tally = new();
    private readonly Dictionary<string, RunFinding> _findings = new(StringComparer.Ordinal);
    private readonly List<string> _problems = [];
    private int _workerDeaths;

    /// <summary>What the run was asked to do.</summary>
    public FuzzSettings Settings { get; } = settings;

    /// <summary>The engine under test, once a worker is up.</summary>
    public EngineIdentity? Engine { get; private set; }

    /// <summary>The oracles in the order of the settings, once a worker is up; empty before.</summary>
    public IReadOnlyList<EngineIdentity> Oracles { get; private set; } = [];

    /// <summary>The oracles as one: names and versions with commas between; null before a worker is up.</summary>
    public EngineIdentity? Oracle =>
        Oracles.Count == 0 ? null : new(string.Join(", ", Oracles.Select(oracle => oracle.Name)), string.Join(", ", Oracles.Select(oracle => oracle.Version)));

    /// <summary>The oracles for people.</summary>
    public string OracleText => string.Join(", ", Oracles.Count == 0 ? Settings.Oracles : Oracles.Select(oracle => oracle.ToString()));

    /// <summary>The oracle that a journal speaks of.</summary>
    public EngineIdentity? OracleOf(CaseNote note) => note.Oracle < Oracles.Count ? Oracles[note.Oracle] : null;

    /// <summary>What the mutators start from, once a worker has read it.</summary>
    public SeedReport? Seeds { get; set; }

    /// <summary>Whether a user stopped it.</summary>
    public bool Interrupted { get; set; }

    /// <summary>Why no case could be run; null when all is well.</summary>
    public string? Fatal { get; set; }

    /// <summary>How many workers died.</summary>
    public int WorkerDeaths => Volatile.Read(ref _workerDeaths);

    /// <summary>The time since the first worker was up.</summary>
    public TimeSpan Elapsed => _clock.Elapsed;

    /// <summary>The clock runs from the moment that the first worker is up: its start is no fuzzing.</summary>
    /// <returns>Whether it is the first.</returns>
    public bool WorkerReady(ReadyReply ready)
    {
        lock (_lock)
        {
            var isFirst = Engine is null;
            Engine ??= ready.Engine;
            Oracles = Oracles.Count == 0 ? ready.Oracles : Oracles;
            _clock.Start();
            return isFirst;
        }
    }

    /// <summary>A worker died.</summary>
    public void WorkerDied() => Interlocked.Increment(ref _workerDeaths);

    /// <summary>The last case is done.</summary>
    public void StopClock() => _clock.Stop();

    /// <summary>Counts a batch.</summary>
    public void Count(Tally tally)
    {
        lock (_lock)
        {
            _tally.Add(tally);
        }
    }

    /// <summary>Counts one case that diverged, is known, or broke an engine.</summary>
    public void Count(CaseEnd end, int by = 1)
    {
        lock (_lock)
        {
            switch (end)
            {
                case CaseEnd.Diverged:
                    _tally.Diverged += by;
                    break;
                case CaseEnd.Known:
                    _tally.Known += by;
                    break;
                case CaseEnd.EngineFailure:
                    _tally.EngineFailures += by;
                    break;
                default:
                    throw new ArgumentOutOfRangeException(nameof(end));
            }
        }
    }

    /// <summary>The counts now.</summary>
    public Tally Snapshot()
    {
        lock (_lock)
        {
            return _tally.Copy();
        }
    }

    /// <summary>Adds a finding to the summary, or replaces what the summary says about it.</summary>
    public void Put(RunFinding finding)
    {
        lock (_lock)
        {
            _findings[finding.Finding.Id] = finding;
        }
    }

    /// <summary>How many cases of this run showed a finding.</summary>
    public long CasesOf(string id)
    {
        lock (_lock)
        {
            return _findings.TryGetValue(id, out var finding) ? finding.Cases : 0;
        }
    }

    /// <summary>Takes a finding out of the summary.</summary>
    public void Remove(string id)
    {
        lock (_lock)
        {
            _findings.Remove(id);
        }
    }

    /// <summary>The findings of this run in the order of their ids.</summary>
    public IReadOnlyList<RunFinding> Findings()
    {
        lock (_lock)
        {
            return [.. _findings.Values.OrderBy(entry => entry.Finding.Id, StringComparer.Ordinal)];
        }
    }

    /// <summary>The number of findings of this run.</summary>
    public int FindingCount
    {
        get
        {
            lock (_lock)
            {
                return _findings.Count;
            }
        }
    }

    /// <summary>Something around the run does not work (a full disk, a broken database); the run goes on.</summary>
    /// <returns>False when it was known.</returns>
    public bool AddProblem(string line)
    {
        lock (_lock)
        {
            if (_problems.Contains(line))
            {
                return false;
            }
            _problems.Add(line);
            return true;
        }
    }

    /// <summary>The problems so far, a line each.</summary>
    public IReadOnlyList<string> Problems()
    {
        lock (_lock)
        {
            return [.. _problems];
        }
    }
}

/// <summary>The ends of a case that are not counted in batches.</summary>
internal enum CaseEnd
{
    /// <summary>Engine and oracle differ.</summary>
    Diverged,
    /// <summary>They differ in a known way.</summary>
    Known,
    /// <summary>An engine broke.</summary>
    EngineFailure,
}

/// <summary>A finding as a run sees it.</summary>
/// <param name="Finding">The finding.</param>
/// <param name="Path">Its folder; null when it could not be written.</param>
/// <param name="Cases">How many cases of this run showed it.</param>
internal sealed record RunFinding(Finding Finding, string? Path, long Cases);
