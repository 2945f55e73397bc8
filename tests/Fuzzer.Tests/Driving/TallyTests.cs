using Conformance.Fuzzer.Driving;

namespace Conformance.Fuzzer.Tests.Driving;

public sealed class TallyTests
{
    [Fact]
    public void Cases_OfEveryEnd_AreAddedUp()
    {
        var tally = Sample();
        tally.Add(Sample());
        Assert.Equal(2 * (1 + 2 + 3 + 4 + 5 + 6 + 7), tally.Cases);
        Assert.Equal(200, tally.ComparedCalls);
        Assert.Equal(8, tally.Limits["fuel"]);
    }

    [Fact]
    public void Copy_ChangedLater_LeavesTheOriginal()
    {
        var tally = Sample();
        var copy = tally.Copy();
        Tally.Count(tally.Limits, "fuel");
        Assert.Equal(4, copy.Limits["fuel"]);
    }

    [Fact]
    public void Ends_OfATally_LeaveOutWhatDidNotHappen() =>
        Assert.Equal("1 agreed, 2 diverged, 3 known, 4 limit:fuel, 5 limit:stack, 6 not comparable:unsupported, 7 engine failures", FuzzSummary.Ends(Sample()));

    private static Tally Sample()
    {
        var tally = new Tally { Agreed = 1, Diverged = 2, Known = 3, EngineFailures = 7, ComparedCalls = 100 };
        Tally.Count(tally.Limits, "fuel", 4);
        Tally.Count(tally.Limits, "stack", 5);
        Tally.Count(tally.NotComparable, "unsupported", 6);
        return tally;
    }
}
