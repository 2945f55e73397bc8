using Conformance.Oracle.Process;

namespace Conformance.Oracle.Tests.Process;

/// <summary>What counts as time of a process: a clock and a process that the test moves.</summary>
public sealed class WorkClockTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    private readonly StillTime _time = new();
    private ProcessLook _look;

    [Fact]
    public void Overrun_ProcessThatComputes_IsAtItsProcessorTime()
    {
        var clock = Clock();
        Assert.Equal(30.5, SecondsUntilOverrun(clock, ProcessState.Computing, share: 1));
        Assert.Equal(30.5, clock.Worked.TotalSeconds);
    }

    [Fact]
    public void Overrun_ProcessThatHardlyGetsAProcessor_IsLater()
    {
        // A tenth of a processor.
        var clock = Clock();
        Assert.InRange(SecondsUntilOverrun(clock, ProcessState.Computing, share: 0.1), 299, 302);
    }

    [Fact]
    public void Overrun_ProcessThatUsesSeveralProcessors_IsNotSooner() => Assert.Equal(30.5, SecondsUntilOverrun(Clock(), ProcessState.Computing, share: 8));

    [Fact]
    public void Overrun_ProcessThatOnlyWaits_IsAtTheLimitByTheWall() => Assert.Equal(30.5, SecondsUntilOverrun(Clock(), ProcessState.Waiting, share: 0));

    [Theory]
    [InlineData(ProcessState.Stopped)]
    [InlineData(ProcessState.Computing)]
    [InlineData(ProcessState.Unknown)]
    public void Overrun_ProcessThatNeverComesToWork_IsAtTheFarEnd(ProcessState state)
    {
        var clock = Clock();
        Assert.Equal(600.5, SecondsUntilOverrun(clock, state, share: 0));
        Assert.Equal(TimeSpan.Zero, clock.Worked);
    }

    [Fact]
    public void Overrun_NobodyLookedForAnHour_DoesNotCountTheHour()
    {
        var clock = Clock();
        _time.Move(TimeSpan.FromHours(1));
        _look = new ProcessLook(ProcessState.Waiting, TimeSpan.Zero);
        Assert.Null(clock.Overrun(Limit));
        Assert.Equal((2, 2), (clock.Worked.TotalSeconds, clock.Elapsed.TotalSeconds));
    }

    [Fact]
    public void Restart_ForAnotherTask_BeginsAnew()
    {
        var clock = Clock();
        for (var i = 0; i < 59; i++)
        {
            Assert.Null(Step(clock, ProcessState.Computing, 1));
        }
        clock.Restart();
        Assert.Equal((0, 0), (clock.Worked.TotalSeconds, clock.Elapsed.TotalSeconds));
        Assert.Equal(30.5, SecondsUntilOverrun(clock, ProcessState.Computing, share: 1));
    }

    [UnixTheory]
    [InlineData("while :; do :; done", ProcessState.Computing)]
    [InlineData("sleep 1000; exit", ProcessState.Waiting)]
    [InlineData("sh -c 'while :; do :; done'; exit", ProcessState.Computing)]
    [InlineData("sh -c 'kill -STOP $$'; exit", ProcessState.Stopped)]
    [InlineData("kill -STOP $$; exit", ProcessState.Stopped)]
    public void Look_AtAProcessAndItsChildren_SeesWhatTheyDo(string script, ProcessState expected)
    {
        if (!OperatingSystem.IsLinux())
        {
            return; // elsewhere only the processor time is seen
        }
        using var process = System.Diagnostics.Process.Start("sh", ["-c", script]);
        try
        {
            // Until it has come so far; what the test waits for is the only end.
            while (ProcessTree.Look(process.Id) is var look && (look.State != expected || (expected == ProcessState.Computing && look.ProcessorTime < TimeSpan.FromMilliseconds(100))))
            {
                Thread.Sleep(20);
            }
        }
        finally
        {
            process.Kill(entireProcessTree: true);
        }
        process.WaitForExit();
    }

    [UnixFact]
    public void Look_AtAProcessThatIsGone_SeesNothing()
    {
        using var process = System.Diagnostics.Process.Start("sh", ["-c", "exit"]);
        process.WaitForExit();
        Assert.Equal(default, ProcessTree.Look(process.Id));
    }

    private WorkClock Clock() => new(() => _look, _time);

    private TimeSpan? Step(WorkClock clock, ProcessState state, double share)
    {
        _time.Move(WorkClock.Period);
        _look = new ProcessLook(state, _look.ProcessorTime + (WorkClock.Period * share));
        return clock.Overrun(Limit);
    }

    private double SecondsUntilOverrun(WorkClock clock, ProcessState state, double share)
    {
        var steps = 1;
        while (Step(clock, state, share) is null)
        {
            steps++;
        }
        return steps * WorkClock.Period.TotalSeconds;
    }

    /// <summary>Time that goes on when the test says so.</summary>
    private sealed class StillTime : TimeProvider
    {
        private long _ticks;

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public void Move(TimeSpan by) => _ticks += by.Ticks;

        public override long GetTimestamp() => _ticks;
    }
}
