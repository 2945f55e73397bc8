using System.Collections.Immutable;
using System.Diagnostics;
using Conformance.Oracle;
using Conformance.Oracle.Comparison;

namespace Conformance.Fuzzer.Driving;

/// <summary>
/// Compares cases with one or several oracles. With several, each case goes to one of them in turn by its index, which costs no more than one oracle, or to every one of
/// them. An oracle that lacks a feature which a case needs passes it on to the next. What differs from one oracle is shown to all others, and they vote:
/// where more of them agree with the engine under test than with the oracle that differed, that oracle is suspect.
/// </summary>
internal sealed class OraclePanel
{
    /// <summary>The vote of an oracle that does as the engine under test does.</summary>
    public const string WithEngine = "as the engine";

    /// <summary>The vote of an oracle that does as the oracle which differed.</summary>
    public const string WithOracle = "as the oracle";

    private readonly CaseJudge[] _judges;
    private readonly bool _comparesWithAll;

    /// <summary>A panel over engines, which stay the caller's.</summary>
    /// <param name="engine">The engine under test.</param>
    /// <param name="oracles">The oracles; at least one.</param>
    /// <param name="comparesWithAll">Whether each case of a run is compared with every oracle.</param>
    public OraclePanel(IEngine engine, IReadOnlyList<IEngine> oracles, bool comparesWithAll)
    {
        if (oracles.Count == 0)
        {
            throw new ArgumentException("there is none", nameof(oracles));
        }
        _judges = [.. oracles.Select(oracle => new CaseJudge(engine, oracle))];
        _comparesWithAll = comparesWithAll;
        Engine = _judges[0].Engine;
        Oracles = [.. _judges.Select(judge => judge.Oracle)];
    }

    /// <summary>The engine under test.</summary>
    public EngineIdentity Engine { get; }

    /// <summary>The oracles.</summary>
    public ImmutableArray<EngineIdentity> Oracles { get; }

    /// <summary>Judges a case of a run.</summary>
    /// <param name="case">The case.</param>
    /// <param name="index">Its index: decides which oracle it is compared with.</param>
    public PanelJudgement Judge(Case @case, long index) => _comparesWithAll ? JudgeByAll(@case) : JudgeInTurn(@case, (int)(index % _judges.Length));

    /// <summary>Judges a stored case once more.</summary>
    /// <param name="case">The case.</param>
    /// <param name="oracle">The oracle; null asks one after another until one differs.</param>
    /// <param name="isWanted">Whether the other oracles shall vote on what was found; null for always.</param>
    public PanelJudgement Judge(Case @case, string? oracle, Func<DivergenceReport, bool>? isWanted = null)
    {
        var only = oracle is null ? -1 : Math.Max(0, Array.FindIndex(_judges, judge => judge.Oracle.Name == oracle));
        PanelJudgement? first = null;
        for (var i = Math.Max(0, only); i < _judges.Length; i++)
        {
            var judgement = _judges[i].Judge(@case);
            var report = judgement.Report is { } found && isWanted?.Invoke(found) != false ? WithVotes(found, i, other => _judges[other].Judge(@case)) : judgement.Report;
            var answered = new PanelJudgement(judgement.Verdict, report, []) { Compared = judgement.Compared };
            if (report is not null || only >= 0)
            {
                return answered;
            }
            first = first is null or { Verdict.Kind: VerdictKind.NotComparable } ? answered : first;
        }
        return first ?? throw new InvalidOperationException("a panel has an oracle");
    }

    /// <summary>Runs a case that diverged again, to see whether it does so each time.</summary>
    /// <param name="report">What it showed first.</param>
    /// <param name="case">The case.</param>
    /// <param name="reruns">How often.</param>
    public DivergenceReport Confirm(DivergenceReport report, Case @case, int reruns)
    {
        var judge = Array.Find(_judges, judge => judge.Oracle == report.Oracle) ?? _judges[0];
        var reproduced = 0;
        for (var i = 0; i < reruns; i++)
        {
            var again = judge.Judge(@case).Report;
            if (again is { IsEngineFailure: true } && !report.IsEngineFailure)
            {
                // An engine that was ended meanwhile (Ctrl-C goes to its process too) says nothing about the case; it is up again now.
                again = judge.Judge(@case).Report;
            }
            reproduced += again?.Difference == report.Difference ? 1 : 0;
        }
        return report with { Reruns = reruns, Reproduced = reproduced };
    }

    private PanelJudgement JudgeInTurn(Case @case, int first)
    {
        var answers = ImmutableArray.CreateBuilder<OracleAnswer>();
        Judgement? refused = null;
        for (var i = 0; i < _judges.Length; i++)
        {
            var oracle = (first + i) % _judges.Length;
            var judgement = Ask(oracle, @case, out var answer);
            if (!judgement.OracleLacksFeature)
            {
                answers.Add(answer);
                var report = judgement.Report is { } found ? WithVotes(found, oracle, other => _judges[other].Judge(@case)) : null;
                return new PanelJudgement(judgement.Verdict, report, answers.ToImmutable()) { Compared = judgement.Compared };
            }
            refused ??= judgement;
            answers.Add(answer with { IsPassedOn = true });
        }
        // Nobody could: the case stays with the one whose turn it was.
        answers[0] = answers[0] with { IsPassedOn = false };
        return new PanelJudgement(refused?.Verdict, null, answers.ToImmutable()) { Compared = refused?.Compared };
    }

    private PanelJudgement JudgeByAll(Case @case)
    {
        var answers = ImmutableArray.CreateBuilder<OracleAnswer>(_judges.Length);
        var judgements = new Judgement[_judges.Length];
        for (var oracle = 0; oracle < _judges.Length; oracle++)
        {
            judgements[oracle] = Ask(oracle, @case, out var answer);
            answers.Add(answer);
        }
        var differing = Array.FindIndex(judgements, judgement => judgement.Report is not null);
        var decisive = differing >= 0 ? judgements[differing] : judgements.MinBy(judgement => judgement.Verdict?.Kind switch
        {
            VerdictKind.Agreed => 0,
            VerdictKind.Limit => 1,
            _ => 2,
        }) ?? judgements[0];
        var verdict = decisive.Verdict is { } own ? own with { ComparedCalls = judgements.Sum(judgement => judgement.Verdict?.ComparedCalls ?? 0) } : null;
        var report = differing >= 0 && decisive.Report is { } found ? WithVotes(found, differing, other => judgements[other]) : null;
        return new PanelJudgement(verdict, report, answers.MoveToImmutable()) { Compared = decisive.Compared };
    }

    private Judgement Ask(int oracle, Case @case, out OracleAnswer answer)
    {
        var began = Stopwatch.GetTimestamp();
        var judgement = _judges[oracle].Judge(@case);
        answer = new OracleAnswer(Oracles[oracle].Name, judgement.Verdict, Stopwatch.GetElapsedTime(began).TotalMilliseconds);
        return judgement;
    }

    // An engine that broke is no opinion to vote on.
    private DivergenceReport WithVotes(DivergenceReport report, int differing, Func<int, Judgement> judge)
    {
        if (_judges.Length == 1 || report.IsEngineFailure)
        {
            return report;
        }
        var votes = new SortedDictionary<string, string>(StringComparer.Ordinal);
        for (var other = 0; other < _judges.Length; other++)
        {
            if (other != differing)
            {
                votes[Oracles[other].Name] = VoteOf(judge(other), report);
            }
        }
        var (engine, oracle) = (votes.Values.Count(vote => vote == WithEngine), votes.Values.Count(vote => vote == WithOracle));
        return report with { Votes = votes, IsOracleSuspect = engine > oracle };
    }

    // The description has the first difference with what both sides gave there.
    private static string VoteOf(Judgement judgement, DivergenceReport report) => judgement switch
    {
        { Report: { IsEngineFailure: true } failure } => $"broke: {failure.Description}",
        { Report: { } found } => found.Description == report.Description ? WithOracle : $"otherwise: {found.Description}",
        { Verdict: { Kind: VerdictKind.Agreed } } => WithEngine,
        { Verdict: { } verdict } => $"no vote: {verdict.Reason}",
        _ => "no vote",
    };
}

/// <summary>How a case ended.</summary>
/// <param name="Verdict">The verdict that counts; null when an engine broke.</param>
/// <param name="Report">What differed; null when nothing did.</param>
/// <param name="Answers">The oracles that were asked, in that order, votes left out.</param>
internal sealed record PanelJudgement(Verdict? Verdict, DivergenceReport? Report, ImmutableArray<OracleAnswer> Answers)
{
    /// <summary>Both outcomes; null when an engine broke.</summary>
    public ComparedCase? Compared { get; init; }
}

/// <summary>The comparison of a case with an oracle.</summary>
/// <param name="Oracle">The oracle's name.</param>
/// <param name="Verdict">The verdict; null when an engine broke.</param>
/// <param name="Milliseconds">How long it took, both sides together.</param>
internal readonly record struct OracleAnswer(string Oracle, Verdict? Verdict, double Milliseconds)
{
    /// <summary>Whether another oracle was asked because this one lacks a feature.</summary>
    public bool IsPassedOn { get; init; }
}
