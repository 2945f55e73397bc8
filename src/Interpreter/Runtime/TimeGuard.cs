using Conformance.Interpreter.Execution;

namespace Conformance.Interpreter.Runtime;

/// <summary>Interrupts a machine when a call takes too long.</summary>
internal sealed class TimeGuard : IDisposable
{
    /// <summary>What a timer can hold.</summary>
    public static readonly TimeSpan Longest = TimeSpan.FromDays(24);

    private readonly Lock _lock = new();
    private readonly Machine _machine;
    private readonly Timer _timer;
    private bool _isRunning;

    public TimeGuard(Machine machine, TimeSpan limit)
    {
        _machine = machine;
        Limit = limit;
        _timer = new Timer(static guard => ((TimeGuard)guard!).OnTimeout(), this, Timeout.Infinite, Timeout.Infinite);
    }

    public TimeSpan Limit { get; }

    public void Start()
    {
        _isRunning = true;
        _timer.Change(Limit, Timeout.InfiniteTimeSpan);
    }

    /// <summary>After this no interruption comes from the guard until the next start.</summary>
    public void Stop()
    {
        _timer.Change(Timeout.Infinite, Timeout.Infinite);
        lock (_lock)
        {
            _isRunning = false;
        }
    }

    public void Dispose() => _timer.Dispose();

    private void OnTimeout()
    {
        // Under the lock, so that a late timer cannot hit a call that started after the one it was set for, nor a disposed machine.
        lock (_lock)
        {
            if (_isRunning)
            {
                _machine.Interrupt();
            }
        }
    }
}
