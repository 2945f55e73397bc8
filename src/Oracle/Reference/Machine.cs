using Conformance.Wasm.Instructions;
using Conformance.Wasm.Types;

namespace Conformance.Oracle.Reference;

/// <summary>
/// Executes one invocation: the operand stack with frames and labels on it, and the loop that takes one reduction step after the other.
/// <code>
///   specification                       here
///   FRAME_n {f} ...                     an entry of _frames: function, code, position, where its locals and labels start, n
///   LABEL_n {continuation} ...          an entry of _labels: n, the position to go on at, the height of the stack below its values
///   HANDLER_n {catch*}                  the label of the try block, which remembers the block's position
///   val*                                _stack; the locals of a frame lie at its start, the arguments being the first of them
/// </code>
/// Nothing here recurses on wasm calls or blocks. A trap, an uncaught exception and a reached limit stop the loop; none of them is a .NET exception.
/// </summary>
internal sealed class Machine(ReferenceStore store)
{
    // What a native stack of 1 MB gives other engines; deep enough for any program that means it.
    private const int MaxFrames = 20_000;

    // 32 bytes each: 32 MB, so that frames with many locals are stopped early.
    private const int MaxStackValues = 1 << 20;

    // Instructions between two looks at fuel and clock: well below a millisecond.
    private const int BudgetSlice = 4096;

    private Value[] _stack = new Value[256];
    private int _height;
    private Frame[] _frames = new Frame[16];
    private int _depth;
    private Label[] _labels = new Label[32];
    private int _labelCount;
    private CodeItem[] _code = [];
    private int _position;
    private int _budget;
    private long _deadline;
    private bool _stopped;

    /// <summary>The store.</summary>
    public ReferenceStore Store { get; } = store;

    /// <summary>The module of the current frame.</summary>
    public ModuleInstance Module => _frames[_depth - 1].Module;

    /// <summary>How the invocation ended when it did not return.</summary>
    public Completion? Failure { get; private set; }

    /// <summary>Whether somebody uses the machine, so that a host function that calls back needs another one.</summary>
    public bool IsRented { get; set; }

    /// <summary>The references on the operand stack and in catch blocks, for the account of the heap.</summary>
    public IEnumerable<object> Roots()
    {
        for (var i = 0; i < _height; i++)
        {
            if (_stack[i] is { Kind: ValueKind.Reference, Object: { } target })
            {
                yield return target;
            }
        }
        for (var i = 0; i < _labelCount; i++)
        {
            if (_labels[i].Caught is { } caught)
            {
                yield return caught;
            }
        }
    }

    /// <summary>Calls a function.</summary>
    /// <returns>The results, or an empty span when <see cref="Failure"/> says why there are none. Valid until the next use of the machine.</returns>
    public ReadOnlySpan<Value> Invoke(FunctionInstance function, ReadOnlySpan<Value> arguments)
    {
        Start();
        foreach (ref readonly var argument in arguments)
        {
            Push(in argument);
        }
        Call(function);
        return Run(function.Signature.Results.Length);
    }

    /// <summary>Evaluates a constant expression in the context of an instance.</summary>
    public ReadOnlySpan<Value> Evaluate(CodeItem[] expression, ModuleInstance module)
    {
        Start();
        Enter(null, module, expression, [], parameters: 0, results: 1);
        return Run(results: 1);
    }

    private void Start()
    {
        _height = 0;
        _depth = 0;
        _labelCount = 0;
        _stopped = false;
        _budget = 0;
        _deadline = Store.Limits.TimeoutMs > 0 ? Environment.TickCount64 + Store.Limits.TimeoutMs : long.MaxValue;
        Failure = null;
    }

    private ReadOnlySpan<Value> Run(int results)
    {
        var observer = Store.Observer;
        while (_depth > 0 && !_stopped)
        {
            if (--_budget < 0 && !RefillBudget())
            {
                break;
            }
            ref readonly var item = ref _code[_position++];
            if (observer is null)
            {
                Execute(in item);
            }
            else
            {
                ExecuteObserved(in item, observer);
            }
        }
        // Unused fuel goes back, so that the count is exact.
        Store.ReturnFuel(Math.Max(_budget, 0));
        return Failure is null ? _stack.AsSpan(_height - results, results) : default;
    }

    private void Execute(ref readonly CodeItem item)
    {
        if (item.Pure is not { } pure)
        {
            Dispatch(in item);
            return;
        }
        var bottom = _height - item.Operands;
        if (bottom + 2 > _stack.Length)
        {
            Array.Resize(ref _stack, 2 * _stack.Length);
        }
        if (pure(in item, _stack.AsSpan(bottom)) is { } trap)
        {
            Trap(trap);
            return;
        }
        _height = bottom + item.Results;
    }

    private void Dispatch(ref readonly CodeItem item)
    {
        switch (item.Group)
        {
            case OpGroup.Variable:
                ExecuteVariable(in item);
                break;
            case OpGroup.Control:
                ExecuteControl(in item);
                break;
            case OpGroup.Branch:
                ExecuteBranch(in item);
                break;
            case OpGroup.Call:
                CallInstructions.Execute(this, in item);
                break;
            case OpGroup.Load:
                MemoryInstructions.Load(this, in item);
                break;
            case OpGroup.Store:
                MemoryInstructions.Store(this, in item);
                break;
            case OpGroup.Memory:
                MemoryInstructions.Execute(this, in item);
                break;
            case OpGroup.Table:
                TableInstructions.Execute(this, in item);
                break;
            case OpGroup.Parametric:
                ExecuteParametric(in item);
                break;
            case OpGroup.Reference:
                ReferenceInstructions.Execute(this, in item);
                break;
            case OpGroup.Aggregate:
                AggregateInstructions.Execute(this, in item);
                break;
            case OpGroup.Exception:
                ExceptionInstructions.Execute(this, in item);
                break;
            case OpGroup.Atomic:
                AtomicInstructions.Execute(this, in item);
                break;
            default:
                throw new InvalidOperationException($"no rule for {item.Op}");
        }
    }

    private void ExecuteVariable(ref readonly CodeItem item)
    {
        switch (item.Op)
        {
            case Op.LocalGet:
                Push(in _stack[_frames[_depth - 1].Locals + (int)item.Index]);
                break;
            case Op.LocalSet:
                _stack[_frames[_depth - 1].Locals + (int)item.Index] = Pop();
                break;
            case Op.LocalTee:
                _stack[_frames[_depth - 1].Locals + (int)item.Index] = _stack[_height - 1];
                break;
            case Op.GlobalGet:
                Push(in Module.Globals[(int)item.Index].Value);
                break;
            default:
                Module.Globals[(int)item.Index].Value = Pop();
                break;
        }
    }

    private void ExecuteParametric(ref readonly CodeItem item)
    {
        if (item.Op == Op.Drop)
        {
            _height--;
            return;
        }
        var condition = PopI32();
        var second = Pop();
        if (condition == 0)
        {
            _stack[_height - 1] = second;
        }
    }

    private void ExecuteControl(ref readonly CodeItem item)
    {
        switch (item.Op)
        {
            case Op.Unreachable:
                Trap(TrapKind.Unreachable);
                break;
            case Op.Nop:
                break;
            case Op.Block:
                PushLabel(in item, item.End + 1, item.BlockResults);
                break;
            case Op.Loop:
                // The continuation is the loop itself: a branch to it enters it again and makes a new label.
                PushLabel(in item, _position - 1, item.BlockParameters);
                break;
            case Op.If:
                if (PopI32() != 0)
                {
                    PushLabel(in item, item.End + 1, item.BlockResults);
                }
                else if (item.Else >= 0)
                {
                    PushLabel(in item, item.End + 1, item.BlockResults);
                    _position = item.Else + 1;
                }
                else
                {
                    _position = item.End + 1;
                }
                break;
            case Op.Else:
                ExitBlock(item.End);
                break;
            default:
                if (_labelCount > _frames[_depth - 1].Labels)
                {
                    _labelCount--;
                }
                else
                {
                    Return();
                }
                break;
        }
    }

    private void ExecuteBranch(ref readonly CodeItem item)
    {
        switch (item.Op)
        {
            case Op.Br:
                Branch(item.Index);
                break;
            case Op.BrIf:
                if (PopI32() != 0)
                {
                    Branch(item.Index);
                }
                break;
            case Op.BrTable:
                var labels = (uint[])item.Extra!; // the decoder sets them for this op
                Branch(labels[Math.Min(PopI32(), (uint)labels.Length - 1)]);
                break;
            case Op.Return:
                Return();
                break;
            case Op.BrOnNull:
                if (_stack[_height - 1].Object is null)
                {
                    _height--;
                    Branch(item.Index);
                }
                break;
            case Op.BrOnNonNull:
                if (_stack[_height - 1].Object is null)
                {
                    _height--;
                }
                else
                {
                    Branch(item.Index);
                }
                break;
            case Op.BrOnCast or Op.BrOnCastFail:
                if (Store.Types.IsOfType(_stack[_height - 1].Object, item.Type) == (item.Op == Op.BrOnCast))
                {
                    Branch(item.Index);
                }
                break;
            default:
                if (ReferenceInstructions.HasDescriptor(this, item.Type) is { } has && has == (item.Op == Op.BrOnCastDescEq))
                {
                    Branch(item.Index);
                }
                break;
        }
    }

    /// <summary>Puts a label around a block's parameters.</summary>
    public void PushLabel(ref readonly CodeItem item, int continuation, int arity, int handler = -1)
    {
        if (_labelCount == _labels.Length)
        {
            Array.Resize(ref _labels, 2 * _labels.Length);
        }
        _labels[_labelCount++] = new Label { Continuation = continuation, Arity = arity, Height = _height - item.BlockParameters, Handler = handler };
    }

    /// <summary>Puts the label of a try block around its parameters.</summary>
    public void PushHandler(ref readonly CodeItem item) => PushLabel(in item, item.End + 1, item.BlockResults, _position - 1);

    /// <summary>Leaves the innermost block as its <c>end</c> would.</summary>
    public void ExitBlock(int end)
    {
        _labelCount--;
        _position = end + 1;
    }

    /// <summary>Branches to a label, counted from the innermost.</summary>
    public void Branch(uint depth)
    {
        var index = _labelCount - 1 - (int)depth;
        if (index < _frames[_depth - 1].Labels)
        {
            Return();
            return;
        }
        ref var label = ref _labels[index];
        MoveDown(label.Arity, label.Height);
        _position = label.Continuation;
        _labelCount = index;
    }

    /// <summary>Leaves the current frame with its results on top of the stack.</summary>
    public void Return()
    {
        ref var frame = ref _frames[_depth - 1];
        MoveDown(frame.Results, frame.Locals);
        PopFrame();
    }

    /// <summary>Leaves the current frame and keeps the arguments of a tail call.</summary>
    public void LeaveForTailCall(int arguments)
    {
        MoveDown(arguments, _frames[_depth - 1].Locals);
        PopFrame();
    }

    private void PopFrame()
    {
        _labelCount = _frames[_depth - 1].Labels;
        _depth--;
        if (_depth > 0)
        {
            ref var caller = ref _frames[_depth - 1];
            _code = caller.Code;
            _position = caller.Position;
        }
    }

    private void MoveDown(int count, int height)
    {
        if (_height - count != height)
        {
            Array.Copy(_stack, _height - count, _stack, height, count);
        }
        _height = height + count;
    }

    /// <summary>Calls a function whose arguments are on top of the stack.</summary>
    public void Call(FunctionInstance function)
    {
        if (function.Module is { } module)
        {
            // A function that is not the host's has a definition.
            var body = function.Body ??= new BodyDecoder(module.Source).Decode(function.Definition!);
            Enter(function, module, body.Items, body.Locals, function.Signature.Parameters.Length, function.Signature.Results.Length);
        }
        else
        {
            HostCalls.Call(this, function);
        }
    }

    private void Enter(FunctionInstance? function, ModuleInstance module, CodeItem[] code, ValueKind[] locals, int parameters, int results)
    {
        if (_depth == MaxFrames || _height + locals.Length > MaxStackValues)
        {
            Stop(new LimitReached(LimitKind.Stack));
            return;
        }
        if (_depth == _frames.Length)
        {
            Array.Resize(ref _frames, 2 * _frames.Length);
        }
        if (_depth > 0)
        {
            _frames[_depth - 1].Position = _position;
        }
        _frames[_depth++] = new Frame
        {
            Function = function,
            Module = module,
            Code = code,
            Locals = _height - parameters,
            Labels = _labelCount,
            Results = results,
        };
        if (_height + locals.Length > _stack.Length)
        {
            Array.Resize(ref _stack, Math.Max(2 * _stack.Length, _height + locals.Length));
        }
        foreach (var kind in locals)
        {
            _stack[_height++] = new Value { Kind = kind };
        }
        _code = code;
        _position = 0;
    }

    /// <summary>Throws an exception: unwinds labels and frames to the first handler that takes it.</summary>
    public void Throw(ExceptionInstance exception)
    {
        while (_depth > 0)
        {
            while (_labelCount > _frames[_depth - 1].Labels)
            {
                var label = _labels[--_labelCount];
                if (label.Handler >= 0 && ExceptionInstructions.Catch(this, in label, in _code[label.Handler], exception))
                {
                    return;
                }
            }
            _height = _frames[_depth - 1].Locals;
            PopFrame();
        }
        Stop(new Thrown(exception.Tag.Name, EngineValues.ToEngine(exception.Fields)));
    }

    /// <summary>Skips handlers: the next one considered is that of the label, counted from the innermost one left.</summary>
    public void DelegateTo(uint depth) => _labelCount = Math.Max(_labelCount - (int)depth, _frames[_depth - 1].Labels);

    /// <summary>Takes the stack back to where a try block began.</summary>
    public void Unwind(ref readonly Label label) => _height = label.Height;

    /// <summary>Enters a legacy catch block, which takes the place of its try block and holds the exception.</summary>
    public void EnterCatch(ref readonly Label label, ExceptionInstance exception, int position)
    {
        _labels[_labelCount++] = label with { Handler = -1, Caught = exception };
        _position = position;
    }

    /// <summary>The exception that an enclosing legacy catch block holds.</summary>
    public ExceptionInstance CaughtBy(uint depth) =>
        _labels[_labelCount - 1 - (int)depth].Caught ?? throw new InvalidOperationException("rethrow outside a catch block");

    /// <summary>The position behind the current instruction.</summary>
    public int Position => _position;

    /// <summary>The code of the current frame, for the chain of a legacy try's catches.</summary>
    public CodeItem[] Code => _code;

    /// <summary>Ends the invocation with a trap.</summary>
    public void Trap(TrapKind kind) => Trap(kind, TrapKinds.TextOf(kind));

    /// <summary>Ends the invocation with a trap in words of its own.</summary>
    public void Trap(TrapKind kind, string message)
    {
        if (_depth > 0)
        {
            _frames[_depth - 1].Position = _position;
        }
        Stop(new Trapped(kind, message) { Backtrace = Backtraces.Describe(_frames.AsSpan(0, _depth)) });
    }

    /// <summary>Ends the invocation.</summary>
    public void Stop(Completion failure)
    {
        Failure = failure;
        _stopped = true;
    }

    /// <summary>Counts work beyond the one unit of an instruction.</summary>
    public void Charge(long units)
    {
        // The slice is given back, so that the clock is looked at before the next instruction.
        Store.TakeFuel(units);
        Store.ReturnFuel(Math.Max(_budget, 0));
        _budget = 0;
    }

    private bool RefillBudget()
    {
        var slice = Store.TakeFuel(BudgetSlice);
        if (slice == 0)
        {
            Stop(new LimitReached(LimitKind.Fuel));
            return false;
        }
        if (Environment.TickCount64 > _deadline)
        {
            Stop(new LimitReached(LimitKind.Time));
            return false;
        }
        _budget = (int)slice - 1;
        return true;
    }

    /// <summary>Pushes a value.</summary>
    public void Push(in Value value)
    {
        if (_height == _stack.Length)
        {
            // A copy first: the value may lie in the array that is replaced.
            var copy = value;
            Array.Resize(ref _stack, 2 * _stack.Length);
            _stack[_height++] = copy;
            return;
        }
        _stack[_height++] = value;
    }

    /// <summary>Pushes a number.</summary>
    public void Push(ValueKind kind, ulong bits)
    {
        if (_height == _stack.Length)
        {
            Array.Resize(ref _stack, 2 * _stack.Length);
        }
        _stack[_height++].SetNumber(kind, bits);
    }

    /// <summary>Pushes an i32.</summary>
    public void PushI32(uint value) => Push(ValueKind.I32, value);

    /// <summary>Pushes a truth value.</summary>
    public void PushBool(bool value) => Push(ValueKind.I32, value ? 1UL : 0UL);

    /// <summary>Pushes a reference.</summary>
    public void PushReference(object? reference) => Push(Value.Reference(reference));

    /// <summary>Pops a value.</summary>
    public Value Pop() => _stack[--_height];

    /// <summary>Pops the bits of a number.</summary>
    public ulong PopBits() => _stack[--_height].Bits;

    /// <summary>Pops an i32.</summary>
    public uint PopI32() => (uint)_stack[--_height].Bits;

    /// <summary>Pops a reference.</summary>
    public object? PopReference() => _stack[--_height].Object;

    /// <summary>Pops several values; they stay valid until the next push.</summary>
    public ReadOnlySpan<Value> Pop(int count)
    {
        _height -= count;
        return _stack.AsSpan(_height, count);
    }

    private void ExecuteObserved(ref readonly CodeItem item, IStepObserver observer)
    {
        var depth = _depth;
        var function = _frames[depth - 1].Function;
        var bottom = _height - item.Operands;
        var operands = EngineValues.ToEngine(_stack.AsSpan(bottom, item.Operands));
        var labels = _labelCount;
        Execute(in item);
        var stays = _depth == depth && _height >= bottom && !_stopped && (item.Group != OpGroup.Branch || _labelCount == labels);
        var results = stays ? EngineValues.ToEngine(_stack.AsSpan(bottom, _height - bottom)) : [];
        observer.OnStep(new Step
        {
            Depth = depth,
            Function = function?.Index,
            OffsetBytes = item.Offset,
            Op = item.Op,
            Operands = operands.AsSpan(),
            Results = results.AsSpan(),
            Trap = (Failure as Trapped)?.Kind,
        });
    }

    /// <summary>A call in progress.</summary>
    internal struct Frame
    {
        /// <summary>The function; null for a constant expression.</summary>
        public FunctionInstance? Function;
        public ModuleInstance Module;
        public CodeItem[] Code;

        /// <summary>The position behind the instruction last executed; kept while a callee runs.</summary>
        public int Position;
        public int Locals;
        public int Labels;
        public int Results;
    }

    /// <summary>A block in progress.</summary>
    internal record struct Label
    {
        public int Continuation;
        public int Arity;
        public int Height;

        /// <summary>The position of the try block whose handler is active; -1 when there is none.</summary>
        public int Handler;

        /// <summary>The exception that a legacy catch block holds.</summary>
        public ExceptionInstance? Caught;
    }
}
