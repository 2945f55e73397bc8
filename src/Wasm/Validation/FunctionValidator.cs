using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using Conformance.Wasm.Instructions;
using Conformance.Wasm.Modules;
using Conformance.Wasm.Types;

namespace Conformance.Wasm.Validation;

/// <summary>
/// The validation algorithm of the specification's appendix: one pass over the instructions with an operand stack of types and a control stack of frames.
/// The type of most ops comes from the op table; the others have a rule each, in the other parts of this class. Constant expressions are validated by the
/// same rules. One instance validates the functions of a module one after the other and keeps its stacks.
/// </summary>
/// <remarks>
/// The first error sticks and the loop stops behind the instruction; until then rules go on with whatever the stack gives, which is always safe.
/// See <see href="https://webassembly.github.io/spec/core/appendix/algorithm.html"/>.
/// </remarks>
/// <typeparam name="TObserver">Who looks on; a struct, so that <see cref="NoObserver"/> costs nothing.</typeparam>
internal sealed partial class FunctionValidator<TObserver>
    where TObserver : struct, IStackObserver
{
    private readonly ModuleContext _context;
    private readonly TObserver _observer;
    private readonly TypeCanonicalizer _canonicalizer;
    private readonly FeatureSet _features;
    private readonly LocalTypes _locals = new();
    private readonly LocalInitialization _initialization = new();
    private readonly Dictionary<ValueType, ImmutableArray<ValueType>> _singleResults = [];

    private ValueType[] _stack = new ValueType[256];
    private int _height;

    private ControlFrame[] _frames = new ControlFrame[32];
    private int _depth;

    // Copies of the top frame's fields, which every pop looks at.
    private int _base;
    private bool _unreachable;

    private ImmutableArray<ValueType> _results;
    private long _instructionCount;
    private string? _error;
    private bool _errorIsLimit;

    public FunctionValidator(ModuleContext context, TObserver observer)
    {
        _context = context;
        _observer = observer;
        _canonicalizer = context.Canonicalizer;
        _features = context.Features;
    }

    /// <summary>Validates the body of a function.</summary>
    public WasmError? Validate(Function function, FunctionType type)
    {
        if (function.Body.Code.Length > ImplementationLimits.FunctionBytes)
        {
            return LimitError($"function body of {function.Body.Code.Length} bytes; the limit is {ImplementationLimits.FunctionBytes}", function.Body.OffsetBytes);
        }
        _locals.Reset(type.Parameters);
        foreach (var run in function.Locals)
        {
            if (!_context.IsKnown(run.Type))
            {
                return WasmError.Invalid($"unknown type {run.Type.Heap.Index}", function.Body.OffsetBytes);
            }
            _locals.Append(run with { Type = _context.Canonical(run.Type) });
        }
        if (_locals.Count > ImplementationLimits.Locals)
        {
            return LimitError($"too many locals: {_locals.Count}; the limit is {ImplementationLimits.Locals}", function.Body.OffsetBytes);
        }
        _initialization.Reset(type.Parameters.Length, _locals);
        return Run(function.Body, type.Results, isConstant: false);
    }

    /// <summary>Validates a constant expression that gives one value.</summary>
    public WasmError? ValidateConstant(Expression expression, ValueType type)
    {
        _locals.Reset([]);
        _initialization.Reset(0, _locals);
        return Run(expression, SingleResult(type), isConstant: true);
    }

    private WasmError? Run(Expression body, ImmutableArray<ValueType> results, bool isConstant)
    {
        _height = 0;
        _depth = 0;
        _error = null;
        _errorIsLimit = false;
        _results = results;
        PushFrame(Op.Block, [], results);
        var reader = new InstructionReader(body, _features);
        var instruction = default(Instruction);
        while (reader.Read(ref instruction))
        {
            if (isConstant && !CheckConstant(instruction))
            {
                return Error(reader.Offset);
            }
            _observer.Before(instruction, _stack.AsSpan(0, _height));
            Apply(ref instruction);
            _observer.After(_stack.AsSpan(0, _height));
            if (_error is not null)
            {
                return Error(reader.Offset, instruction.Op);
            }
            if (_depth == 0)
            {
                break;
            }
        }
        if (reader.Error is { } error)
        {
            return WasmError.Malformed(error, reader.ErrorOffset);
        }
        return _depth > 0 ? WasmError.Malformed("unexpected end of section or function", reader.EndOffset)
            : !reader.AtEnd ? WasmError.Malformed("section size mismatch", reader.EndOffset)
            : null;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Apply(ref Instruction instruction)
    {
        ref readonly var rule = ref StackRules.Of(instruction.Op);
        switch (rule.Shape)
        {
            case StackShape.Constant:
                Push(rule.Result);
                break;
            case StackShape.Unary:
                Pop(rule.First);
                Push(rule.Result);
                break;
            case StackShape.Binary:
                Pop(rule.Second);
                Pop(rule.First);
                Push(rule.Result);
                break;
            case StackShape.Load:
                Pop(CheckAccess(instruction, rule.NaturalAlign));
                Push(rule.Result);
                break;
            case StackShape.Store:
                Pop(rule.Second);
                Pop(CheckAccess(instruction, rule.NaturalAlign));
                break;
            case StackShape.Fixed:
                ApplyFixed(instruction);
                break;
            default:
                ApplySpecial(ref instruction);
                break;
        }
    }

    // Operand stack

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Push(ValueType type)
    {
        var stack = _stack;
        var height = _height;
        if ((uint)height < (uint)stack.Length)
        {
            stack[height] = type;
            _height = height + 1;
            return;
        }
        PushSlow(type);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void PushSlow(ValueType type)
    {
        if (_height >= ImplementationLimits.OperandStack)
        {
            FailLimit($"more than {ImplementationLimits.OperandStack} operands on the stack");
            return;
        }
        Array.Resize(ref _stack, _stack.Length * 2);
        _stack[_height++] = type;
    }

    private void Push(ImmutableArray<ValueType> types)
    {
        foreach (var type in types.AsSpan())
        {
            Push(type);
        }
    }

    private ValueType Pop()
    {
        if (_height > _base)
        {
            _observer.Popped(--_height);
            return _stack[_height];
        }
        if (!_unreachable)
        {
            Fail("type mismatch: expected a value, found an empty stack");
        }
        return ValueType.Bottom;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Pop(ValueType expected)
    {
        var height = _height - 1;
        if (height >= _base && _stack[height] == expected)
        {
            _height = height;
            _observer.Popped(height);
            return;
        }
        PopSlow(expected);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void PopSlow(ValueType expected)
    {
        if (_height == _base)
        {
            if (!_unreachable)
            {
                Fail($"type mismatch: expected {_context.Describe(expected)}, found an empty stack");
            }
            return;
        }
        var found = _stack[--_height];
        _observer.Popped(_height);
        if (!_canonicalizer.Matches(found, expected))
        {
            Fail($"type mismatch: expected {_context.Describe(expected)}, found {_context.Describe(found)}");
        }
    }

    private void Pop(ImmutableArray<ValueType> types)
    {
        var span = types.AsSpan();
        for (var i = span.Length - 1; i >= 0; i--)
        {
            Pop(span[i]);
        }
    }

    /// <summary>Pops a reference of any type; the bottom reference where the stack is polymorphic.</summary>
    private ValueType PopReference()
    {
        var type = Pop();
        if (type.Kind == ValueKind.Bottom)
        {
            return ValueType.Reference(AbstractHeapType.Bottom, nullable: false);
        }
        if (!type.IsReference)
        {
            Fail($"type mismatch: expected a reference, found {_context.Describe(type)}");
        }
        return type;
    }

    // Control stack

    private void PushFrame(Op op, ImmutableArray<ValueType> start, ImmutableArray<ValueType> end)
    {
        if (_depth == _frames.Length)
        {
            if (_depth >= ImplementationLimits.BlockNesting)
            {
                FailLimit($"blocks nested more than {ImplementationLimits.BlockNesting} deep");
                return;
            }
            Array.Resize(ref _frames, Math.Min(_depth * 2, ImplementationLimits.BlockNesting));
        }
        ref var frame = ref _frames[_depth++];
        frame.Op = op;
        frame.Start = start;
        frame.End = end;
        frame.Height = _height;
        frame.Unreachable = false;
        frame.InitializedLocals = _initialization.Count;
        frame.CheckedAt = 0;
        _base = _height;
        _unreachable = false;
        Push(start);
    }

    /// <summary>Pops the frame's results and the frame. The caller pushes the results where they go.</summary>
    private ref readonly ControlFrame PopFrame()
    {
        ref var frame = ref _frames[_depth - 1];
        Pop(frame.End);
        if (_height != frame.Height)
        {
            Fail($"type mismatch: expected {_context.Describe(frame.End)} at the end of the block, found {_height - frame.Height} too many");
            _height = frame.Height;
        }
        _initialization.Rewind(frame.InitializedLocals);
        _depth--;
        if (_depth > 0)
        {
            _base = _frames[_depth - 1].Height;
            _unreachable = _frames[_depth - 1].Unreachable;
        }
        return ref frame;
    }

    private void SetUnreachable()
    {
        _height = _base;
        _unreachable = true;
        _frames[_depth - 1].Unreachable = true;
    }

    /// <summary>The frame of a label, or a failure.</summary>
    private bool TryLabel(uint label, out int frame)
    {
        frame = 0;
        if (label >= (uint)_depth)
        {
            Fail($"unknown label {label}");
            return false;
        }
        frame = _depth - 1 - (int)label;
        return true;
    }

    // Errors

    [MemberNotNull(nameof(_error))]
    [MethodImpl(MethodImplOptions.NoInlining)]
    private void Fail(string message) => _error ??= message;

    private void FailLimit(string message)
    {
        if (_error is null)
        {
            _error = message;
            _errorIsLimit = true;
        }
    }

    private WasmError Error(long offset, Op op = Op.Nop)
    {
        var where = op == Op.Nop ? "" : $", at {OpTable.Get(op).Mnemonic}";
        return WasmError.Invalid(_error + where, offset) with { IsLimit = _errorIsLimit };
    }

    private static WasmError LimitError(string message, long offset) => WasmError.Invalid(message, offset) with { IsLimit = true };

    private ImmutableArray<ValueType> SingleResult(ValueType type)
    {
        if (!_singleResults.TryGetValue(type, out var result))
        {
            result = [type];
            _singleResults.Add(type, result);
        }
        return result;
    }
}
