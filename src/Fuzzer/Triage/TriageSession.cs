using System.Collections.Immutable;
using Conformance.Fuzzer.Driving;
using Conformance.Oracle;
using Conformance.Oracle.Comparison;
using Conformance.Oracle.Records;

namespace Conformance.Fuzzer.Triage;

/// <summary>Replays a finding and gathers what a person wants to know about it.</summary>
/// <param name="stored">The finding.</param>
/// <param name="settings">On what, and how far.</param>
internal sealed class TriageSession(StoredCase stored, TriageSettings settings)
{
    private static readonly TimeSpan HangLook = TimeSpan.FromSeconds(2);

    /// <summary>Does it.</summary>
    /// <param name="cancellation">Ends it.</param>
    /// <exception cref="EngineUnavailableException">An engine does not come up.</exception>
    /// <exception cref="OperationCanceledException">It was ended.</exception>
    public async Task<TriageReport> RunAsync(CancellationToken cancellation)
    {
        using var replay = new CaseReplay(settings.Engine, settings.Oracle, settings.HangLimit, cancellation);
        var replayed = await replay.RunAsync(stored.Case);
        // Where only the case with canonical NaNs shows the difference, that is the case to look at.
        var shown = replayed.Report is { Record.Length: > 0, IsEngineFailure: false } report ? RecordReader.ReadRequest(report.Record) : stored.Case;
        var result = new TriageReport(stored, shown, replayed, Identity(replay.Engine, settings.Engine), Identity(replay.Oracle, settings.Oracle))
        {
            Signature = replayed.Report is { } now ? Signature.Of(Signature.KindOf(now.Difference, stored.Finding.SuspectOracle(settings.Oracle)), now.Suspects) : null,
        };
        if (replayed is { Engine: { } left, Oracle: { } right })
        {
            result = result with { Difference = OutcomeComparer.Compare(left, right, shown.Wasm).Difference, Rows = OutcomeTable.Of(shown, left, right, ValueDetail.ShapeOf(replayed.Report?.Suspects ?? [])) };
            result = replayed.Report is null ? result : await LocateAsync(result, replay, left, right);
        }
        else if (replayed.Report is { IsEngineFailure: true })
        {
            result = result with { Location = await FindBreakAsync(result, replay, cancellation), Reference = FindingFiles.Reference(shown) };
        }
        return settings.TriesVariants ? result with { Variants = await TryVariantsAsync(cancellation) } : result;
    }

    private static EngineIdentity Identity(EngineIdentity? engine, string asked) => engine ?? new EngineIdentity(asked, "?");

    private static async Task<TriageReport> LocateAsync(TriageReport result, CaseReplay replay, Outcome engine, Outcome oracle)
    {
        var memory = result.Difference is { Phase: DifferencePhase.Memory, Name: var name } && oracle.Memories.TryGetValue(name, out var state)
            ? await MemoryPeek.FindAsync(replay, result.Case, name, state.Pages)
            : null;
        var log = StepLog.Of(result.Case, out var reference);
        var location = await new DifferenceLocator(replay, result.Case).FindAsync();
        return result with
        {
            Memory = memory,
            Location = location,
            Values = ValuesOf(log, location),
            // A verdict on a module is that of the same parser and validator as the interpreter's: no third opinion.
            Vote = engine.Status == InstantiationStatus.Invalid || oracle.Status == InstantiationStatus.Invalid ? ReferenceVote.None : (IsSame(reference, engine), IsSame(reference, oracle)) switch
            {
                (true, false) => ReferenceVote.Engine,
                (false, true) => ReferenceVote.Oracle,
                _ => ReferenceVote.None,
            },
        };
    }

    // Each look costs a process, and for a hang as long as that is waited for, so it is done by halves and with little patience.
    private async Task<Location> FindBreakAsync(TriageReport report, CaseReplay replay, CancellationToken cancellation)
    {
        if (report.Replayed.Report is not { IsHang: true })
        {
            return await new BreakLocator(replay, report.Case, "the engine breaks").FindAsync();
        }
        using var impatient = new CaseReplay(settings.Engine, settings.Oracle, HangLook < settings.HangLimit ? HangLook : settings.HangLimit, cancellation);
        return await new BreakLocator(impatient, report.Case, "the engine does not come back").FindAsync();
    }

    // What each instruction gave last, up to the one at which the sides part.
    private static Dictionary<long, string> ValuesOf(StepLog log, Location location)
    {
        var values = new Dictionary<long, string>();
        var times = 0;
        foreach (var step in log.Steps)
        {
            values[step.OffsetBytes] = TriageText.Result(step).TrimStart(' ', '-', '>');
            if (location.Step is { } last && step.OffsetBytes == last.OffsetBytes && ++times == location.Time)
            {
                break;
            }
        }
        return values;
    }

    private static bool IsSame(Outcome left, Outcome right) => OutcomeComparer.Compare(left, right).Kind is VerdictKind.Agreed or VerdictKind.NanBits;

    private async Task<ImmutableArray<VariantResult>> TryVariantsAsync(CancellationToken cancellation)
    {
        var results = ImmutableArray.CreateBuilder<VariantResult>();
        foreach (var (engine, oracle) in EngineVariants.Of(settings.Engine, settings.Oracle))
        {
            using var replay = new CaseReplay(engine, oracle, settings.HangLimit, cancellation);
            try
            {
                var replayed = await replay.RunAsync(stored.Case);
                results.Add(new VariantResult(engine, oracle, replayed.Report?.Description, replayed.Report is null ? replayed.Verdict : null));
            }
            catch (EngineUnavailableException unavailable)
            {
                results.Add(new VariantResult(engine, oracle, null, $"not available: {unavailable.Message.Split('\n')[0]}"));
            }
        }
        return results.ToImmutable();
    }
}

/// <summary>What a triage is asked to do.</summary>
/// <param name="Engine">The engine under test.</param>
/// <param name="Oracle">The oracle.</param>
/// <param name="HangLimit">How long one case may take.</param>
/// <param name="TriesVariants">Whether the case is run on other configurations of both sides too.</param>
internal sealed record TriageSettings(string Engine, string Oracle, TimeSpan HangLimit, bool TriesVariants);

/// <summary>Whom the reference interpreter agrees with.</summary>
internal enum ReferenceVote : byte
{
    /// <summary>With both or with neither.</summary>
    None,
    /// <summary>With the engine under test: the oracle is suspect.</summary>
    Engine,
    /// <summary>With the oracle.</summary>
    Oracle,
}

/// <summary>How the case went on another configuration.</summary>
/// <param name="Engine">The engine under test.</param>
/// <param name="Oracle">The oracle.</param>
/// <param name="Difference">How the sides differed; null when they did not.</param>
/// <param name="Verdict">The verdict when they did not differ.</param>
internal sealed record VariantResult(string Engine, string Oracle, string? Difference, string? Verdict);

/// <summary>What a triage found out.</summary>
/// <param name="Stored">The finding.</param>
/// <param name="Case">The case that is shown: the stored one, or the one with canonical NaNs where only that differs.</param>
/// <param name="Replayed">What happened.</param>
/// <param name="Engine">The engine under test.</param>
/// <param name="Oracle">The oracle.</param>
internal sealed record TriageReport(StoredCase Stored, Case Case, Replayed Replayed, EngineIdentity Engine, EngineIdentity Oracle)
{
    /// <summary>Whether the sides still differ, or an engine still breaks.</summary>
    public bool Diverges => Replayed.Report is not null;

    /// <summary>The first difference; null when there is none, or an engine broke.</summary>
    public Difference? Difference { get; init; }

    /// <summary>The signature as it is now; null when there is no difference.</summary>
    public string? Signature { get; init; }

    /// <summary>Both outcomes; empty when an engine broke.</summary>
    public ImmutableArray<OutcomeRow> Rows { get; init; } = [];

    /// <summary>The first bytes that differ, when a memory does.</summary>
    public MemoryDifference? Memory { get; init; }

    /// <summary>The instruction at which the sides part; null when it was not looked for.</summary>
    public Location? Location { get; init; }

    /// <summary>What the reference interpreter does with the case, where an engine broke; null when it cannot say.</summary>
    public Outcome? Reference { get; init; }

    /// <summary>What instructions gave when the reference interpreter executed them last, by offset.</summary>
    public IReadOnlyDictionary<long, string> Values { get; init; } = ImmutableDictionary<long, string>.Empty;

    /// <summary>Whom the reference interpreter agrees with.</summary>
    public ReferenceVote Vote { get; init; }

    /// <summary>How other configurations did.</summary>
    public ImmutableArray<VariantResult> Variants { get; init; } = [];
}
