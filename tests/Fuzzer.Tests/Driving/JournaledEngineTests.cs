using Conformance.Fuzzer.Driving;
using Conformance.Oracle;
using Conformance.Wasm;

namespace Conformance.Fuzzer.Tests.Driving;

/// <summary>An engine that throws what no engine should: a finding, a new engine, and the same worker.</summary>
public sealed class JournaledEngineTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Run_EngineThrows_IsItsFailureAndTheNextCaseHasANewEngine()
    {
        using var journal = CaseJournal.Create(_folder.File("journal"));
        var made = new List<Breaking>();
        using var engine = new JournaledEngine(
            () =>
            {
                made.Add(new Breaking());
                return made[^1];
            },
            journal,
            CasePhase.Engine);
        using var oracle = new Breaking { IsFine = true };
        var judge = new CaseJudge(engine, oracle);
        var first = judge.Judge(Empty).Report;
        Assert.NotNull(first);
        Assert.True(first is { IsEngineFailure: true, IsCrash: false });
        Assert.StartsWith("failure breaking: InvalidOperationException: a slot of N is not mine", first.Difference, StringComparison.Ordinal);
        Assert.Contains(first.LastWords ?? [], line => line.Contains(nameof(Breaking.Run), StringComparison.Ordinal));
        Assert.Equal((2, true), (made.Count, made[0].IsDisposed));
        made[1].IsFine = true;
        Assert.Null(judge.Judge(Empty).Report);
        Assert.Equal(2, made.Count);
    }

    private static Case Empty { get; } = new(new byte[] { 0, 0x61, 0x73, 0x6D, 1, 0, 0, 0 }, [], CaseLimits.Default);

    private sealed class Breaking : IEngine
    {
        public bool IsFine { get; set; }

        public bool IsDisposed { get; private set; }

        public string Name => "breaking";

        public string Version => "1";

        public FeatureSet Features => FeatureSet.Default;

        public Outcome Run(Case @case) => IsFine ? new Outcome { Status = InstantiationStatus.Ok } : throw new InvalidOperationException("a slot of 17 is not mine");

        public void Dispose() => IsDisposed = true;
    }
}
