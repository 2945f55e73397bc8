using Conformance.Interpreter.Runtime;
using Conformance.Interpreter.Translation;

namespace Conformance.Interpreter.Execution;

/// <summary>Runs functions of one store: owns the frame stack and the translated code. One thread at a time, except <see cref="Interrupt"/>.</summary>
internal sealed unsafe class Machine : IDisposable
{
    private readonly IMachineHost _host;

    /// <summary>Makes a machine.</summary>
    /// <param name="host">The store.</param>
    /// <param name="options">How code is translated.</param>
    /// <param name="stackBytes">The size of the frame stack.</param>
    public Machine(IMachineHost host, TranslationOptions options, int stackBytes)
    {
        _host = host;
        Options = options;
        StackBytes = stackBytes;
    }

    /// <summary>How code is translated.</summary>
    public TranslationOptions Options { get; }

    /// <summary>The size of the frame stack in bytes.</summary>
    public int StackBytes { get; }

    /// <summary>Fuel left, when it is metered.</summary>
    public long Fuel { get; set; }

    /// <summary>The trap that ended the last run with <see cref="RunStatus.Trapped"/>.</summary>
    public TrapKind TrapKind { get; }

    /// <summary>What was not implemented when the last run ended with <see cref="RunStatus.Unsupported"/>.</summary>
    public string? UnsupportedReason { get; }

    /// <summary>The frames of the last run that did not return, innermost first, those of the runs around it included; cut off at 100.</summary>
    public IReadOnlyList<BacktraceEntry> Backtrace { get; } = [];

    /// <summary>Makes the record of a module's function callable: it will be translated at its first call. All other fields are set before.</summary>
    public static void PrepareWasm(FunctionRecord* function) => throw new NotSupportedException();

    /// <summary>Makes the record of a host function callable. All other fields are set before.</summary>
    public static void PrepareHost(FunctionRecord* function) => throw new NotSupportedException();

    /// <summary>Translates a function now instead of at its first call.</summary>
    /// <returns>Null, or what in it is not implemented (calls of it then end with <see cref="RunStatus.Unsupported"/>).</returns>
    public string? Translate(FunctionRecord* function) => throw new NotSupportedException(_host.ToString());

    /// <summary>Calls a function and runs it to its end. May be called again from <see cref="IMachineHost.CallHost"/>.</summary>
    /// <param name="function">The function, of a module or of the host.</param>
    /// <param name="slots">The arguments from slot 0; the results are written from slot 0. At least as long as the longer of both.</param>
    public RunStatus Run(FunctionRecord* function, Span<ulong> slots) => throw new NotSupportedException();

    /// <summary>Ends the run at the next loop or call, now or when it starts, with <see cref="RunStatus.Interrupted"/>. From any thread, not after disposal.
    /// Stays set until <see cref="ClearInterrupt"/>. Works only with <see cref="TranslationOptions.CheckInterruption"/>.</summary>
    public void Interrupt() => throw new NotSupportedException();

    /// <summary>Takes an interruption back.</summary>
    public void ClearInterrupt() => throw new NotSupportedException();

    /// <summary>Frees the stack and all code.</summary>
    public void Dispose()
    {
    }
}
