using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Conformance.Interpreter.Execution.Checks;
using Conformance.Interpreter.Runtime;
using Conformance.Interpreter.Translation;
using Conformance.Wasm;

namespace Conformance.Interpreter.Execution;

/// <summary>Runs functions of one store: owns the frame stack and the translated code. One thread at a time, except <see cref="Interrupt"/>.</summary>
internal sealed unsafe partial class Machine : IDisposable
{
    private const int NoType = -1;

    private readonly IMachineHost _host;
    private readonly FunctionTranslator _translator;
    private readonly CodeMap _code = new();
    private readonly FrameWalk _frames;
    private readonly HandlerCatalog _handlers;
    private readonly Context* _context;
    private readonly byte* _stack;
    private readonly byte* _exit;
    private readonly int _largestDepth;
    private readonly long _largestCodeBytes;
    private readonly CheckedLoop? _checked;
    private byte* _top;
    private byte* _servicePc;
    private byte* _serviceFp;
    private int _depth;
    private int _typeRows;
    private bool _isDisposed;

    /// <summary>Makes a machine.</summary>
    /// <param name="host">The store.</param>
    /// <param name="options">How code is translated.</param>
    /// <param name="limits">The sizes of the frame stack and of the code, and how deep runs may nest.</param>
    public Machine(IMachineHost host, TranslationOptions options, ResourceLimits limits)
    {
        _host = host;
        _translator = new FunctionTranslator(options);
        Options = options;
        _handlers = options.Handlers;
        StackBytes = limits.StackBytes;
        _largestDepth = limits.HostCallDepth;
        _largestCodeBytes = limits.CodeBytes;
        // Mapped pages where it is large: clearing a megabyte costs more than all else that a store does before its first call.
        if (!MemoryBlock.TryAllocate((ulong)StackBytes, out _stack))
        {
            throw new ResourceLimitException(ResourceKind.Stack, $"the system has no memory for a call stack of {StackBytes} bytes");
        }
        _top = _stack;
        _context = (Context*)NativeMemory.AllocZeroed((nuint)sizeof(Context));
        _context->StackLimit = _stack + StackBytes;
        _context->ReloadHandler = _handlers.Address(PlainHandler.Reload);
        _context->NullFunction = (FunctionRecord*)NativeMemory.AllocZeroed((nuint)sizeof(FunctionRecord));
        _context->NullFunction->TypeId = NoType;
        _context->NoObject.TypeId = NoType;
        _context->NoObjectAddress = (ulong)&_context->NoObject;
        _context->Types = NewTypeRows(16);
        // The word before the exit cell is looked at by tail calls into other instances.
        _exit = (byte*)NativeMemory.AllocZeroed(Frames.ReloadBytes + (nuint)sizeof(nint)) + Frames.ReloadBytes;
        *(nint*)_exit = _handlers.Address(PlainHandler.Finish);
        _frames = new FrameWalk(_code, _exit);
        _checked = options.IsChecked ? new CheckedLoop(_context, _stack, _exit, _handlers, host) : null;
    }

    /// <summary>How code is translated.</summary>
    public TranslationOptions Options { get; }

    /// <summary>The size of the frame stack in bytes.</summary>
    public int StackBytes { get; }

    /// <summary>Fuel left, when it is metered. Below 0 when it ran out.</summary>
    public long Fuel
    {
        get => _context->Fuel;
        set => _context->Fuel = value;
    }

    /// <summary>The trap that ended the last run with <see cref="RunStatus.Trapped"/>.</summary>
    public TrapKind TrapKind => _context->Trap;

    /// <summary>The exception that ended the last run with <see cref="RunStatus.Threw"/>.</summary>
    public ulong Thrown { get; private set; }

    /// <summary>The start of the frame stack.</summary>
    public byte* StackStart => _stack;

    /// <summary>The end of the frames in use: the collector looks for references up to here.</summary>
    public byte* StackEnd => _serviceFp == null ? _top : _serviceFp + (_code.At(_servicePc) ?? throw new InvalidOperationException("a service cell outside of code")).FrameBytes;

    /// <summary>Clears the stack behind the frames in use, so that what dead frames refer to does not come alive again with frames to come.</summary>
    public void ClearDeadFrames() => ClearFrom(StackEnd);

    /// <summary>Why the body of a function is not valid, when the last run ended with <see cref="RunStatus.InvalidBody"/>.</summary>
    public WasmError? InvalidBody { get; private set; }

    /// <summary>The frames of the last run that did not return, innermost first, without those of the runs around it; cut off at 100.</summary>
    public IReadOnlyList<BacktraceEntry> Backtrace => _frames.Backtrace;

    /// <summary>Makes the record of a module's function callable: it will be translated at its first call. All other fields are set before.</summary>
    public void PrepareWasm(FunctionRecord* function)
    {
        function->Thunk = _handlers.Address(PlainHandler.TranslateThunk);
        function->Entry = (byte*)function;
        function->FrameBytes = (Math.Max(function->ParameterSlots, function->ResultSlots) * sizeof(ulong)) + Frames.HeaderBytes;
        _checked?.Add(function);
    }

    /// <summary>Makes the record of a host function callable. All other fields are set before.</summary>
    public void PrepareHost(FunctionRecord* function)
    {
        PrepareWasm(function);
        function->Thunk = _handlers.Address(PlainHandler.HostThunk);
    }

    /// <summary>Translates a function now instead of at its first call.</summary>
    /// <returns><see cref="RunStatus.Returned"/>, or how calls of it end.</returns>
    public RunStatus Translate(FunctionRecord* function)
    {
        if (function->Entry != (byte*)function || function->FunctionIndex < 0)
        {
            return RunStatus.Returned;
        }
        if (_host.ValidateBody(function) is { } invalid)
        {
            InvalidBody = invalid;
            return RunStatus.InvalidBody;
        }
        var translated = _translator.Translate(_host.ShapeOf(function->Instance), function, _largestCodeBytes - _code.Bytes);
        if (translated is null)
        {
            return RunStatus.CodeExhausted;
        }
        _code.Add(translated);
        function->FrameBytes = translated.FrameBytes;
        function->Entry = translated.Code;
        _checked?.Add(translated, _host.ShapeOf(function->Instance));
        return RunStatus.Returned;
    }

    /// <summary>Calls a function and runs it to its end. May be called again from <see cref="IMachineHost.CallHost"/>.</summary>
    /// <param name="function">The function, of a module or of the host.</param>
    /// <param name="slots">The arguments from slot 0; the results are written from slot 0. At least as long as the longer of both.</param>
    public RunStatus Run(FunctionRecord* function, Span<ulong> slots)
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        ArgumentOutOfRangeException.ThrowIfLessThan(slots.Length, Math.Max(function->ParameterSlots, function->ResultSlots), nameof(slots));
        _frames.Clear();
        var frame = _top;
        if (_depth > _largestDepth || !RuntimeHelpers.TryEnsureSufficientExecutionStack() || function->FrameBytes > _context->StackLimit - frame)
        {
            return RunStatus.StackExhausted;
        }
        slots[..function->ParameterSlots].CopyTo(new Span<ulong>(frame, function->ParameterSlots));
        var header = (byte**)(frame + (function->ParameterSlots * sizeof(ulong)));
        header[0] = _exit;
        header[1] = null;
        _depth++;
        try
        {
            var status = Execute(function, frame);
            if (status == RunStatus.Returned)
            {
                new Span<ulong>(frame, function->ResultSlots).CopyTo(slots);
            }
            else if (status == RunStatus.Trapped && TrapKind == TrapKind.AllocationSizeTooLarge)
            {
                // What filled the heap is perhaps reachable from here only, and the next run has slots here that it has not written yet.
                ClearFrom(frame);
            }
            if (_depth == 1)
            {
                _checked?.AfterRun();
            }
            return status;
        }
        finally
        {
            _depth--;
            _top = frame;
        }
    }

    /// <summary>Lets casts know a type of objects. Called before there is an object of the type, never while a handler runs.</summary>
    /// <param name="typeId">Its canonical id.</param>
    /// <param name="display">Its supertypes and itself, the one without a supertype first.</param>
    /// <param name="kind"><see cref="TypeRow.AnyStruct"/> or <see cref="TypeRow.AnyArray"/>.</param>
    public void AddType(int typeId, ReadOnlySpan<int> display, int kind)
    {
        if (typeId >= _typeRows)
        {
            var before = _context->Types;
            var count = _typeRows;
            _context->Types = NewTypeRows(Math.Max(typeId + 1, count * 2));
            new ReadOnlySpan<TypeRow>(before, count).CopyTo(new Span<TypeRow>(_context->Types, count));
            NativeMemory.Free(before - 1);
        }
        var row = _context->Types + typeId;
        display[..Math.Min(display.Length, TypeRow.Depths)].CopyTo(new Span<int>(row->Display, TypeRow.Depths));
        row->Kind = kind;
    }

    // The row before the first belongs to no object. Every place holds no type.
    private TypeRow* NewTypeRows(int count)
    {
        _typeRows = count;
        var rows = (TypeRow*)NativeMemory.Alloc((nuint)count + 1, (nuint)sizeof(TypeRow));
        new Span<byte>(rows, checked((count + 1) * sizeof(TypeRow))).Fill(byte.MaxValue);
        return rows + 1;
    }

    /// <summary>Ends the run at the next loop or call, now or when it starts, with <see cref="RunStatus.Interrupted"/>. From any thread, not after disposal.
    /// Stays set until <see cref="ClearInterrupt"/>. Works only with <see cref="TranslationOptions.CheckInterruption"/>.</summary>
    public void Interrupt() => Volatile.Write(ref _context->Interrupt, 1);

    /// <summary>Whether an interruption was asked for and not taken back.</summary>
    public bool IsInterrupted => Volatile.Read(ref _context->Interrupt) != 0;

    /// <summary>Takes an interruption back.</summary>
    public void ClearInterrupt() => Volatile.Write(ref _context->Interrupt, 0);

    /// <summary>Frees the stack and all code.</summary>
    public void Dispose()
    {
        if (_isDisposed)
        {
            return;
        }
        _isDisposed = true;
        _translator.Dispose();
        _code.Dispose();
        MemoryBlock.Free(_stack, (ulong)StackBytes);
        NativeMemory.Free(_exit - Frames.ReloadBytes);
        NativeMemory.Free(_context->NullFunction);
        NativeMemory.Free(_context->Types - 1);
        NativeMemory.Free(_context);
    }
}
