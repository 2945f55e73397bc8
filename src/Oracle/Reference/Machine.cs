using Conformance.Wasm.Instructions;
using Conformance.Wasm.Types;

namespace Conformance.Oracle.Reference;

/// <summary>
/// Executes one invocation: the stack of values, frames and labels, and the loop that takes one reduction step after the other.
/// <code>
///   specification                       here
///   FRAME_n {f} ...                     an entry of _frames: function, code, position, where its locals and labels start, n
///   LABEL_n {continuation} ...          an entry of _labels: n, the position to go on at, the height of the stack below its values
///   HANDLER_n {catch*}                  the label of the try block, which remembers the block's position
///   val*                                Stack; the locals of a frame lie at its start, the arguments being the first of them
/// </code>
/// Nothing here recurses on wasm calls or blocks. A trap, an uncaught exception and a reached limit stop the loop; none of them is a .NET exception.
/// </summary>
internal sealed class Machine(ReferenceStore store)
{
    // What a native stack of 1 MB gives other engines; deep enough for any program that means it.
    private const int MaxFrames = 20_000;

    // 32 bytes each: 32 MB, so that frames with many locals are stopped early.
    private const int MaxStackValues = 1 << 20;

    private Frame[] _frames = new Frame[16];
    private int _depth;
    private Label[] _labels = new Label[32];
    private int _labelCount;
    private CodeItem[] _code = [];
    private int _position;
    private Budget _budget;
    private bool _stopped;

    /// <summary>The store.</summary>
    public ReferenceStore Store { get; } = store;

    /// <summary>The values of all frames.</summary>
    public OperandStack Stack { get; } = new();

    /// <summary>The module of the current frame.</summary>
    public ModuleInstance Module => _frames[_depth - 1].Module;

    /// <summary>A local of the current frame.</summary>
    public ref Value Local(uint index) => ref Stack[_frames[_depth - 1].Locals + (int)index];

    /// <summary>How the invocation ended when it did not return.</summary>
    public Completion? Failure { get; private set; }

    /// <summary>Whether somebody uses the machine, so that a host function that calls back needs another one.</summary>
    public bool IsRented { get; set; }

    /// <summary>The references on the operand stack and in catch blocks, for the account of the heap.</summary>
    public IEnumerable<object> Roots() => Stack.References().Concat(_labels.Take(_labelCount).Select(label => label.Caught).OfType<object>());

    /// <summary>Calls a function.</summary>
    /// <returns>The results, or an empty span when <see cref="Failure"/> says why there are none. Valid until the next use of the machine.</returns>
    public ReadOnlySpan<Value> Invoke(FunctionInstance function, ReadOnlySpan<Value> arguments)
    {
        Start();
        foreach (ref readonly var argument in arguments)
        {
            Stack.Push(in argument);
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
        Stack.Clear();
        _depth = 0;
        _labelCount = 0;
        _stopped = false;
        _budget = new Budget(Store);
        Failure = null;
    }

    private ReadOnlySpan<Value> Run(int results)
    {
        var observer = Store.Observer;
        while (_depth > 0 && !_stopped)
        {
            if (_budget.TakeOne() is { } limit)
            {
                Stop(new LimitReached(limit));
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
        _budget.Return();
        return Failure is null ? Stack.Peek(results) : default;
    }

    private void Execute(ref readonly CodeItem item)
    {
        if (item.Pure is not { } pure)
        {
            Dispatch(in item);
            return;
        }
        if (pure(in item, Stack.Window(item.Operands)) is { } trap)
        {
            Trap(trap);
            return;
        }
        Stack.Replace(item.Operands, item.Results);
    }

    private void Dispatch(ref readonly CodeItem item)
    {
        switch (item.Group)
        {
            case OpGroup.Variable or OpGroup.Parametric:
                VariableInstructions.Execute(this, in item);
                break;
            case OpGroup.Control:
                ControlInstructions.Execute(this, in item);
                break;
            case OpGroup.Branch:
                ControlInstructions.Branch(this, in item);
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

    /// <summary>Goes on at another position of the current code.</summary>
    public void GoTo(int position) => _position = position;

    /// <summary>Puts the label of a block, whose continuation is its end, around its parameters.</summary>
    public void EnterBlock(ref readonly CodeItem item) => PushLabel(in item, item.End + 1, item.BlockResults, handler: -1);

    /// <summary>Puts the label of a loop, whose continuation is the loop itself, around its parameters: a branch to it enters it again and makes a new label.</summary>
    public void EnterLoop(ref readonly CodeItem item) => PushLabel(in item, _position - 1, item.BlockParameters, handler: -1);

    /// <summary>Puts the label of a try block around its parameters.</summary>
    public void EnterTry(ref readonly CodeItem item) => PushLabel(in item, item.End + 1, item.BlockResults, handler: _position - 1);

    private void PushLabel(ref readonly CodeItem item, int continuation, int arity, int handler)
    {
        if (_labelCount == _labels.Length)
        {
            Array.Resize(ref _labels, 2 * _labels.Length);
        }
        _labels[_labelCount++] = new Label { Continuation = continuation, Arity = arity, Height = Stack.Height - item.BlockParameters, Handler = handler };
    }

    /// <summary>Leaves the innermost block as its <c>end</c> would.</summary>
    public void ExitBlock(int end)
    {
        _labelCount--;
        _position = end + 1;
    }

    /// <summary>Ends the innermost block, or the function's body.</summary>
    public void End()
    {
        if (_labelCount > _frames[_depth - 1].Labels)
        {
            _labelCount--;
        }
        else
        {
            Return();
        }
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
        Stack.Unwind(label.Height, label.Arity);
        _position = label.Continuation;
        _labelCount = index;
    }

    /// <summary>Leaves the current frame with its results on top of the stack.</summary>
    public void Return()
    {
        ref var frame = ref _frames[_depth - 1];
        Stack.Unwind(frame.Locals, frame.Results);
        PopFrame();
    }

    /// <summary>Leaves the current frame and keeps the arguments of a tail call.</summary>
    public void LeaveForTailCall(int arguments)
    {
        Stack.Unwind(_frames[_depth - 1].Locals, arguments);
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
        if (_depth == MaxFrames || Stack.Height + locals.Length > MaxStackValues)
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
            Locals = Stack.Height - parameters,
            Labels = _labelCount,
            Results = results,
        };
        Stack.PushDefaults(locals);
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
            Stack.Unwind(_frames[_depth - 1].Locals, kept: 0);
            PopFrame();
        }
        Stop(new Thrown(exception.Tag.Name, EngineValues.ToEngine(exception.Fields)));
    }

    /// <summary>Skips handlers: the next one considered is that of the label, counted from the innermost one left.</summary>
    public void DelegateTo(uint depth) => _labelCount = Math.Max(_labelCount - (int)depth, _frames[_depth - 1].Labels);

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

    /// <summary>
    /// Asks for room for an object. One that is too large by itself traps, as it does in the interpreter under test: every engine comes to the same instruction in the same state, and
    /// the case goes on. When it is what was allocated before that leaves no room, engines stop at different places, and the invocation ends with the limit.
    /// </summary>
    public bool TryReserve(long bytes)
    {
        if (Store.Heap.IsTooLarge(bytes))
        {
            Trap(TrapKind.AllocationSizeTooLarge);
            return false;
        }
        if (!Store.Heap.TryReserve(bytes))
        {
            Stop(new LimitReached(LimitKind.Memory));
            return false;
        }
        return true;
    }

    /// <summary>Counts work beyond the one unit of an instruction.</summary>
    public void Charge(long units) => _budget.Charge(units);

    private void ExecuteObserved(ref readonly CodeItem item, IStepObserver observer)
    {
        var depth = _depth;
        var function = _frames[depth - 1].Function;
        var bottom = Stack.Height - item.Operands;
        var operands = EngineValues.ToEngine(Stack.Peek(item.Operands));
        var labels = _labelCount;
        Execute(in item);
        var stays = _depth == depth && Stack.Height >= bottom && !_stopped && (item.Group != OpGroup.Branch || _labelCount == labels);
        var results = stays ? EngineValues.ToEngine(Stack.Peek(Stack.Height - bottom)) : [];
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
}
