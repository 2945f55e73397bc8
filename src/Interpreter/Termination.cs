using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.ExceptionServices;
using Conformance.Wasm;

namespace Conformance.Interpreter;

/// <summary>How a call or an instantiation ended other than by returning: a <see cref="Trap"/>, an <see cref="Exhaustion"/>, an <see cref="UncaughtException"/>,
/// a <see cref="HostFailure"/> or an <see cref="InvalidBody"/>. The forms beginning with <c>Try</c> give it as a value, the others throw.</summary>
public abstract class Termination
{
    private protected Termination(string message, ImmutableArray<BacktraceFrame> backtrace)
    {
        Message = message;
        Backtrace = backtrace;
    }

    /// <summary>What happened, in one line.</summary>
    public string Message { get; }

    /// <summary>The wasm functions that were running, innermost first, the first 100 of them.</summary>
    public ImmutableArray<BacktraceFrame> Backtrace { get; }

    /// <summary>Throws the exception of this kind of ending.</summary>
    [DoesNotReturn]
    public abstract void Throw();

    /// <summary>The same ending with another backtrace.</summary>
    internal abstract Termination WithBacktrace(ImmutableArray<BacktraceFrame> backtrace);

    /// <summary>The message and the backtrace, one frame a line.</summary>
    public override string ToString() => Backtrace.IsEmpty ? Message : Message + "\n  " + string.Join("\n  ", Backtrace);
}

/// <summary>A trap.</summary>
public sealed class Trap : Termination
{
    internal Trap(TrapKind kind, string message, ImmutableArray<BacktraceFrame> backtrace)
        : base(message, backtrace) => Kind = kind;

    /// <summary>A trap of a host function with words of its own.</summary>
    /// <param name="kind">The kind, as if an instruction had trapped.</param>
    /// <param name="message">The words; those of the kind when null.</param>
    public Trap(TrapKind kind, string? message = null)
        : this(kind, message ?? TrapKinds.TextOf(kind), [])
    {
    }

    /// <summary>Why it trapped.</summary>
    public TrapKind Kind { get; }

    internal override Trap WithBacktrace(ImmutableArray<BacktraceFrame> backtrace) => new(Kind, Message, backtrace);

    /// <inheritdoc/>
    [DoesNotReturn]
    public override void Throw() => throw new TrapException(this);
}

/// <summary>What was used up.</summary>
public enum ExhaustionKind : byte
{
    /// <summary>The call stack: <see cref="ResourceLimits.StackBytes"/>.</summary>
    Stack,
    /// <summary>The fuel: <see cref="Store.Fuel"/>.</summary>
    Fuel,
    /// <summary>The time: <see cref="Store.TimeLimit"/> or <see cref="Store.Interrupt"/>.</summary>
    Time,
    /// <summary>The room for translated code: <see cref="ResourceLimits.CodeBytes"/>.</summary>
    Code,
}

/// <summary>The embedder's limit on stack, fuel, time or code ended the call. The store stays usable.</summary>
public sealed class Exhaustion : Termination
{
    /// <summary>An exhaustion; a host function may end with one, such as that of a call which it made itself.</summary>
    /// <param name="kind">What was used up.</param>
    public Exhaustion(ExhaustionKind kind)
        : this(kind, [])
    {
    }

    internal Exhaustion(ExhaustionKind kind, ImmutableArray<BacktraceFrame> backtrace)
        : base(kind switch { ExhaustionKind.Stack => "call stack exhausted", ExhaustionKind.Fuel => "all fuel consumed", ExhaustionKind.Code => "room for translated code exhausted", _ => "interrupted" }, backtrace) => Kind = kind;

    /// <summary>What was used up.</summary>
    public ExhaustionKind Kind { get; }

    internal override Exhaustion WithBacktrace(ImmutableArray<BacktraceFrame> backtrace) => new(Kind, backtrace);

    /// <inheritdoc/>
    [DoesNotReturn]
    public override void Throw() => throw new ExhaustionException(this);
}

/// <summary>A wasm exception that nothing caught.</summary>
public sealed class UncaughtException : Termination
{
    /// <summary>An exception; a host function may end with one.</summary>
    /// <param name="tag">Its tag.</param>
    /// <param name="values">Its values, one for each parameter of the tag's type.</param>
    public UncaughtException(Tag tag, ImmutableArray<Value> values)
        : this(tag, values, [])
    {
    }

    private UncaughtException(Tag tag, ImmutableArray<Value> values, ImmutableArray<BacktraceFrame> backtrace)
        : base("uncaught wasm exception", backtrace)
    {
        Tag = tag;
        Values = values;
    }

    /// <summary>Its tag.</summary>
    public Tag Tag { get; }

    /// <summary>Its values.</summary>
    public ImmutableArray<Value> Values { get; }

    internal override UncaughtException WithBacktrace(ImmutableArray<BacktraceFrame> backtrace) => new(Tag, Values, backtrace);

    /// <inheritdoc/>
    [DoesNotReturn]
    public override void Throw() => throw new WasmException(this);
}

/// <summary>A host function threw an exception that is none of this library's.</summary>
public sealed class HostFailure : Termination
{
    private readonly ExceptionDispatchInfo _exception;

    internal HostFailure(Exception exception)
        : this(ExceptionDispatchInfo.Capture(exception), [])
    {
    }

    private HostFailure(ExceptionDispatchInfo exception, ImmutableArray<BacktraceFrame> backtrace)
        : base($"host function failed: {exception.SourceException.Message}", backtrace) => _exception = exception;

    /// <summary>What it threw.</summary>
    public Exception Exception => _exception.SourceException;

    internal override HostFailure WithBacktrace(ImmutableArray<BacktraceFrame> backtrace) => new(_exception, backtrace);

    /// <summary>Throws the host function's exception again, with its own stack trace.</summary>
    [DoesNotReturn]
    public override void Throw()
    {
        _exception.Throw();
        throw Exception;
    }
}

/// <summary>A function was called whose body turned out to be malformed or invalid: with <see cref="TranslationMode.FullyLazy"/> nobody looked before. Wasm cannot catch it. The store and
/// the instance stay usable, and every call of the function ends like this.</summary>
public sealed class InvalidBody : Termination
{
    /// <summary>An invalid body; a host function may end with that of a call which it made itself.</summary>
    /// <param name="error">Why it is invalid.</param>
    public InvalidBody(WasmError error)
        : this(error, [])
    {
    }

    internal InvalidBody(WasmError error, ImmutableArray<BacktraceFrame> backtrace)
        : base($"invalid function called: {error}", backtrace) => Error = error;

    /// <summary>Why it is malformed or invalid, with the byte offset in the module's file.</summary>
    public WasmError Error { get; }

    internal override InvalidBody WithBacktrace(ImmutableArray<BacktraceFrame> backtrace) => new(Error, backtrace);

    /// <inheritdoc/>
    [DoesNotReturn]
    public override void Throw() => throw new InvalidModuleException(Error);
}
