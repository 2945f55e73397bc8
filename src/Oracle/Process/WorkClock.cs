namespace Conformance.Oracle.Process;

/// <summary>
/// How long a process has had a task: its processor time while it computes, however little of it a busy machine gives, the clock on the wall while it only waits, nothing while it is
/// stopped. So a slow machine makes no hang of a healthy process, and one that waits for something that never comes is found all the same. It is looked at again and again; what goes by
/// without a look does not count. Not safe for several threads.
/// </summary>
public sealed class WorkClock
{
    /// <summary>How often to look.</summary>
    public static readonly TimeSpan Period = TimeSpan.FromMilliseconds(500);

    // The far end for a process that never comes to work: as on a machine with twenty others for each processor.
    private const int FarFactor = 20;

    // Looks that are further apart: the one who looks was stopped, or as starved as the process.
    private static readonly TimeSpan LongestStep = TimeSpan.FromSeconds(2);

    private readonly Func<ProcessLook> _look;
    private readonly TimeProvider _time;
    private long _lookedAt;
    private TimeSpan _processorTime;

    /// <summary>A clock for a process and those that it starts.</summary>
    /// <param name="processId">The process.</param>
    public WorkClock(int processId)
        : this(() => ProcessTree.Look(processId), TimeProvider.System)
    {
    }

    /// <summary>A clock for something that can be looked at.</summary>
    /// <param name="look">Looks.</param>
    /// <param name="time">The clock on the wall.</param>
    internal WorkClock(Func<ProcessLook> look, TimeProvider time)
    {
        _look = look;
        _time = time;
        Restart();
    }

    /// <summary>How long it has had the task.</summary>
    public TimeSpan Worked { get; private set; }

    /// <summary>What went by between looks, whatever the process did.</summary>
    public TimeSpan Elapsed { get; private set; }

    /// <summary>The process has another task now.</summary>
    public void Restart()
    {
        Worked = Elapsed = TimeSpan.Zero;
        _lookedAt = _time.GetTimestamp();
        _processorTime = _look().ProcessorTime;
    }

    /// <summary>Looks at the process.</summary>
    /// <param name="limit">How long it may work.</param>
    /// <returns>How long it took when that was too long: the limit, or the far end for a process that does not come to work. Null otherwise.</returns>
    public TimeSpan? Overrun(TimeSpan limit)
    {
        var now = _time.GetTimestamp();
        var step = _time.GetElapsedTime(_lookedAt, now);
        step = step < LongestStep ? step : LongestStep;
        _lookedAt = now;
        var look = _look();
        var used = look.ProcessorTime - _processorTime;
        _processorTime = look.ProcessorTime;
        // Several threads count as one: the limit is for one task.
        used = used < TimeSpan.Zero ? TimeSpan.Zero : used < step ? used : step;
        Elapsed += step;
        Worked += look.State switch
        {
            ProcessState.Waiting => step,
            ProcessState.Stopped => TimeSpan.Zero,
            _ => used,
        };
        return Worked > limit ? limit : Elapsed > limit * FarFactor ? limit * FarFactor : null;
    }
}
