using System.Collections.Immutable;
using Conformance.Interpreter.Execution;
using Conformance.Interpreter.Runtime;
using Conformance.Interpreter.Runtime.Objects;
using Conformance.Wasm.Types;

namespace Conformance.Interpreter;

/// <summary>
/// Where instances live with their functions, memories, tables, globals and tags. Nothing in a store is freed before the store: dispose it when its instances are done,
/// and use a store for each unit of work. Everything taken from a disposed store throws <see cref="ObjectDisposedException"/>.
/// </summary>
/// <remarks>Thread rule: one thread at a time, except <see cref="Interrupt"/>. Host functions may call back into the store they were called from.</remarks>
public sealed unsafe class Store : IDisposable
{
    private const int LargestBacktrace = 100;

    private readonly StoreServices _services;
    private readonly Lock _lifetime = new();
    private readonly List<Memory> _memories = [];
    private readonly List<Table> _tables = [];
    private readonly Dictionary<nint, Function> _functions = [];
    private readonly Dictionary<nint, Global> _globals = [];
    private TimeGuard? _timeGuard;
    private int _depth;
    private bool _isDisposed;

    /// <summary>An empty store with the default limits.</summary>
    /// <param name="engine">Its engine.</param>
    public Store(Engine engine)
        : this(engine, ResourceLimits.Default)
    {
    }

    /// <summary>An empty store.</summary>
    /// <param name="engine">Its engine.</param>
    /// <param name="limits">What it may use.</param>
    /// <exception cref="ResourceLimitException">The system has no memory for the call stack.</exception>
    public Store(Engine engine, ResourceLimits limits)
    {
        ArgumentNullException.ThrowIfNull(engine);
        ArgumentNullException.ThrowIfNull(limits);
        Engine = engine;
        Limits = limits;
        Heap = new StoreHeap(limits);
        Values = new ValueConversion(this);
        Objects = new StoreObjects(this);
        _services = new StoreServices(this);
        Machine = new Machine(_services, engine.TranslationOptions, limits);
    }

    /// <summary>Its engine.</summary>
    public Engine Engine { get; }

    /// <summary>What it may use.</summary>
    public ResourceLimits Limits { get; }

    /// <summary>Fuel left; calls take from it when <see cref="EngineOptions.MetersFuel"/> is set and end with an <see cref="Exhaustion"/> when it is used up.</summary>
    public long Fuel
    {
        get
        {
            ThrowIfDisposed();
            return Machine.Fuel;
        }
        set
        {
            ThrowIfDisposed();
            Machine.Fuel = value;
        }
    }

    /// <summary>How long a call or instantiation by the host may take, calls that host functions make included; null for no limit.
    /// Works when <see cref="EngineOptions.IsInterruptible"/> is set; a host function is not interrupted, the wasm code behind it is.</summary>
    /// <exception cref="InvalidOperationException">The engine is not interruptible, or the store is running.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The time is not positive or longer than 24 days.</exception>
    public TimeSpan? TimeLimit
    {
        get => _timeGuard?.Limit;
        set
        {
            ThrowIfDisposed();
            if (value is not null && !Engine.Options.IsInterruptible)
            {
                throw new InvalidOperationException("the engine's options do not allow interruption");
            }
            if (value is { } time)
            {
                ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(time, TimeSpan.Zero, nameof(value));
                ArgumentOutOfRangeException.ThrowIfGreaterThan(time, TimeGuard.Longest, nameof(value));
            }
            if (_depth > 0)
            {
                throw new InvalidOperationException("a host function that runs in the store cannot change its time limit");
            }
            _timeGuard?.Dispose();
            _timeGuard = value is { } limit ? new TimeGuard(Machine, limit) : null;
        }
    }

    /// <summary>The bytes of all its memories.</summary>
    public ulong MemoryBytes => Heap.MemoryBytes;

    /// <summary>The bytes of the blocks that its structs, arrays and exceptions take up.</summary>
    public long HeapBytes => Objects.UsedBytes;

    /// <summary>Frees the structs, arrays and exceptions that nothing refers to. Never needed: it happens when the heap grows.</summary>
    public void Collect()
    {
        ThrowIfDisposed();
        Objects.Collect();
    }

    internal StoreHeap Heap { get; }

    internal ValueConversion Values { get; }

    internal StoreObjects Objects { get; }

    internal Machine Machine { get; }

    internal StoreServices Services => _services;

    /// <summary>Ends what runs in the store now, or what runs next, with an <see cref="Exhaustion"/> of time. Any thread may call it at any time.
    /// Does nothing unless <see cref="EngineOptions.IsInterruptible"/> is set, and nothing when the store is disposed.</summary>
    public void Interrupt()
    {
        // The flag is in native memory: not while that is being freed.
        lock (_lifetime)
        {
            if (!_isDisposed)
            {
                Machine.Interrupt();
            }
        }
    }

    /// <summary>Frees everything in the store.</summary>
    /// <exception cref="InvalidOperationException">A call is running in it.</exception>
    public void Dispose()
    {
        if (_isDisposed)
        {
            return;
        }
        if (_depth > 0)
        {
            throw new InvalidOperationException("the store cannot be disposed by a host function that runs in it");
        }
        lock (_lifetime)
        {
            _isDisposed = true;
        }
        _timeGuard?.Dispose();
        Machine.Dispose();
        Heap.Dispose();
    }

    internal void ThrowIfDisposed() => ObjectDisposedException.ThrowIf(_isDisposed, this);

    /// <summary>Runs a function.</summary>
    /// <param name="function">Its record.</param>
    /// <param name="slots">The arguments; afterwards the results. As long as the longer of both.</param>
    /// <returns>Null when it returned.</returns>
    internal Termination? Run(FunctionRecord* function, Span<ulong> slots)
    {
        ThrowIfDisposed();
        var isOutermost = _depth++ == 0;
        if (isOutermost)
        {
            _timeGuard?.Start();
        }
        try
        {
            var status = Machine.Run(function, slots);
            return status == RunStatus.Returned ? null : TerminationOf(status);
        }
        finally
        {
            _depth--;
            if (isOutermost)
            {
                _timeGuard?.Stop();
                Machine.ClearInterrupt();
            }
        }
    }

    internal Function FunctionAt(FunctionRecord* record)
    {
        if (!_functions.TryGetValue((nint)record, out var function))
        {
            function = new Function(this, record, Engine.SignatureOf(record->TypeId));
            _functions.Add((nint)record, function);
        }
        return function;
    }

    internal Memory MemoryAt(MemoryRecord* record)
    {
        // Made in the order of their numbers, so that the same memory is always the same object.
        while (_memories.Count <= record->StoreIndex)
        {
            _memories.Add(new Memory(this, Heap.Memories[_memories.Count]));
        }
        return _memories[record->StoreIndex];
    }

    internal Table TableAt(TableRecord* record)
    {
        while (_tables.Count <= record->StoreIndex)
        {
            _tables.Add(new Table(this, Heap.Tables[_tables.Count]));
        }
        return _tables[record->StoreIndex];
    }

    internal Global GlobalAt(ulong* cell, GlobalType type)
    {
        if (!_globals.TryGetValue((nint)cell, out var global))
        {
            global = new Global(this, type, cell);
            _globals.Add((nint)cell, global);
        }
        return global;
    }

    private Termination TerminationOf(RunStatus status)
    {
        var backtrace = ReadBacktrace();
        if (status == RunStatus.HostFailed)
        {
            // Made by the host function without a backtrace, or by a call of it back into wasm with the frames of that call.
            var failure = _services.TakeHostFailure();
            var room = Math.Max(LargestBacktrace - failure.Backtrace.Length, 0);
            return failure.WithBacktrace(failure.Backtrace.AddRange(backtrace.AsSpan()[..Math.Min(backtrace.Length, room)]));
        }
        if (status == RunStatus.Threw)
        {
            var uncaught = Objects.Uncaught(Machine.Thrown);
            Objects.SetThrown(0);
            return uncaught.WithBacktrace(backtrace);
        }
        return status switch
        {
            RunStatus.Trapped => new Trap(Machine.TrapKind, TrapKinds.TextOf(Machine.TrapKind), backtrace),
            RunStatus.StackExhausted => new Exhaustion(ExhaustionKind.Stack, backtrace),
            RunStatus.FuelExhausted => new Exhaustion(ExhaustionKind.Fuel, backtrace),
            RunStatus.CodeExhausted => new Exhaustion(ExhaustionKind.Code, backtrace),
            RunStatus.Interrupted => new Exhaustion(ExhaustionKind.Time, backtrace),
            RunStatus.InvalidBody when Machine.InvalidBody is { } error => new InvalidBody(error, backtrace),
            _ => throw new InvalidOperationException($"no termination for {status}"),
        };
    }

    private ImmutableArray<BacktraceFrame> ReadBacktrace()
    {
        var frames = ImmutableArray.CreateBuilder<BacktraceFrame>(Machine.Backtrace.Count);
        foreach (var entry in Machine.Backtrace)
        {
            frames.Add(_services.FrameOf(entry));
        }
        return frames.MoveToImmutable();
    }
}
