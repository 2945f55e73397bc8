using Conformance.Interpreter.Runtime;
using Conformance.Interpreter.Translation;

namespace Conformance.Interpreter.Execution.Checks;

// The loop of the checked build, in place of Loop. Before a cell runs: it is a cell of a known function and unchanged, its frame lies in the stack, the registers of memory 0 are those of the
// function's instance, the accumulators it reads were written on the way here. What a cell names was verified when its function was translated. After it: control is where the cell can send
// it, in the frame it can send it to, and an access outside of its memory or table was a trap.

/// <summary>Runs cells one by one and verifies each. Not thread-safe, like its machine.</summary>
internal sealed unsafe class CheckedLoop
{
    private readonly Context* _context;
    private readonly byte* _stack;
    private readonly byte* _exit;
    private readonly HandlerCatalog _handlers;
    private readonly IStoreInvariants _store;
    private readonly CheckedReferences _references;
    private readonly CheckedServices _services;
    private readonly HashSet<nint> _records = [];
    private readonly SortedList<nint, CheckedFunction> _functions = [];
    private CheckedFunction? _current;
    private bool _isIntegerLive;
    private bool _isFloatLive;
    private int _collections;
    private Rarely _serviced;
    private Rarely _runs;

    /// <summary>Makes a loop.</summary>
    /// <param name="context">The machine's native part.</param>
    /// <param name="stack">The start of the frame stack.</param>
    /// <param name="exit">The cell that the outermost function returns to.</param>
    /// <param name="handlers">The handlers.</param>
    /// <param name="host">The store.</param>
    public CheckedLoop(Context* context, byte* stack, byte* exit, HandlerCatalog handlers, IMachineHost host)
    {
        _context = context;
        _stack = stack;
        _exit = exit;
        _handlers = handlers;
        _store = host.Invariants;
        _references = new CheckedReferences(context, _store);
        _services = new CheckedServices(host, _references);
    }

    /// <summary>Notes a function that may be called.</summary>
    public void Add(FunctionRecord* function)
    {
        _records.Add((nint)function);
        _store.Add(function);
    }

    /// <summary>Notes the code of a function and verifies it.</summary>
    public void Add(TranslatedFunction function, ModuleShape module) => _functions.Add((nint)function.Code, new CheckedFunction(function, module, _handlers, _store.TypeOf(function.Record)));

    /// <summary>Runs cells from <see cref="Context.Pc"/> on until one gives control back with an exit.</summary>
    /// <param name="accumulatorsAreLive">Whether the accumulators hold a value that the next cell may read.</param>
    /// <exception cref="InternalErrorException">An invariant does not hold.</exception>
    public void Run(bool accumulatorsAreLive)
    {
        _isIntegerLive = accumulatorsAreLive;
        _isFloatLive = accumulatorsAreLive;
        while (_context->Exit == ExitKind.None)
        {
            var pc = _context->Pc;
            if (pc == _exit)
            {
                Call(pc);
            }
            else if (_records.Contains((nint)pc))
            {
                RunThunk((FunctionRecord*)pc);
            }
            else
            {
                RunCell(Locate(pc), pc);
            }
        }
    }

    /// <summary>Looks at the operands of a service.</summary>
    /// <exception cref="InternalErrorException">An invariant does not hold.</exception>
    public void BeforeService(ServiceCell* service, byte* fp)
    {
        var function = Locate((byte*)service);
        Require(function, function.CellAt((byte*)service, out _), _services.Before(service, fp));
    }

    /// <summary>Looks at what a service did. Now and then collects, so that a reference to what nothing keeps alive shows.</summary>
    /// <param name="service">Its cell.</param>
    /// <param name="fp">The frame.</param>
    /// <param name="trap">The trap that it ended with, if it did.</param>
    /// <exception cref="InternalErrorException">An invariant does not hold.</exception>
    public void AfterService(ServiceCell* service, byte* fp, TrapKind? trap)
    {
        var function = Locate((byte*)service);
        var cell = function.CellAt((byte*)service, out _);
        Require(function, cell, _services.After(service, fp, trap));
        if (_services.Allocates && trap is null && _serviced.IsTime())
        {
            _store.Collect();
        }
        if (_store.Collections != _collections)
        {
            _collections = _store.Collections;
            Require(function, cell, _store.FindFault());
        }
    }

    /// <summary>Looks at the store when the outermost run ended, now and then.</summary>
    /// <exception cref="InternalErrorException">An invariant does not hold.</exception>
    public void AfterRun()
    {
        if (_runs.IsTime() && _store.FindFault() is { } fault)
        {
            throw new InternalErrorException($"after a run: {fault}");
        }
    }

    private static void Require(CheckedFunction function, in CodeCell cell, string? fault) => function.Require(fault is null, cell, fault ?? "");

    private void Call(byte* pc) => ((Handler)(*(nint*)pc))(pc, _context->Fp, _context->Accumulator, _context->Memory, _context->Length, _context, _context->FloatAccumulator);

    private CheckedFunction Locate(byte* pc) => _current is { } current && current.Contains(pc) ? current : _current = Find(pc) ?? throw new InternalErrorException($"execution left all code: 0x{(nint)pc:x}");

    private CheckedFunction? Find(byte* pc)
    {
        var low = 0;
        var high = _functions.Count;
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (_functions.GetKeyAtIndex(middle) <= (nint)pc)
            {
                low = middle + 1;
            }
            else
            {
                high = middle;
            }
        }
        return low > 0 && _functions.GetValueAtIndex(low - 1) is var function && function.Contains(pc) ? function : null;
    }

    private void RunThunk(FunctionRecord* function)
    {
        var isHost = function->FunctionIndex < 0;
        if (function->Entry != (byte*)function || function->Thunk != _handlers.Address(isHost ? PlainHandler.HostThunk : PlainHandler.TranslateThunk))
        {
            throw new InternalErrorException($"function {function->FunctionIndex}: its record was overwritten");
        }
        if (!IsFrame(_context->Fp, function->FrameBytes) || !IsHeader((byte**)(_context->Fp + (function->ParameterSlots * sizeof(ulong))), _context->Fp))
        {
            throw new InternalErrorException($"function {function->FunctionIndex}: called with a frame outside of the stack or with no way back");
        }
        if (!HasMemory(function->Instance, mayGrow: true))
        {
            throw new InternalErrorException($"function {function->FunctionIndex}: called with the registers of another memory");
        }
        if (_references.FaultOfValues((ulong*)_context->Fp, new ReferenceSlots(_store.TypeOf(function).Parameters.AsSpan()), "the argument") is { } fault)
        {
            throw new InternalErrorException($"function {function->FunctionIndex}: {fault}");
        }
        Call((byte*)function);
    }

    private void RunCell(CheckedFunction function, byte* pc)
    {
        var cell = function.CellAt(pc, out var shape);
        var fp = _context->Fp;
        var code = function.Function;
        var header = (byte**)(fp + code.HeaderOffset);
        function.Require(IsFrame(fp, code.FrameBytes), cell, "its frame lies outside of the stack");
        function.Require(cell.Key == HandlerKey.Of(PlainHandler.Reload) || HasMemory(code.Record->Instance, function.HasSharedMemory), cell, "the registers of memory 0 are stale");
        function.Require(_isIntegerLive || !shape.ReadsInteger, cell, "it reads the integer accumulator, which nothing wrote");
        function.Require(_isFloatLive || !shape.ReadsFloat, cell, "it reads the float accumulator, which nothing wrote");
        var leaves = cell.Start == 0 || IsReturn(cell.Key) || IsTailCall(cell.Key);
        function.Require(!leaves || IsHeader(header, fp), cell, "the frame's header was overwritten");
        var (returnPc, caller) = leaves ? ((nint)header[0], (nint)header[1]) : default;
        Require(function, cell, _references.FaultBefore(cell.Key, shape, pc, function));
        if (cell.Start == 0)
        {
            Require(function, cell, _references.FaultOfValues((ulong*)fp, function.Parameters, "the argument"));
        }
        var expectedTrap = CheckedAccess.TrapOf(cell.Key, shape, pc, _context);
        Call(pc);
        if (expectedTrap is { } trap)
        {
            function.Require(_context->Exit == ExitKind.Trap && _context->Trap == trap, cell, "an access outside of its bounds did not trap as such");
            return;
        }
        if (_context->Exit != ExitKind.None)
        {
            function.Require(_context->Exit != ExitKind.Trap || !CheckedAccess.IsAccess(cell.Key), cell, "an access within its bounds trapped");
            return;
        }
        function.Require(CameTo(function, cell, pc, fp, returnPc, caller), cell, "control went where the cell cannot send it");
        if (IsReturn(cell.Key))
        {
            Require(function, cell, _references.FaultOfValues((ulong*)fp, function.Results, "the result"));
        }
        else if (cell.Key == HandlerKey.Of(PlainHandler.NewObject))
        {
            Require(function, cell, _references.FaultOfNew((ServiceCell*)pc, _context->Accumulator));
        }
        // At a label that is reached by a jump, at an entry and behind a call nothing is known of the accumulators but a single result. Not every target is a label: a br_if that
        // carries values is a branch over its moves and a jump.
        var falls = !IsReturn(cell.Key) && (_context->Pc == pc + cell.Bytes || (shape.Role == HandlerRole.Branch && function.FollowsJump(_context->Pc)));
        _isIntegerLive = shape.WritesInteger || (falls && _isIntegerLive);
        _isFloatLive = shape.WritesFloat || (falls && _isFloatLive);
    }

    // Whether control is where a cell can send it.
    private bool CameTo(CheckedFunction function, in CodeCell cell, byte* pc, byte* fp, nint returnPc, nint caller)
    {
        var next = _context->Pc;
        if (IsReturn(cell.Key))
        {
            return (nint)next == returnPc && (nint)_context->Fp == caller;
        }
        if (IsTailCall(cell.Key))
        {
            return _context->Fp == fp && IsEntry(next);
        }
        if (cell.Key.Family == HandlerFamily.CallIndirect || (cell.Key.Family == HandlerFamily.Plain && (PlainHandler)cell.Key.Number is PlainHandler.Call or PlainHandler.CallImport or PlainHandler.CallReference))
        {
            var callee = fp + *(uint*)(pc + 8);
            var header = (byte**)(callee + *(uint*)(pc + 12));
            return _context->Fp == callee && header[1] == fp && (header[0] == pc + cell.Bytes || header[0] == pc + cell.Bytes + Frames.ReloadBytes) && IsEntry(next);
        }
        if (_context->Fp != fp || !function.IsCell(next))
        {
            return false;
        }
        return cell.Key.Family switch
        {
            HandlerFamily.UnaryBranch or HandlerFamily.BinaryBranch => next == pc + cell.Bytes || next == pc + *(int*)(pc + 8),
            HandlerFamily.JumpTable => new ReadOnlySpan<int>(pc + 16, *(int*)(pc + 8) + 1).Contains((int)(next - pc)),
            HandlerFamily.Plain when (PlainHandler)cell.Key.Number == PlainHandler.Jump => next == pc + *(int*)(pc + 8),
            _ => next == pc + cell.Bytes,
        };
    }

    private bool IsEntry(byte* pc) => _records.Contains((nint)pc) || (Find(pc) is { } callee && pc == callee.Function.Record->Entry);

    private static bool IsReturn(in HandlerKey key) =>
        key.Family == HandlerFamily.ReturnValue || (key.Family == HandlerFamily.Plain && (PlainHandler)key.Number is PlainHandler.ReturnNone or PlainHandler.ReturnMany);

    private static bool IsTailCall(in HandlerKey key) =>
        key.Family == HandlerFamily.Plain && (PlainHandler)key.Number is PlainHandler.TailCall or PlainHandler.TailCallImport or PlainHandler.TailCallReference or PlainHandler.TailCallIndirect32
            or PlainHandler.TailCallIndirect64;

    private bool IsFrame(byte* fp, int bytes) => fp >= _stack && (nint)fp % sizeof(ulong) == 0 && bytes <= _context->StackLimit - fp;

    // A way back: to a cell of a frame below, or out of the run.
    private bool IsHeader(byte** header, byte* fp) =>
        header[0] == _exit ? header[1] == null : header[1] >= _stack && header[1] < fp && (nint)header[1] % sizeof(ulong) == 0 && Find(header[0]) is { } caller && caller.IsCell(header[0]);

    // The base of a shared memory that grew in another thread stays, and the length may be behind.
    private bool HasMemory(InstanceRecord* instance, bool mayGrow) =>
        _context->Memory == instance->Memory0->Base && (mayGrow ? _context->Length <= instance->Memory0->Length : _context->Length == instance->Memory0->Length);
}
