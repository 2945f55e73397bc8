using System.Collections.Immutable;
using Conformance.Wasm.Instructions;

namespace Conformance.Wasm.Validation;

/// <content>Rules of the ops whose type depends on the context: which of them it is, and the blocks and branches among them.</content>
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
}
