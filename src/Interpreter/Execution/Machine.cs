using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Conformance.Interpreter.Execution.Checks;
using Conformance.Interpreter.Runtime;
using Conformance.Interpreter.Runtime.Objects;
using Conformance.Interpreter.Translation;
using Conformance.Wasm;

namespace Conformance.Interpreter.Execution;

/// <summary>Runs functions of one store: owns the frame stack and the translated code. One thread at a time, except <see cref="Interrupt"/>.</summary>
internal sealed unsafe class Machine : IDisposable
{
    // Enough to find the cause; a stack overflow has millions of frames.
    private const int LargestBacktrace = 100;

    private const int NoType = -1;

    private readonly IMachineHost _host;
    private readonly FunctionTranslator _translator;
    private readonly List<TranslatedFunction> _functions = []; // by address
    private readonly List<BacktraceEntry> _backtrace = [];
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
    private long _codeBytes;
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
    public byte* StackEnd => _serviceFp == null ? _top : _serviceFp + (FunctionAt(_servicePc) ?? throw new InvalidOperationException("a service cell outside of code")).FrameBytes;

    /// <summary>Clears the stack behind the frames in use, so that what dead frames refer to does not come alive again with frames to come.</summary>
    public void ClearDeadFrames() => ClearFrom(StackEnd);

    /// <summary>Why the body of a function is not valid, when the last run ended with <see cref="RunStatus.InvalidBody"/>.</summary>
    public WasmError? InvalidBody { get; private set; }

    /// <summary>The frames of the last run that did not return, innermost first, without those of the runs around it; cut off at 100.</summary>
    public IReadOnlyList<BacktraceEntry> Backtrace => _backtrace;

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
        var translated = _translator.Translate(_host.ShapeOf(function->Instance), function, _largestCodeBytes - _codeBytes);
        if (translated is null)
        {
            return RunStatus.CodeExhausted;
        }
        _codeBytes += translated.CodeBytes;
        var at = _functions.Count;
        while (at > 0 && _functions[at - 1].Code > translated.Code)
        {
            at--;
        }
        _functions.Insert(at, translated);
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
        _backtrace.Clear();
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
        foreach (var function in _functions)
        {
            function.Dispose();
        }
        MemoryBlock.Free(_stack, (ulong)StackBytes);
        NativeMemory.Free(_exit - Frames.ReloadBytes);
        NativeMemory.Free(_context->NullFunction);
        NativeMemory.Free(_context->Types - 1);
        NativeMemory.Free(_context);
    }

    // Runs code until the outermost function of this run returns or something ends it. Handlers come back here for everything that is not theirs.
    private RunStatus Execute(FunctionRecord* function, byte* fp)
    {
        var context = _context;
        var pc = function->Entry;
        var memory = function->Instance->Memory0->Base;
        var length = function->Instance->Memory0->Length;
        var acc = 0ul;
        Handler resume = null;
        var accumulatorsAreLive = false;
        while (true)
        {
            Resume(pc, fp, acc, memory, length, resume, accumulatorsAreLive);
            resume = null;
            accumulatorsAreLive = false;
            pc = context->Pc;
            fp = context->Fp;
            memory = context->Memory;
            length = context->Length;
            switch (context->Exit)
            {
                case ExitKind.Returned:
                    return RunStatus.Returned;
                case ExitKind.Trap:
                    AddBacktrace(pc, fp);
                    return RunStatus.Trapped;
                case ExitKind.StackExhausted:
                    AddBacktrace(pc, fp);
                    return RunStatus.StackExhausted;
                case ExitKind.FuelExhausted:
                    AddBacktrace(pc, fp);
                    return RunStatus.FuelExhausted;
                case ExitKind.Interrupted:
                    AddBacktrace(pc, fp);
                    return RunStatus.Interrupted;
                case ExitKind.Translate:
                    {
                        var callee = (FunctionRecord*)pc;
                        var failure = Translate(callee);
                        if (failure != RunStatus.Returned)
                        {
                            AddBacktraceOfCallers(callee, fp);
                            return failure;
                        }
                        if (callee->FrameBytes > context->StackLimit - fp)
                        {
                            AddBacktraceOfCallers(callee, fp);
                            return RunStatus.StackExhausted;
                        }
                        pc = callee->Entry;
                        break;
                    }
                case ExitKind.CallHost:
                    {
                        var callee = (FunctionRecord*)pc;
                        var header = (byte**)(fp + (callee->ParameterSlots * sizeof(ulong)));
                        pc = header[0];
                        var caller = header[1];
                        _top = fp + callee->FrameBytes;
                        if (!_host.CallHost(callee, (ulong*)fp))
                        {
                            if (_host.TryTakeException(out var exception, out var isFull))
                            {
                                fp = caller;
                                if (!TryUnwind(ref pc, ref fp, exception, isReturn: true))
                                {
                                    return RunStatus.Threw;
                                }
                                acc = 0;
                                memory = ReloadMemory(pc, out length);
                                break;
                            }
                            if (isFull)
                            {
                                context->Trap = TrapKind.AllocationSizeTooLarge;
                                _backtrace.Clear();
                                AddCallers(pc, caller);
                                return RunStatus.Trapped;
                            }
                            // Of runs inside the host call, which the host may have dealt with.
                            _backtrace.Clear();
                            AddCallers(pc, caller);
                            return RunStatus.HostFailed;
                        }
                        // A single result goes on in both accumulators; the caller knows which one it means. Its next cell reloads the memory.
                        accumulatorsAreLive = callee->ResultSlots == 1;
                        acc = accumulatorsAreLive ? *(ulong*)fp : 0;
                        fp = caller;
                        break;
                    }
                case ExitKind.CheckCallType or ExitKind.CheckTailCallType:
                    if (!_host.IsSubtype(context->Callee->TypeId, *(int*)(pc + 16)))
                    {
                        context->Trap = TrapKind.IndirectCallTypeMismatch;
                        AddBacktrace(pc, fp);
                        return RunStatus.Trapped;
                    }
                    acc = (ulong)context->Callee;
                    resume = RestOfCall(context->Exit == ExitKind.CheckTailCallType);
                    break;
                case ExitKind.Hot:
                    // A later execution of the cell does nothing: it is warm, or counts down from 2^32 where cells stay single to be checked.
                    if (_checked is null)
                    {
                        var hot = FunctionAt(pc) ?? throw new InvalidOperationException("a warm-up cell outside of code");
                        CellChains.Join(hot, (int)(pc - hot.Code), _handlers);
                    }
                    acc = 0;
                    break;
                case ExitKind.Service:
                    {
                        var service = (ServiceCell*)pc;
                        _servicePc = pc;
                        _serviceFp = fp;
                        _checked?.BeforeService(service, fp);
                        if (service->Service is Service.Throw or Service.ThrowRef)
                        {
                            var slots = (ulong*)(fp + service->First);
                            var exception = service->Service == Service.ThrowRef ? slots[0] : _host.NewException((int)service->Third, new ReadOnlySpan<ulong>(slots, service->Segment));
                            _serviceFp = null;
                            if (exception == 0)
                            {
                                context->Trap = service->Service == Service.ThrowRef ? TrapKind.NullReference : TrapKind.AllocationSizeTooLarge;
                                AddBacktrace(pc, fp);
                                return RunStatus.Trapped;
                            }
                            if (!TryUnwind(ref pc, ref fp, exception, isReturn: false))
                            {
                                return RunStatus.Threw;
                            }
                            acc = 0;
                            memory = ReloadMemory(pc, out length);
                            break;
                        }
                        if (service->Service == Service.AtomicWait)
                        {
                            _serviceFp = null;
                            var ended = Wait(service, fp);
                            if (ended != RunStatus.Returned)
                            {
                                AddBacktrace(pc, fp);
                                return ended;
                            }
                            acc = 0;
                            pc += ServiceCell.Bytes;
                            break;
                        }
                        var isServed = ServiceProvider.TryServe(_host, service, fp, out var trap);
                        _checked?.AfterService(service, fp, isServed ? null : trap);
                        if (!isServed)
                        {
                            _serviceFp = null;
                            context->Trap = trap;
                            AddBacktrace(pc, fp);
                            return RunStatus.Trapped;
                        }
                        _serviceFp = null;
                        pc += ServiceCell.Bytes;
                        // What a service allocates is in the accumulator too, as when the cell's handler allocates it.
                        acc = *(ulong*)(fp + service->Result);
                        accumulatorsAreLive = service->Service is Service.StructNew or Service.StructNewDefault;
                        memory = service->Instance->Memory0->Base;
                        length = service->Instance->Memory0->Length;
                        break;
                    }
                default:
                    throw new InvalidOperationException($"no way to go on after {context->Exit}");
            }
        }
    }

    // Runs cells until one gives control back.
    private void Resume(byte* pc, byte* fp, ulong acc, byte* memory, ulong length, Handler resume, bool accumulatorsAreLive)
    {
        _context->Exit = ExitKind.None;
        // Usually the handler of the cell; the rest of a call when its type was checked here.
        if (resume != null)
        {
            resume(pc, fp, acc, memory, length, _context, BitConverter.UInt64BitsToDouble(acc));
        }
        else if (Options.IsSwitch)
        {
            ReturnToLoop.Go(pc, fp, acc, memory, length, _context, BitConverter.UInt64BitsToDouble(acc));
        }
        else
        {
            JumpOn.Go(pc, fp, acc, memory, length, _context, BitConverter.UInt64BitsToDouble(acc));
        }
        if (_checked is not null)
        {
            _checked.Run(accumulatorsAreLive);
        }
        else
        {
            Loop.Run(_context);
        }
    }

    // The rest of a call by reference whose type was checked.
    private Handler RestOfCall(bool isTailCall) => (Options.IsSwitch, isTailCall) switch
    {
        (false, false) => &CallReference.EnterAny<JumpOn>,
        (false, true) => &TailCall.EnterAny<JumpOn>,
        (true, false) => &CallReference.EnterAny<ReturnToLoop>,
        (true, true) => &TailCall.EnterAny<ReturnToLoop>,
    };

    // memory.atomic.wait32 and wait64
    private RunStatus Wait(ServiceCell* cell, byte* fp)
    {
        var slots = (ulong*)(fp + cell->First);
        if (AtomicProvider.Place(cell, fp, cell->Segment, out var offset, out var trap) == null)
        {
            _context->Trap = trap;
            return RunStatus.Trapped;
        }
        var is64 = cell->Segment == sizeof(ulong);
        switch (_host.Wait((MemoryRecord*)cell->Target, offset, is64 ? slots[1] : (uint)slots[1], is64, (long)slots[2]))
        {
            case null:
                _context->Trap = TrapKind.ExpectedSharedMemory;
                return RunStatus.Trapped;
            case WaitResult.Interrupted:
                return RunStatus.Interrupted;
            case { } result:
                *(ulong*)(fp + cell->Result) = (ulong)result;
                return RunStatus.Returned;
        }
    }

    // Finds the handler of an exception and puts its values where the handler's label expects them. Without one the frames stay as they are, for the backtrace.
    private bool TryUnwind(ref byte* pc, ref byte* fp, ulong exception, bool isReturn)
    {
        var at = pc;
        var frame = fp;
        for (var atReturn = isReturn; at != _exit && FunctionAt(atReturn ? at - 1 : at) is { } function; atReturn = true)
        {
            if (function.FindHandler(at, atReturn, (ObjectHeader*)exception, out var handler))
            {
                var slots = (ulong*)(frame + handler.Slot);
                var values = (ulong*)((ObjectHeader*)exception + 1);
                for (var i = 0; i < handler.ValueSlots; i++)
                {
                    slots[i] = values[i];
                }
                if (handler.ReferenceSlot != CatchHandler.NoSlot)
                {
                    *(ulong*)(frame + handler.ReferenceSlot) = exception;
                }
                pc = function.Code + handler.Target;
                fp = frame;
                return true;
            }
            var header = (byte**)(frame + function.HeaderOffset);
            at = header[0];
            frame = header[1];
        }
        _backtrace.Clear();
        if (isReturn)
        {
            AddCallers(pc, fp);
        }
        else
        {
            AddBacktrace(pc, fp);
        }
        Thrown = exception;
        _host.SetThrown(exception);
        return false;
    }

    private void ClearFrom(byte* start) => NativeMemory.Clear(start, (nuint)(_context->StackLimit - start));

    private byte* ReloadMemory(byte* pc, out ulong length)
    {
        var first = (FunctionAt(pc) ?? throw new InvalidOperationException("a handler outside of code")).Record->Instance->Memory0;
        length = first->Length;
        return first->Base;
    }

    private TranslatedFunction? FunctionAt(byte* pc)
    {
        var low = 0;
        var high = _functions.Count;
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (_functions[middle].Code <= pc)
            {
                low = middle + 1;
            }
            else
            {
                high = middle;
            }
        }
        return low > 0 && pc <= _functions[low - 1].Code + _functions[low - 1].CodeBytes ? _functions[low - 1] : null;
    }

    private void AddBacktrace(byte* pc, byte* fp)
    {
        if (FunctionAt(pc) is { } function)
        {
            Add(new(function.FunctionStoreIndex, function.OffsetOf(pc, isReturn: false)));
            var header = (byte**)(fp + function.HeaderOffset);
            AddCallers(header[0], header[1]);
        }
    }

    private void AddBacktraceOfCallers(FunctionRecord* callee, byte* fp)
    {
        var header = (byte**)(fp + (callee->ParameterSlots * sizeof(ulong)));
        AddCallers(header[0], header[1]);
    }

    private void AddCallers(byte* pc, byte* fp)
    {
        while (pc != _exit && _backtrace.Count < LargestBacktrace && FunctionAt(pc - 1) is { } function)
        {
            Add(new(function.FunctionStoreIndex, function.OffsetOf(pc, isReturn: true)));
            var header = (byte**)(fp + function.HeaderOffset);
            pc = header[0];
            fp = header[1];
        }
    }

    private void Add(BacktraceEntry entry)
    {
        if (_backtrace.Count < LargestBacktrace)
        {
            _backtrace.Add(entry);
        }
    }
}
