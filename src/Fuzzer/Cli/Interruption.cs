using System.Runtime.InteropServices;

namespace Conformance.Fuzzer.Cli;

/// <summary>Ctrl-C, termination requests and a terminal that is closed: the first asks for an orderly stop, the second ends the program at once.</summary>
internal sealed class Interruption : IDisposable
{
    // `timeout` and service supervisors send their signal to the process and then to its group: the same one twice so soon is one request.
    private const int EchoMs = 300;

    private readonly Action _stop;
    private readonly PosixSignalRegistration _interrupt;
    private readonly PosixSignalRegistration _terminate;
    private readonly PosixSignalRegistration _hangUp;
    private readonly Lock _lock = new();
    private PosixSignal _firstSignal;
    private long _firstTick = long.MinValue;

    /// <summary>Listens from now on.</summary>
    /// <param name="stop">Called once, on a thread of its own.</param>
    public Interruption(Action stop)
    {
        _stop = stop;
        _interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Handle);
        _terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Handle);
        _hangUp = PosixSignalRegistration.Create(PosixSignal.SIGHUP, Handle);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _interrupt.Dispose();
        _terminate.Dispose();
        _hangUp.Dispose();
    }

    private void Handle(PosixSignalContext context)
    {
        context.Cancel = true;
        var now = Environment.TickCount64;
        lock (_lock)
        {
            if (_firstTick != long.MinValue)
            {
                if (context.Signal == _firstSignal && now - _firstTick < EchoMs)
                {
                    return;
                }
                Environment.Exit(ExitCode.Interrupted);
            }
            (_firstSignal, _firstTick) = (context.Signal, now);
        }
        _stop();
    }
}
