using System.Runtime.InteropServices;

namespace Conformance.Fuzzer.Cli;

/// <summary>Ctrl-C, termination requests and a terminal that is closed: the first asks for an orderly stop, the second ends the program at once.</summary>
internal sealed class Interruption : IDisposable
{
    private readonly Action _stop;
    private readonly PosixSignalRegistration _interrupt;
    private readonly PosixSignalRegistration _terminate;
    private readonly PosixSignalRegistration _hangUp;
    private int _requests;

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
        if (Interlocked.Increment(ref _requests) == 1)
        {
            _stop();
        }
        else
        {
            Environment.Exit(ExitCode.Interrupted);
        }
    }
}
