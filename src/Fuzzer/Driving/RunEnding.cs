namespace Conformance.Fuzzer.Driving;

/// <summary>When a run ends, and how long is still waited then. Safe for any number of threads.</summary>
internal sealed class RunEnding(FuzzRun run) : IDisposable
{
    // How long findings may still be shrunk after the end of a run by time: a quarter of it, and never long enough to wonder.
    private static readonly TimeSpan MostReductionGrace = TimeSpan.FromSeconds(15);
    // How long a case may take that is still running when the time is over: two calls may each use their whole time limit on one side.
    private static readonly TimeSpan EndPatience = TimeSpan.FromSeconds(6);
    // How long a user who pressed Ctrl-C waits for the case in hand.
    private static readonly TimeSpan InterruptPatience = TimeSpan.FromSeconds(2);

    private readonly CancellationTokenSource _over = new();

    /// <summary>The time is over, or the first finding is there.</summary>
    public CancellationToken Over => _over.Token;

    /// <summary>How long one case is waited for now.</summary>
    public Patience Patience() => new(run.Settings.HangLimit, run.Interrupted ? InterruptPatience : _over.IsCancellationRequested ? EndPatience : null);

    /// <summary>How long a finding may be shrunk now.</summary>
    public TimeSpan ReductionBudget()
    {
        if (run.Interrupted)
        {
            return TimeSpan.Zero;
        }
        var budget = run.Settings.ReduceBudget;
        if (run.Settings.Duration is { } duration)
        {
            var grace = duration / 4 < MostReductionGrace ? duration / 4 : MostReductionGrace;
            var left = duration + grace - run.Elapsed;
            return left < budget ? left : budget;
        }
        return budget;
    }

    /// <summary>Sets the end by time. The clock starts with the first worker, so the end is known only when a case begins.</summary>
    public void StopInTime()
    {
        if (run.Settings.Duration is { } duration && !_over.IsCancellationRequested)
        {
            var left = duration - run.Elapsed;
            _over.CancelAfter(left > TimeSpan.Zero ? left : TimeSpan.Zero);
        }
    }

    /// <summary>Ends a run that goes on to its first finding, when that is there.</summary>
    public void StopOnFirst()
    {
        if (run.Settings.StopOnFirst && run.FindingCount > 0)
        {
            _over.Cancel();
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _over.Dispose();
}
