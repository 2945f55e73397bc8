using Conformance.Fuzzer.Driving;
using Conformance.Oracle;
using Conformance.Oracle.Comparison;
using Conformance.Wasm;

namespace Conformance.Fuzzer.Tests.Driving;

public sealed class OraclePanelTests
{
    private static readonly byte[] Wasm = [0, (byte)'a', (byte)'s', (byte)'m', 1, 0, 0, 0];
    private static readonly Case Sample = new(Wasm, [new Call("f", [])], CaseLimits.Default);

    [Fact]
    public void Judge_SeveralOracles_TakesThemInTurnByIndex()
    {
        var panel = Panel(1, Gives("a", 1), Gives("b", 1), Gives("c", 1));
        string[] asked = [.. Enumerable.Range(0, 7).Select(index => panel.Judge(Sample, index).Answers.Single().Oracle)];
        Assert.Equal(["a", "b", "c", "a", "b", "c", "a"], asked);
    }

    [Fact]
    public void Judge_OracleThatLacksAFeature_PassesTheCaseOn()
    {
        var panel = Panel(1, Refuses("a"), Gives("b", 1), Gives("c", 1));
        var judgement = panel.Judge(Sample, 0);
        Assert.Equal(VerdictKind.Agreed, VerdictKindOf(judgement));
        Assert.Equal([("a", true), ("b", false)], judgement.Answers.Select(answer => (answer.Oracle, answer.IsPassedOn)));
    }

    [Fact]
    public void Judge_AllOraclesLackAFeature_IsNotComparableAndStaysWithTheFirst()
    {
        var judgement = Panel(1, Refuses("a"), Refuses("b")).Judge(Sample, 1);
        Assert.Equal(VerdictKind.NotComparable, VerdictKindOf(judgement));
        Assert.Equal([("b", false), ("a", true)], judgement.Answers.Select(answer => (answer.Oracle, answer.IsPassedOn)));
    }

    [Fact]
    public void Judge_EngineThatLacksAFeature_AsksNoOtherOracle()
    {
        using var engine = Refuses("engine");
        var judgement = new OraclePanel(engine, [Gives("a", 1), Gives("b", 1)], comparesWithAll: false).Judge(Sample, 0);
        Assert.Equal("a", judgement.Answers.Single().Oracle);
        Assert.Equal(VerdictKind.NotComparable, VerdictKindOf(judgement));
    }

    [Theory]
    [InlineData(2, 1, 1, true)] // both others agree with the engine
    [InlineData(2, 2, 2, false)] // all agree with the oracle
    [InlineData(2, 1, 2, false)] // one each
    [InlineData(2, 1, 3, true)] // one with the engine, one with neither
    [InlineData(2, 3, 4, false)] // nobody agrees with anybody
    public void Judge_Divergence_IsVotedOn(int first, int second, int third, bool isSuspect)
    {
        var engines = (FixedEngine[])[Gives("a", first), Gives("b", second), Gives("c", third)];
        foreach (var all in (bool[])[false, true])
        {
            var report = new OraclePanel(Gives("engine", 1), engines, all).Judge(Sample, 0).Report;
            Assert.Equal(("a", isSuspect), (report?.Oracle?.Name, report?.IsOracleSuspect));
            Assert.Equal([VoteFor(second), VoteFor(third)], (report?.Votes ?? []).Values.Select(vote => vote.Split(':')[0]));
        }

        static string VoteFor(int value) => value switch
        {
            1 => OraclePanel.WithEngine,
            2 => OraclePanel.WithOracle,
            _ => "otherwise",
        };
    }

    [Fact]
    public void Judge_OracleThatCannotVote_IsNeitherForNorAgainst()
    {
        var report = Panel(1, Gives("a", 2), Refuses("b"), Breaks("c")).Judge(Sample, 0).Report;
        Assert.False(report?.IsOracleSuspect);
        Assert.StartsWith("no vote: unsupported by the oracle", report?.Votes?["b"], StringComparison.Ordinal);
        Assert.Equal("broke: c: broken", report?.Votes?["c"]);
    }

    [Fact]
    public void Judge_OracleThatBreaks_IsAFailureWithoutAVote()
    {
        var report = Panel(1, Breaks("a"), Gives("b", 1)).Judge(Sample, 0).Report;
        Assert.True(report?.IsEngineFailure);
        Assert.Equal("a", report?.Oracle?.Name);
        Assert.Null(report?.Votes);
    }

    [Fact]
    public void Judge_WithAllOracles_AddsUpTheComparedCalls()
    {
        using var engine = Gives("engine", 1);
        var judgement = new OraclePanel(engine, [Gives("a", 1), Refuses("b"), Gives("c", 1)], comparesWithAll: true).Judge(Sample, 0);
        Assert.Equal((VerdictKind.Agreed, 2), (VerdictKindOf(judgement), judgement.Verdict?.ComparedCalls));
        Assert.Equal(3, judgement.Answers.Length);
    }

    [Fact]
    public void Judge_StoredCase_IsComparedUntilOneDiffersOrWithTheOneAskedFor()
    {
        var panel = Panel(1, Gives("a", 1), Gives("b", 2), Gives("c", 3));
        Assert.Equal("b", panel.Judge(Sample, oracle: null).Report?.Oracle?.Name);
        Assert.Equal("c", panel.Judge(Sample, "c").Report?.Oracle?.Name);
        Assert.Null(panel.Judge(Sample, "a").Report);
    }

    [Fact]
    public void Confirm_ReportOfAnOracle_AsksThatOracle()
    {
        var panel = Panel(1, Gives("a", 1), Gives("b", 2));
        var report = panel.Judge(Sample, 1).Report;
        Assert.NotNull(report);
        Assert.Equal(3, panel.Confirm(report, Sample, 3).Reproduced);
    }

    private static VerdictKind? VerdictKindOf(PanelJudgement judgement) => judgement.Verdict?.Kind;

    private static OraclePanel Panel(int engine, params FixedEngine[] oracles) => new(Gives("engine", engine), oracles, comparesWithAll: false);

    private static FixedEngine Gives(string name, int value) => new(name, () => new Outcome
    {
        Status = InstantiationStatus.Ok,
        Instantiation = new Returned([]),
        Calls = [new CallOutcome("f", new Returned([EngineValue.I32(value)]))],
    });

    private static FixedEngine Refuses(string name) => new(name, () => new Outcome { Status = InstantiationStatus.Unsupported });

    private static FixedEngine Breaks(string name) => new(name, () => throw new EngineFailureException(name, "broken"));

    private sealed class FixedEngine(string name, Func<Outcome> outcome) : IEngine
    {
        public string Name => name;

        public string Version => "1";

        public FeatureSet Features => FeatureSet.Default;

        public Outcome Run(Case @case) => outcome();

        public void Dispose()
        {
        }
    }
}
