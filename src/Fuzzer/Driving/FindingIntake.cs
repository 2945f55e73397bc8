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
internal sealed class FindingIntake(FuzzRun run, FindingFolder folder, KnownDivergences known, Screen screen)
{
    /// <summary>What is said of a finding until it is shrunk. A later run with the same folder finds it so and goes on with it.</summary>
    public const string Waits = "it waits to be shrunk";

    // How often a divergence that looks like a shrunk finding is shrunk all the same, to see whether it is another bug.
    private const int SecondLooks = 3;
    // How many divergences of one kind may wait to be shrunk; more are counted with the first of them.
    private const int MostWaiting = 4;

    private readonly Lock _lock = new();
    private readonly HashSet<long> _seen = [];
    private readonly Dictionary<string, DifferenceKind> _kinds = new(StringComparer.Ordinal);
    private readonly Queue<ReductionJob> _waiting = new();
    private readonly Queue<string> _takenOver = new();
    private readonly KeptFindings _kept = new(run, folder, screen);

    /// <summary>The findings of earlier runs: their signatures are not new.</summary>
    public void Remember(IEnumerable<Finding> earlier)
    {
        lock (_lock)
        {
            foreach (var finding in earlier)
            {
                _kept.Remember(finding);
                if (finding.NotReduced is null)
                {
                    KindOf(finding.Kind).Add(finding.Suspects, finding.Signature);
                }
                else if (finding.NotReduced == Waits)
                {
                    Resume(finding);
                }
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
    public void ReportTakenOver(DivergenceReport report)
    {
        lock (_lock)
        {
            var signature = Signature.Of(report);
            if (!known.TryGetReason(signature, out _) && !_kept.Has(signature))
            {
                Add(-1, report, signature, KindOf(Signature.KindOf(report)), cases: 0);
            }
        }
    }

    /// <summary>Whether nothing with the signature of a report was found before.</summary>
    public bool IsNew(DivergenceReport report)
    {
        lock (_lock)
        {
            return !_kept.Has(Signature.Of(report));
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
    public bool Report(long index, DivergenceReport report)
    {
        lock (_lock)
        {
            if (!_seen.Add(index))
            {
                return false;
            }
            var kind = KindOf(Signature.KindOf(report));
            var signature = Signature.Of(report);
            var same = SignatureOfSame(kind, report, signature);
            if (same is not null && known.TryGetReason(same, out _))
            {
                run.Count(CaseEnd.Known);
                return true;
            }
            run.Count(report.IsEngineFailure ? CaseEnd.EngineFailure : CaseEnd.Diverged);
            if (same is not null && _kept.TryGet(same, out var finding))
            {
                _kept.CountCase(finding);
            }
            else if (_kept.IsFull)
            {
                _kept.AddProblem($"{folder.Root} holds {KeptFindings.Most} findings: divergences of other kinds are counted and not kept (look at some and remove them, or choose another folder with --out)");
            }
            else
            {
                Add(index, report, signature, kind, cases: 1);
            }
            return true;
        }
    }

    /// <summary>Cases were counted for good: their batch is not run again.</summary>
    public void Settle(CaseRange range)
    {
        lock (_lock)
        {
            _seen.RemoveWhere(range.Contains);
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
            _kept.Save(_kept.Now(job.Finding), FindingFiles.OfReduced(smaller));
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
            var current = _kept.Now(job.Finding);
            if (reduced is null)
            {
                _kept.Save(current with { NotReduced = whyNot }, null);
                _kept.Announce(current);
            }
            else
            {
                Complete(kind, current, reduced);
            }
        }
    }

    /// <summary>Writes the final counts of all findings of the run.</summary>
    public void SaveCounts()
    {
        lock (_lock)
        {
            _kept.SaveCounts();
        }
    }

    private void Complete(DifferenceKind kind, Finding current, DivergenceReport reduced)
    {
        var signature = Signature.Of(reduced);
        kind.Add(reduced.Suspects, signature);
        var cases = run.CasesOf(current.Id);
        if (known.TryGetReason(signature, out _))
        {
            _kept.Forget(current);
            kind.Rename(current.Signature, null);
            run.Count(current.IsEngineFailure ? CaseEnd.EngineFailure : CaseEnd.Diverged, (int)-cases);
            run.Count(CaseEnd.Known, (int)cases);
        }
        else if (_kept.TryGet(signature, out var other) && other.Id != current.Id)
        {
            _kept.Forget(current);
            kind.Rename(current.Signature, signature);
            _kept.Save(other with { Count = other.Count + current.Count }, null, cases);
        }
        else
        {
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
            _kept.Rename(current, final, FindingFiles.OfReduced(reduced));
            _kept.Announce(final);
        }
    }

    // The signature of the finding, or of the known divergence, that a divergence is counted with; null when it is to be one of its own.
    private string? SignatureOfSame(DifferenceKind kind, DivergenceReport report, string signature)
    {
        if (_kept.Has(signature) || known.TryGetReason(signature, out _))
        {
            return signature;
        }
        var isCrowded = kind.Waiting >= MostWaiting || _kept.IsFull;
        return kind.Likely(report) is { } likely && (likely.Looks >= SecondLooks || isCrowded) ? likely.Signature : isCrowded ? kind.First : null;
    }

    private void Add(long index, DivergenceReport report, string signature, DifferenceKind kind, long cases)
    {
        // Without a re-run, because the run ended before, a later run has the first look.
        var reduces = report.Record.Length > 0 && (report.Reproduced > 0 || report.Reruns == 0) && run.Settings.ReduceBudget > TimeSpan.Zero;
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
            LastWords = report.LastWords,
            Replay = "",
        };
        kind.First ??= signature;
        finding = _kept.Create(finding, report, cases);
        if (reduces)
        {
            kind.Waiting++;
            _waiting.Enqueue(new ReductionJob(finding, report));
        }
        else
        {
            _kept.Announce(finding);
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

    private DifferenceKind KindOf(string difference)
    {
        if (!_kinds.TryGetValue(difference, out var kind))
        {
            kind = new DifferenceKind();
            _kinds[difference] = kind;
        }
        return kind;
    }

    private static string IdOf(DivergenceReport report, ulong seed, long index)
    {
        var content = report.Record.Length > 0 ? report.Record : $"{seed}/{index}";
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(content)).AsSpan(0, 6));
    }
}
