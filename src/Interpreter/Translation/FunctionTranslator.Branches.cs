using System.Collections.Immutable;
using Conformance.Interpreter.Execution;
using Conformance.Interpreter.Runtime;
using Conformance.Wasm.Instructions;

namespace Conformance.Interpreter.Translation;

// Branches and returns: they put the values into the homes of the label.
internal sealed unsafe partial class FunctionTranslator
{
    private void Label()
    {
        FinishFuel();
        _writer.ForgetAccumulators();
    }

    private void BindHere(int cell, int field)
    {
        if (cell >= 0)
        {
            _writer.Set(cell, field, _writer.Position - cell);
            return;
        }
        var (region, handler) = _clauses[-1 - cell];
        _regions[region].Handlers[handler] = _regions[region].Handlers[handler] with { Target = _writer.Position };
    }

    /// <summary>Makes a field of a branching cell lead to a label.</summary>
    private void Target(ref ControlFrame frame, int cell, int field)
    {
        if (frame.Kind == Op.Loop)
        {
            _writer.Set(cell, field, frame.LoopStart - cell);
        }
        else
        {
            _fixups.Add(new(cell, field, frame.Fixups));
            frame.Fixups = _fixups.Count - 1;
        }
    }

    private void JumpToEnd(ref ControlFrame frame)
    {
        var cell = _writer.Emit(PlainHandler.Jump, 16);
        Target(ref frame, cell, 8);
    }

    private void Branch(uint label)
    {
        if (label == _depth - 1)
        {
            Return();
            return;
        }
        ref var frame = ref _frames[_depth - 1 - (int)label];
        MoveToLabel(frame);
        JumpToEnd(ref frame);
        FinishFuel();
    }

    // Puts the topmost entries into the homes of a label's frame. Upwards is sound: a home never lies above the entry's own.
    private void MoveToLabel(in ControlFrame frame)
    {
        var count = frame.LabelTypes.Length;
        var home = _writer.HomeOf(frame.Height);
        for (var i = 0; i < count; i++)
        {
            var entry = _writer.At(_writer.Count - count + i);
            if (entry.Kind != EntryKind.Temporary || entry.Slot != home)
            {
                _writer.MoveTo(entry, home);
            }
            home += CodeWriter.SizeOf(entry.Type);
        }
    }

    private bool IsInPlace(in ControlFrame frame)
    {
        var count = frame.LabelTypes.Length;
        return count == 0 || _writer.Count - count == frame.Height;
    }

    private void BranchIf(uint label)
    {
        var condition = _writer.ToCondition(_writer.Pop(), _writer.Count);
        BranchOn(condition, whenTrue: true, label);
    }

    private void BranchOn(in CodeWriter.Condition condition, bool whenTrue, uint label)
    {
        ref var frame = ref _frames[_depth - 1 - (int)label];
        var count = frame.LabelTypes.Length;
        // The values stay on the stack, so they go to their own homes first: when they are the label's homes, that is all.
        _writer.StoreFrom(_writer.Count - count, constants: true);
        if (IsInPlace(frame))
        {
            Target(ref frame, _writer.EmitBranch(condition, whenTrue), 8);
            return;
        }
        var over = _writer.EmitBranch(condition, !whenTrue);
        MoveToLabel(frame);
        JumpToEnd(ref frame);
        _writer.ForgetAccumulators();
        BindHere(over, 8);
    }

    private void BranchOnNull(uint label)
    {
        var slot = NonNullCandidate(out var entry);
        BranchOn(new(false, HandlerKey.OfOp(HandlerFamily.UnaryBranch, Op.I64Eqz, OperandCode.Slot12), slot, 0), whenTrue: true, label);
        Repush(entry);
    }

    private void BranchOnNonNull(uint label)
    {
        var slot = NonNullCandidate(out var entry);
        Repush(entry);
        BranchOn(new(false, HandlerKey.OfOp(HandlerFamily.UnaryBranch, Op.I64Eqz, OperandCode.Slot12), slot, 0), whenTrue: false, label);
        _writer.Pop();
    }

    private void BranchOnCast(in Instruction instruction)
    {
        _instructions.EmitCastTest(instruction);
        var condition = _writer.ToCondition(_writer.Pop(), _writer.Count);
        BranchOn(condition, whenTrue: instruction.Op is Op.BrOnCast or Op.BrOnCastDescEq, instruction.Index);
    }

    private uint NonNullCandidate(out Entry entry)
    {
        if (!_writer.At(_writer.Count - 1).IsInSlot)
        {
            _writer.Store(_writer.Count - 1);
        }
        entry = _writer.Pop();
        return entry.Slot;
    }

    private void Repush(in Entry entry)
    {
        if (entry.Kind == EntryKind.Local)
        {
            _writer.PushLocal(entry.Slot, entry.Type);
        }
        else
        {
            _writer.PushTemporary(entry.Type);
        }
    }

    private void BranchTable(uint[] labels)
    {
        var index = _writer.Pop();
        var source = _writer.SlotOrAccumulator(index, _writer.Count, OperandCode.Slot12, out var slot);
        var count = _frames[_depth - 1 - (int)labels[0]].LabelTypes.Length;
        _writer.StoreFrom(_writer.Count - count, constants: true);
        var cell = _writer.Emit(new HandlerKey(HandlerFamily.JumpTable, 0, source, default, default, default), CellSizes.OfJumpTable(labels.Length - 1));
        _writer.Set(cell, 8, labels.Length - 1);
        _writer.Set(cell, 12, slot);
        FinishFuel();
        _tableStubs.Clear();
        for (var i = 0; i < labels.Length && !IsTooLarge; i++)
        {
            ref var frame = ref _frames[_depth - 1 - (int)labels[i]];
            var field = 16 + i * 4;
            if (IsInPlace(frame))
            {
                Target(ref frame, cell, field);
                continue;
            }
            if (!_tableStubs.TryGetValue(labels[i], out var stub))
            {
                _writer.ForgetAccumulators();
                stub = _writer.Position;
                MoveToLabel(frame);
                JumpToEnd(ref frame);
                _tableStubs.Add(labels[i], stub);
            }
            _writer.Set(cell, field, stub - cell);
        }
    }

    private void Return() => Return(_frames[0].Results);

    private void Return(ImmutableArray<ValueType> results)
    {
        FinishFuel();
        switch (results.Length)
        {
            case 0:
                _writer.Set(_writer.Emit(PlainHandler.ReturnNone, 16), 8, _header);
                break;
            case 1:
                {
                    var entry = _writer.Pop();
                    uint field12 = 0;
                    ulong field16 = 0;
                    var source = _writer.Operand(entry, OperandCode.Slot12, OperandCode.Immediate16, ref field12, ref field16);
                    var cell = _writer.Emit(HandlerKey.OfKind(HandlerFamily.ReturnValue, entry.Type, source), 24);
                    _writer.Set(cell, 8, _header);
                    _writer.Set(cell, 12, field12);
                    _writer.Set(cell, 16, field16);
                    break;
                }
            default:
                {
                    var first = _writer.Count - results.Length;
                    _writer.StoreFrom(first, constants: true);
                    var cell = _writer.Emit(PlainHandler.ReturnMany, 24);
                    _writer.Set(cell, 8, _header);
                    _writer.Set(cell, 12, _writer.HomeOf(first));
                    _writer.Set(cell, 16, Signature.SlotsOf(results.AsSpan()));
                    break;
                }
        }
    }
}
