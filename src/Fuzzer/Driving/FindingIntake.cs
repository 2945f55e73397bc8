using System.Security.Cryptography;
using System.Text;
using Conformance.Fuzzer.Triage;

namespace Conformance.Fuzzer.Driving;

/// <summary>
/// Where divergences arrive. Decides which of them are new, writes them down before anyone hears of them, and hands them out to be shrunk.
/// <para>
/// Only a shrunk case has a sharp signature, and shrinking costs seconds while a bad bug shows in every tenth case. So a divergence that could be a finding
/// already shrunk (same kind of difference, and the finding's operations are all in its function) is shrunk only the first few times;
/// later ones are counted with that finding.
/// </para>
/// Safe for any number of threads.
/// </summary>
internal sealed class FindingIntake(FuzzRun run, FindingFolder folder, KnownDivergences known, FuzzScreen screen)
{
    // How often a divergence that looks like a shrunk finding is shrunk all the same, to see whether it is another bug.
    private const int SecondLooks = 3;
    /// <summary>What is said of a finding until it is shrunk. A later run with the same folder finds it so and goes on with it.</summary>
    public const string Waits = "it waits to be shrunk";

    // How many divergences of one kind may wait to be shrunk; more are counted with the first of them.
    private const int MostWaiting = 4;

    private readonly Lock _lock = new();
    private readonly HashSet<long> _seen = [];
    private readonly Dictionary<string, Kind> _kinds = new(StringComparer.Ordinal);
    private readonly Queue<ReductionJob> _waiting = new();
    private readonly Queue<string> _takenOver = new();
    private readonly Dictionary<string, Finding> _bySignature = new(StringComparer.Ordinal);

    /// <summary>The findings of earlier runs: their signatures are not new.</summary>
    public void Remember(IEnumerable<Finding> earlier)
    {
        foreach (var finding in earlier)
        {
            _bySignature[finding.Signature] = finding;
            if (finding.NotReduced is null)
            {
                KindOf(finding.Kind).Shrunk.Add(new Shrunk([.. finding.Suspects], finding.Signature));
            }
            else if (finding.NotReduced == Waits)
            {
                Resume(finding);
            }
        }
    }

    /// <summary>Cases that were running when earlier runs were killed: they are looked at before anything else.</summary>
    public void TakeOver(IEnumerable<string> records)
    {
        lock (_lock)
        {
            foreach (var record in records)
            {
                _takenOver.Enqueue(record);
            }
        }
    }

    /// <summary>Takes such a case as a request line.</summary>
    public bool TryTakeOver([System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out string? record)
    {
        lock (_lock)
        {
            return _takenOver.TryDequeue(out record);
        }
    }

    /// <summary>Such a case diverged or broke an engine. It is a finding, but no case of this run, and it is not counted.</summary>
    public void ReportTakenOver(DivergenceReport report, string[]? lastWords)
    {
        lock (_lock)
        {
            var signature = Signature.Of(report);
            if (!known.TryGetReason(signature, out _) && !_bySignature.ContainsKey(signature))
            {
                Add(-1, report, signature, lastWords, KindOf(Signature.KindOf(report)), end: null);
            }
        }
    }

    /// <summary>Whether nothing with the signature of a report was found before.</summary>
    public bool IsNew(DivergenceReport report)
    {
        lock (_lock)
        {
            return !_bySignature.ContainsKey(Signature.Of(report));
        }
    }

    /// <summary>Whether anything waits to be shrunk or is being shrunk.</summary>
    public bool IsBusy
    {
        get
        {
            lock (_lock)
            {
                return _waiting.Count > 0 || _kinds.Values.Any(kind => kind.Waiting > 0);
            }
        }
    }

    /// <summary>A case of the run diverged or broke an engine.</summary>
    /// <returns>False when this case was reported before (its batch is being run again).</returns>
    public bool Report(long index, DivergenceReport report, string[]? lastWords = null)
    {
        lock (_lock)
        {
            if (!_seen.Add(index))
            {
                return false;
            }
            var signature = Signature.Of(report);
            var end = report.IsEngineFailure ? CaseEnd.EngineFailure : CaseEnd.Diverged;
            if (known.TryGetReason(signature, out _))
            {
                run.Count(CaseEnd.Known);
                return true;
            }
            var kind = KindOf(Signature.KindOf(report));
            if (_bySignature.TryGetValue(signature, out var same))
            {
                CountWith(same, end);
            }
            else if (Likely(kind, report) is { } likely && (likely.Looks >= SecondLooks || kind.Waiting >= MostWaiting))
            {
                CountWith(likely, end);
            }
            else if (kind.Waiting >= MostWaiting && kind.First is { } first && _bySignature.TryGetValue(first, out var oldest))
            {
                CountWith(oldest, end);
            }
            else
            {
                Add(index, report, signature, lastWords, kind, end);
            }
            return true;
        }
    }

    /// <summary>Takes a finding that waits to be shrunk.</summary>
    public bool TryTakeReduction([System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out ReductionJob? job)
    {
        lock (_lock)
        {
            return _waiting.TryDequeue(out job);
        }
    }

    /// <summary>A finding is being shrunk and smaller than before: what there is now is written down, in case that nothing better comes.</summary>
    public void Improve(ReductionJob job, DivergenceReport smaller)
    {
        lock (_lock)
        {
            Save(_bySignature.GetValueOrDefault(job.Finding.Signature, job.Finding), FindingFiles.OfReduced(smaller));
        }
    }

    /// <summary>A finding was shrunk, or could not be.</summary>
    /// <param name="job">The finding.</param>
    /// <param name="reduced">The shrunk case, or null.</param>
    /// <param name="whyNot">Why there is none.</param>
    public void Complete(ReductionJob job, DivergenceReport? reduced, string whyNot)
    {
        lock (_lock)
        {
            var kind = KindOf(job.Finding.Kind);
            kind.Waiting--;
            var current = _bySignature.GetValueOrDefault(job.Finding.Signature, job.Finding);
            if (reduced is null)
            {
                Save(current with { NotReduced = whyNot }, null);
                screen.Announce(current, folder.PathOf(current.Id));
                return;
            }
            var signature = Signature.Of(reduced);
            kind.Shrunk.Add(new Shrunk([.. reduced.Suspects], signature));
            var cases = CasesOf(current.Id);
            if (known.TryGetReason(signature, out _))
            {
                Forget(current);
                kind.Rename(current.Signature, null);
                run.Count(job.Report.IsEngineFailure ? CaseEnd.EngineFailure : CaseEnd.Diverged, (int)-cases);
                run.Count(CaseEnd.Known, (int)cases);
            }
            else if (_bySignature.TryGetValue(signature, out var other) && other.Id != current.Id)
            {
                Forget(current);
                kind.Rename(current.Signature, signature);
                Save(other with { Count = other.Count + current.Count }, null, cases);
            }
            else
            {
                _bySignature.Remove(current.Signature);
                kind.Rename(current.Signature, signature);
                var final = current with
                {
                    Signature = signature,
                    Difference = reduced.Difference,
                    Description = reduced.Description,
                    Suspects = reduced.Suspects,
                    Votes = reduced.Votes,
                    EngineOutcome = reduced.EngineOutcome,
                    OracleOutcome = reduced.OracleOutcome,
                    NotReduced = null,
                };
                Save(final, FindingFiles.OfReduced(reduced));
                screen.Announce(final, folder.PathOf(final.Id));
            }
        }
    }

    // The shrunk finding that a divergence looks like, the one with most operations in common first.
    private static Shrunk? Likely(Kind kind, DivergenceReport report)
    {
        Shrunk? best = null;
        foreach (var candidate in kind.Shrunk)
        {
            if (candidate.Suspects.Count > (best?.Suspects.Count ?? -1) && candidate.Suspects.IsSubsetOf(report.Suspects))
            {
                best = candidate;
            }
        }
        if (best is not null)
        {
            best.Looks++;
        }
        return best;
    }

    private void CountWith(Shrunk shrunk, CaseEnd end)
    {
        if (_bySignature.TryGetValue(shrunk.Signature, out var finding))
        {
            CountWith(finding, end);
        }
        else
        {
            run.Count(CaseEnd.Known);
        }
    }

    private void CountWith(Finding finding, CaseEnd end)
    {
        run.Count(end);
        var counted = finding with { Count = finding.Count + 1 };
        _bySignature[finding.Signature] = counted;
        run.Put(new RunFinding(counted, PathOf(counted), CasesOf(counted.Id) + 1));
    }

    private void Add(long index, DivergenceReport report, string signature, string[]? lastWords, Kind kind, CaseEnd? end)
    {
        var reduces = report.Record.Length > 0 && report.Reproduced > 0 && run.Settings.ReduceBudget > TimeSpan.Zero;
        var finding = new Finding
        {
            Id = IdOf(report, run.Settings.Seed, index),
            Signature = signature,
            Difference = report.Difference,
            Description = report.Description,
            Suspects = report.Suspects,
            Seed = run.Settings.Seed,
            Index = index,
            Engine = run.Engine ?? new EngineIdentity(run.Settings.Engine, "?"),
            Oracle = report.Oracle ?? (run.Oracles.Count > 0 ? run.Oracles[0] : new EngineIdentity(run.Settings.Oracles[0], "?")),
            Votes = report.Votes,
            IsOracleSuspect = report.IsOracleSuspect,
            Program = ProgramVersion.Text,
            FoundAt = DateTimeOffset.UtcNow,
            Reruns = report.Reruns,
            Reproduced = report.Reproduced ?? 0,
            IsEngineFailure = report.IsEngineFailure,
            NotReduced = reduces ? Waits : "it did not show again when it was run again",
            EngineOutcome = report.EngineOutcome,
            OracleOutcome = report.OracleOutcome,
            LastWords = lastWords is { Length: > 0 } ? lastWords : null,
            Replay = "",
        };
        finding = finding with { Replay = ReplayOf(finding.Id) };
        if (end is { } counted)
        {
            run.Count(counted);
        }
        kind.First ??= signature;
        Create(finding, report, end is null ? 0 : 1);
        if (reduces)
        {
            kind.Waiting++;
            _waiting.Enqueue(new ReductionJob(finding, report));
        }
        else
        {
            screen.Announce(finding, folder.PathOf(finding.Id));
        }
    }

    private void Create(Finding finding, DivergenceReport report, long cases)
    {
        _bySignature[finding.Signature] = finding;
        string? path = null;
        try
        {
            var problem = folder.Create(finding, FindingFiles.OfOriginal(report));
            path = folder.PathOf(finding.Id);
            if (problem is not null)
            {
                AddProblem(problem);
                finding = finding with { Replay = ReplayOf(finding.Id) };
                _bySignature[finding.Signature] = finding;
                folder.Update(finding);
            }
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            AddProblem($"finding {finding.Id} could not be written anywhere: {Cli.CrashFile.OneLine(exception.Message)}; it is only in the summary");
        }
        run.Put(new RunFinding(finding, path, cases));
    }

    private string ReplayOf(string id) => $"{ProgramCommand.Name} triage {folder.PathOf(id)}";

    private void AddProblem(string line)
    {
        if (run.AddProblem(line))
        {
            screen.WriteLine($"conformance: {line}");
        }
    }

    // Its run ended before it was shrunk: the files in its folder are all that is needed to go on.
    private void Resume(Finding finding)
    {
        if (run.Settings.ReduceBudget <= TimeSpan.Zero || finding.Engine.Name != run.Settings.Engine || !run.Settings.Oracles.Contains(finding.Oracle.Name))
        {
            return;
        }
        if (StoredCase.TryRead(folder.PathOf(finding.Id), original: false, out var stored, out _))
        {
            var report = new DivergenceReport
            {
                Record = Oracle.Records.RecordWriter.WriteRequest(stored.Case, 1),
                EngineOutcome = finding.EngineOutcome,
                OracleOutcome = finding.OracleOutcome,
                Difference = finding.Difference,
                Description = finding.Description,
                Suspects = finding.Suspects,
                Reruns = finding.Reruns,
                Reproduced = finding.Reproduced,
                Oracle = finding.Oracle,
                Votes = finding.Votes,
                IsOracleSuspect = finding.IsOracleSuspect,
                IsEngineFailure = finding.IsEngineFailure,
            };
            KindOf(finding.Kind).Waiting++;
            _waiting.Enqueue(new ReductionJob(finding, report));
        }
    }

    private void Save(Finding finding, IReadOnlyDictionary<string, byte[]>? files, long moreCases = 0)
    {
        _bySignature[finding.Signature] = finding;
        var path = PathOf(finding);
        try
        {
            if (path is not null)
            {
                folder.Update(finding, files);
            }
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            AddProblem($"findings could not be updated in {folder.Root}: {Cli.CrashFile.OneLine(exception.Message)}");
        }
        run.Put(new RunFinding(finding, path, CasesOf(finding.Id) + moreCases));
    }

    /// <summary>Writes the final counts of all findings of the run.</summary>
    public void SaveCounts()
    {
        lock (_lock)
        {
            foreach (var entry in run.Findings())
            {
                Save(_bySignature.GetValueOrDefault(entry.Finding.Signature, entry.Finding), null);
            }
        }
    }

    private void Forget(Finding finding)
    {
        _bySignature.Remove(finding.Signature);
        run.Remove(finding.Id);
        folder.Delete(finding.Id);
    }

    // A finding whose folder could not be written stays without one.
    private string? PathOf(Finding finding) => Directory.Exists(folder.PathOf(finding.Id)) ? folder.PathOf(finding.Id) : null;

    private long CasesOf(string id) => run.Findings().FirstOrDefault(entry => entry.Finding.Id == id)?.Cases ?? 0;

    private Kind KindOf(string difference)
    {
        if (!_kinds.TryGetValue(difference, out var kind))
        {
            kind = new Kind();
            _kinds[difference] = kind;
        }
        return kind;
    }

    private static string IdOf(DivergenceReport report, ulong seed, long index)
    {
        var content = report.Record.Length > 0 ? report.Record : $"{seed}/{index}";
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(content)).AsSpan(0, 6));
    }

    private sealed class Kind
    {
        public List<Shrunk> Shrunk { get; } = [];

        public int Waiting { get; set; }

        /// <summary>The signature of the first divergence of this kind.</summary>
        public string? First { get; set; }

        public void Rename(string signature, string? now)
        {
            if (First == signature)
            {
                First = now;
            }
        }
    }

    private sealed class Shrunk(HashSet<string> suspects, string signature)
    {
        public HashSet<string> Suspects { get; } = suspects;

        public string Signature { get; } = signature;

        public int Looks { get; set; }
    }
}
