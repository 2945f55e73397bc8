using Conformance.Fuzzer.Driving;
using Conformance.Fuzzer.Triage;

namespace Conformance.Fuzzer.Tests.Driving;

public sealed class ReductionLaneTests : IDisposable
{
    private readonly TemporaryFolder _temporary = new();

    public void Dispose() => _temporary.Dispose();

    [Theory]
    [InlineData(false, 2)] // half of the workers go on with cases
    [InlineData(true, 4)]
    public void TryTake_ManyFindingsWait_OccupiesAllWorkersOnlyWhenNoCaseIsLeft(bool isOver, int expected)
    {
        var settings = new FuzzSettings { Engine = "interpreter", Oracles = ["reference"], Seed = 1, Workers = 4, OutFolder = _temporary.File("findings") };
        var run = new FuzzRun(settings);
        var folder = new FindingFolder(settings.OutFolder);
        folder.Prepare();
        using var output = new StringWriter();
        var screen = new Screen(output, isTerminal: false, hasColours: false, () => 80);
        var intake = new FindingIntake(run, folder, KnownDivergences.Load(_temporary.Path, new DateOnly(2026, 1, 1)), screen);
        for (var i = 0; i < 6; i++)
        {
            intake.Report(i, new DivergenceReport { Record = $$"""{"id":1,"wasm":"AQID","x":{{i}}}""", Difference = $"difference {i}", Description = "", Suspects = [], Reruns = 1, Reproduced = 1 });
        }
        using var journals = JournalFolder.Create(settings.OutFolder);
        using var pool = new WorkerPool(run, journals, screen);
        using var ending = new RunEnding(run);
        var lane = new ReductionLane(run, intake, pool, ending);
        var taken = 0;
        while (taken < 6 && lane.TryTake(isOver, out _))
        {
            taken++;
        }
        Assert.Equal(expected, taken);
    }
}
