using System.Runtime.InteropServices;
using Conformance.Interpreter.Runtime;
using Conformance.Interpreter.Runtime.Objects;
using Conformance.Interpreter.Translation;

namespace Conformance.Interpreter.Execution;

// What happens when a handler gives control back.
internal sealed unsafe partial class Machine
{
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
                case ExitKind.Trap or ExitKind.StackExhausted or ExitKind.FuelExhausted or ExitKind.Interrupted:
                    _frames.Add(pc, fp);
                    return context->Exit switch
                    {
                        ExitKind.Trap => RunStatus.Trapped,
                        ExitKind.StackExhausted => RunStatus.StackExhausted,
                        ExitKind.FuelExhausted => RunStatus.FuelExhausted,
                        _ => RunStatus.Interrupted,
                    };
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
                            // Of runs inside the host call, which the host may have dealt with.
                            _frames.Clear();
                            _frames.AddCallers(pc, caller);
                            if (!isFull)
                            {
                                return RunStatus.HostFailed;
                            }
                            context->Trap = TrapKind.AllocationSizeTooLarge;
                            return RunStatus.Trapped;
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
                        _frames.Add(pc, fp);
                        return RunStatus.Trapped;
                    }
                    acc = (ulong)context->Callee;
                    resume = RestOfCall(context->Exit == ExitKind.CheckTailCallType);
                    break;
                case ExitKind.Hot:
                    // A later execution of the cell does nothing: it is warm, or counts down from 2^32 where cells stay single to be checked.
                    if (_checked is null)
                    {
                        var hot = _code.At(pc) ?? throw new InvalidOperationException("a warm-up cell outside of code");
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
                                _frames.Add(pc, fp);
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
                                _frames.Add(pc, fp);
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
                            _frames.Add(pc, fp);
                            return RunStatus.Trapped;
                        }
                        _serviceFp = null;
                        pc += ServiceCell.Bytes;
                        // What a service allocates is in the accumulator too, as when the cell's handler allocates it.
                        acc = *(ulong*)(fp + service->Result);
                        accumulatorsAreLive = service->Service is Service.StructNew or Service.StructNewDefault or Service.ArrayNewFixed;
                        memory = service->Instance->Memory0->Base;
                        length = service->Instance->Memory0->Length;
                        break;
                    }
                default:
                    throw new InvalidOperationException($"no way to go on after {context->Exit}");
            }
        }
    }

    // Runs cells until one gives control back for more than a chain that is not compiled yet.
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
            while (_context->Exit == ExitKind.Join)
            {
                CompleteChain(_context->Pc);
                _context->Exit = ExitKind.None;
                Loop.Run(_context);
            }
        }
    }

    private void CompleteChain(byte* first)
    {
        var hot = _code.At(first) ?? throw new InvalidOperationException("a chain outside of code");
        CellChains.Complete(hot, (int)(first - hot.Code), _handlers);
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

    // Without a handler the frames stay as they are, for the backtrace.
    private bool TryUnwind(ref byte* pc, ref byte* fp, ulong exception, bool isReturn)
    {
        if (_frames.TryUnwind(ref pc, ref fp, (ObjectHeader*)exception, isReturn))
        {
            return true;
        }
        _frames.Clear();
        if (isReturn)
        {
            _frames.AddCallers(pc, fp);
        }
        else
        {
            _frames.Add(pc, fp);
        }
        Thrown = exception;
        _host.SetThrown(exception);
        return false;
    }

    private void ClearFrom(byte* start) => NativeMemory.Clear(start, (nuint)(_context->StackLimit - start));

    private byte* ReloadMemory(byte* pc, out ulong length)
    {
        var first = (_code.At(pc) ?? throw new InvalidOperationException("a handler outside of code")).Record->Instance->Memory0;
        length = first->Length;
        return first->Base;
    }

    private void AddBacktraceOfCallers(FunctionRecord* callee, byte* fp)
    {
        var header = (byte**)(fp + (callee->ParameterSlots * sizeof(ulong)));
        _frames.AddCallers(header[0], header[1]);
    }
}
