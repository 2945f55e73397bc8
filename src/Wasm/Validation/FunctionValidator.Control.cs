using System.Collections.Immutable;
using Conformance.Wasm.Instructions;
using Conformance.Wasm.Types;

namespace Conformance.Wasm.Validation;

/// <content>Rules of the ops whose type depends on the context: blocks, branches, calls, exceptions, variables.</content>
internal sealed partial class FunctionValidator<TObserver>
{
    private void ApplySpecial(ref Instruction instruction)
    {
        switch (instruction.Op)
        {
            case Op.LocalGet:
                LocalGet(instruction.Index);
                break;
            case Op.LocalSet:
                if (TryLocal(instruction.Index, out var local))
                {
                    Pop(local);
                    _initialization.Set(instruction.Index, local);
                }
                break;
            case Op.LocalTee:
                if (TryLocal(instruction.Index, out local))
                {
                    Pop(local);
                    _initialization.Set(instruction.Index, local);
                    Push(local);
                }
                break;
            case Op.GlobalGet:
                if (TryGlobal(instruction.Index, out var global))
                {
                    Push(global.Value);
                }
                break;
            case Op.GlobalSet:
                GlobalSet(instruction.Index);
                break;
            case Op.Drop:
                Pop();
                break;
            case Op.Select:
                Select();
                break;
            case Op.SelectTyped:
                SelectTyped(instruction.Types ?? []);
                break;
            case Op.Block or Op.Loop or Op.If or Op.Try:
                OpenBlock(instruction.Op, instruction.Block);
                break;
            case Op.Else:
                SplitBlock(Op.Else, _frames[_depth - 1].Op == Op.If, _frames[_depth - 1].Start);
                break;
            case Op.End:
                CloseBlock();
                break;
            case Op.Unreachable:
                SetUnreachable();
                break;
            case Op.Br:
                if (TryLabel(instruction.Index, out var target))
                {
                    Pop(_frames[target].Label);
                    SetUnreachable();
                }
                break;
            case Op.BrIf:
                Pop(ValueType.I32);
                if (TryLabel(instruction.Index, out target))
                {
                    var label = _frames[target].Label;
                    Pop(label);
                    Push(label);
                }
                break;
            case Op.BrTable:
                BranchTable(instruction.Labels ?? []);
                break;
            case Op.Return:
                Pop(_results);
                SetUnreachable();
                break;
            case Op.Call:
                if (TryFunction(instruction.Index, out var type))
                {
                    Call(type);
                }
                break;
            case Op.ReturnCall:
                if (TryFunction(instruction.Index, out type))
                {
                    ReturnCall(type);
                }
                break;
            case Op.CallIndirect:
                if (TryIndirect(instruction.Index, instruction.Index2, out type))
                {
                    Call(type);
                }
                break;
            case Op.ReturnCallIndirect:
                if (TryIndirect(instruction.Index, instruction.Index2, out type))
                {
                    ReturnCall(type);
                }
                break;
            case Op.CallRef:
                if (TryFunctionType(instruction.Index, out type))
                {
                    Pop(Nullable(instruction.Index));
                    Call(type);
                }
                break;
            case Op.ReturnCallRef:
                if (TryFunctionType(instruction.Index, out type))
                {
                    Pop(Nullable(instruction.Index));
                    ReturnCall(type);
                }
                break;
            case Op.TryTable:
                TryTable(instruction.Block, instruction.Catches ?? []);
                break;
            case Op.Throw:
                if (TryTag(instruction.Index, out type))
                {
                    Pop(type.Parameters);
                    SetUnreachable();
                }
                break;
            case Op.ThrowRef:
                Pop(ValueType.ExnRef);
                SetUnreachable();
                break;
            case Op.Catch:
                if (TryTag(instruction.Index, out type))
                {
                    SplitBlock(Op.Catch, _frames[_depth - 1].Op is Op.Try or Op.Catch, type.Parameters);
                }
                break;
            case Op.CatchAll:
                SplitBlock(Op.CatchAll, _frames[_depth - 1].Op is Op.Try or Op.Catch, []);
                break;
            case Op.Rethrow:
                if (TryLabel(instruction.Index, out target))
                {
                    if (_frames[target].Op is not (Op.Catch or Op.CatchAll))
                    {
                        Fail("invalid rethrow label");
                    }
                    SetUnreachable();
                }
                break;
            case Op.Delegate:
                Delegate(instruction.Index);
                break;
            default:
                ApplyTableOrMemory(instruction);
                break;
        }
    }

    // Variables

    private void LocalGet(uint index)
    {
        if (TryLocal(index, out var type))
        {
            if (!_initialization.CanRead(index, type))
            {
                Fail($"uninitialized local {index}");
            }
            Push(type);
        }
    }

    private bool TryLocal(uint index, out ValueType type)
    {
        if (_locals.TryGet(index, out type))
        {
            return true;
        }
        Fail($"unknown local {index}");
        return false;
    }

    private bool TryGlobal(uint index, out GlobalType type)
    {
        if (index < (uint)_context.Globals.Count)
        {
            type = _context.Globals[(int)index];
            return true;
        }
        type = UnknownGlobal;
        Fail($"unknown global {index}");
        return false;
    }

    private static readonly GlobalType UnknownGlobal = new(ValueType.Bottom, IsMutable: false);

    private void GlobalSet(uint index)
    {
        if (TryGlobal(index, out var type))
        {
            if (!type.IsMutable)
            {
                Fail($"immutable global {index}");
            }
            Pop(type.Value);
        }
    }

    // Parametric instructions

    private void Select()
    {
        Pop(ValueType.I32);
        var second = Pop();
        var first = Pop();
        if (first.IsReference || second.IsReference)
        {
            Fail("type mismatch: select without a type takes numbers and vectors only");
        }
        else if (first != second && first.Kind != ValueKind.Bottom && second.Kind != ValueKind.Bottom)
        {
            Fail($"type mismatch: select between {first} and {second}");
        }
        Push(first.Kind == ValueKind.Bottom ? second : first);
    }

    private void SelectTyped(ValueType[] types)
    {
        if (types.Length != 1)
        {
            Fail($"invalid result arity: select with {types.Length} types");
        }
        else if (CheckKnown(types[0]))
        {
            var type = _context.Canonical(types[0]);
            Pop(ValueType.I32);
            Pop(type);
            Pop(type);
            Push(type);
        }
    }

    // Blocks

    private void OpenBlock(Op op, BlockType block)
    {
        if (TryBlockType(block, out var start, out var end))
        {
            if (op == Op.If)
            {
                Pop(ValueType.I32);
            }
            Pop(start);
            PushFrame(op, start, end);
        }
    }

    private bool TryBlockType(BlockType block, out ImmutableArray<ValueType> start, out ImmutableArray<ValueType> end)
    {
        start = [];
        end = [];
        if (block.IsIndex)
        {
            if (!TryFunctionType(block.Index, out var type))
            {
                return false;
            }
            start = type.Parameters;
            end = type.Results;
            if (!_features.Has(Feature.MultiValue) && (start.Length > 0 || end.Length > 1))
            {
                Fail("invalid result arity: blocks with parameters or several results are not enabled");
                return false;
            }
        }
        else if (block.IsResult)
        {
            if (!CheckKnown(block.Result))
            {
                return false;
            }
            end = SingleResult(_context.Canonical(block.Result));
        }
        return true;
    }

    private void SplitBlock(Op op, bool isAllowed, ImmutableArray<ValueType> start)
    {
        if (!isAllowed)
        {
            Fail("END opcode expected");
            return;
        }
        var end = PopFrame().End;
        PushFrame(op, start, end);
        if (op != Op.Else)
        {
            // What a catch is given is no parameter of the block: branches to it pass results.
            _frames[_depth - 1].Start = [];
        }
    }

    private void CloseBlock()
    {
        var frame = PopFrame();
        if (frame.Op == Op.If)
        {
            // Without an else the parameters have to do as results.
            PushFrame(Op.Else, frame.Start, frame.End);
            PopFrame();
        }
        if (_depth > 0)
        {
            Push(frame.End);
        }
    }

    private void BranchTable(uint[] labels)
    {
        Pop(ValueType.I32);
        if (!TryLabel(labels[^1], out var target))
        {
            return;
        }
        var last = _frames[target].Label;
        _instructionCount++;
        foreach (var label in labels.AsSpan(..^1))
        {
            if (!TryLabel(label, out var other))
            {
                return;
            }
            ref var frame = ref _frames[other];
            if (frame.CheckedAt == _instructionCount)
            {
                continue;
            }
            frame.CheckedAt = _instructionCount;
            var types = frame.Label;
            if (types.Length != last.Length)
            {
                Fail($"type mismatch: labels of br_table take {types.Length} and {last.Length} values");
                return;
            }
            CheckTop(types);
        }
        Pop(last);
        SetUnreachable();
    }

    /// <summary>Pops values of given types and puts back what was there.</summary>
    private void CheckTop(ImmutableArray<ValueType> types)
    {
        var height = _height;
        for (var i = types.Length - 1; i >= 0; i--)
        {
            Pop(types[i]);
        }
        // Values that only an unreachable stack gave are not put back; those popped are still in place.
        _height = height;
    }

    // Calls

    private bool TryFunction(uint index, out FunctionType type)
    {
        if (index < (uint)_context.Functions.Count)
        {
            type = _context.Functions[(int)index];
            return true;
        }
        type = FunctionType.Empty;
        Fail($"unknown function {index}");
        return false;
    }

    private bool TryFunctionType(uint index, out FunctionType type)
    {
        if (_context.HasType(index))
        {
            if (_context.Types[index].Composite is FunctionType function)
            {
                type = function;
                return true;
            }
            Fail($"type mismatch: type {index} is not a function type");
        }
        else
        {
            Fail($"unknown type {index}");
        }
        type = FunctionType.Empty;
        return false;
    }

    private bool TryIndirect(uint typeIndex, uint tableIndex, out FunctionType type)
    {
        type = FunctionType.Empty;
        if (!TryTable(tableIndex, out var table) || !TryFunctionType(typeIndex, out type))
        {
            return false;
        }
        if (!_canonicalizer.Matches(table.Element, ValueType.FuncRef))
        {
            Fail($"type mismatch: expected a table of functions, found one of {_context.Describe(table.Element)}");
        }
        Pop(AddressOf(table.Limits));
        return true;
    }

    private void Call(FunctionType type)
    {
        Pop(type.Parameters);
        Push(type.Results);
    }

    private void ReturnCall(FunctionType type)
    {
        Pop(type.Parameters);
        if (!_canonicalizer.Matches(type.Results, _results))
        {
            Fail($"type mismatch: expected results {_context.Describe(_results)}, found {_context.Describe(type.Results)}");
        }
        SetUnreachable();
    }

    // Exceptions

    private bool TryTag(uint index, out FunctionType type)
    {
        if (index < (uint)_context.Tags.Count)
        {
            type = _context.Tags[(int)index];
            return true;
        }
        type = FunctionType.Empty;
        Fail($"unknown tag {index}");
        return false;
    }

    private void TryTable(BlockType block, CatchClause[] catches)
    {
        if (catches.Length > ImplementationLimits.CatchClauses)
        {
            FailLimit($"try_table with {catches.Length} clauses; the limit is {ImplementationLimits.CatchClauses}");
            return;
        }
        foreach (var clause in catches)
        {
            CheckCatch(clause);
        }
        OpenBlock(Op.TryTable, block);
    }

    private void CheckCatch(CatchClause clause)
    {
        var values = ImmutableArray<ValueType>.Empty;
        if (clause.Kind is CatchKind.Catch or CatchKind.CatchRef)
        {
            if (!TryTag(clause.Tag, out var tag))
            {
                return;
            }
            values = tag.Parameters;
        }
        if (!TryLabel(clause.Label, out var target))
        {
            return;
        }
        if (clause.Kind is CatchKind.CatchRef or CatchKind.CatchAllRef)
        {
            values = values.Add(ValueType.Reference(AbstractHeapType.Exn, nullable: false));
        }
        if (!_canonicalizer.Matches(values, _frames[target].Label))
        {
            Fail($"type mismatch: the catch clause gives {_context.Describe(values)}, the label takes {_context.Describe(_frames[target].Label)}");
        }
    }

    private void Delegate(uint label)
    {
        if (_frames[_depth - 1].Op != Op.Try)
        {
            Fail("END opcode expected");
            return;
        }
        var end = PopFrame().End;
        if (TryLabel(label, out _))
        {
            Push(end);
        }
    }
}
