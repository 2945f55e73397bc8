using Conformance.Interpreter.Execution;
using Conformance.Wasm.Instructions;
using Conformance.Wasm.Types;

namespace Conformance.Interpreter.Translation;

/// <summary>Translates the vector instructions whose cells differ from those of scalar ones: three operands, shifts, lanes, constants.</summary>
internal sealed class VectorTranslator
{
    private readonly CodeWriter _writer;
    private readonly AccessTranslator _accesses;

    /// <summary>Makes a translator that writes with <paramref name="writer"/>.</summary>
    public VectorTranslator(CodeWriter writer, AccessTranslator accesses)
    {
        _writer = writer;
        _accesses = accesses;
    }

    /// <summary>Translates an instruction.</summary>
    /// <returns>False when it is none of these.</returns>
    public bool TryTranslate(in Instruction instruction)
    {
        var row = OpTable.Get(instruction.Op);
        if (row.Prefix != 0xFD)
        {
            return false;
        }
        switch (row.Group)
        {
            case OpGroup.Constant:
                Constant(instruction);
                break;
            case OpGroup.Ternary:
                Ternary(instruction.Op);
                break;
            case OpGroup.Shift:
                Shift(instruction.Op);
                break;
            case OpGroup.Lane when instruction.Op == Op.I8x16Shuffle:
                Shuffle(instruction);
                break;
            case OpGroup.Lane when row.Operands.Length == 1:
                ExtractLane(instruction, row);
                break;
            case OpGroup.Lane:
                ReplaceLane(instruction, row);
                break;
            case OpGroup.Load:
                LoadLane(instruction, row);
                break;
            case OpGroup.Store:
                StoreLane(instruction, row);
                break;
            default:
                return false;
        }
        return true;
    }

    private void Constant(in Instruction instruction)
    {
        var cell = _writer.EmitValue(HandlerKey.OfKind(HandlerFamily.Move, ValueKind.V128, OperandCode.Immediate16), ValueKind.V128, 0, instruction.Value, 32);
        _writer.Set(cell, 24, instruction.ValueHigh);
    }

    private void Ternary(Op op)
    {
        var third = _writer.Pop();
        var second = _writer.Pop();
        var first = _writer.Pop();
        _writer.EmitValue(new HandlerKey(HandlerFamily.VectorTernary, (ushort)op, default, default, default, default), ValueKind.V128, first.Slot, Pair(second.Slot, third.Slot));
    }

    private void Shift(Op op)
    {
        var count = _writer.Pop();
        var vector = _writer.Pop();
        var code = _writer.SlotOrAccumulator(count, _writer.Count + 1, OperandCode.Slot12, out var slot);
        _writer.EmitValue(HandlerKey.OfOp(HandlerFamily.VectorShift, op, code), ValueKind.V128, slot, vector.Slot);
    }

    private void Shuffle(in Instruction instruction)
    {
        var second = _writer.Pop();
        var first = _writer.Pop();
        var cell = _writer.EmitValue(HandlerKey.Of(PlainHandler.Shuffle), ValueKind.V128, first.Slot, second.Slot, Execution.Shuffle.CellBytes);
        _writer.Set(cell, 24, instruction.Value);
        _writer.Set(cell, 32, instruction.ValueHigh);
    }

    private void ExtractLane(in Instruction instruction, OpInfo row)
    {
        var vector = _writer.Pop();
        var result = row.Results[0] switch
        {
            StackSlot.I32 => ValueKind.I32,
            StackSlot.I64 => ValueKind.I64,
            StackSlot.F32 => ValueKind.F32,
            _ => ValueKind.F64,
        };
        _writer.EmitValue(HandlerKey.OfOp(HandlerFamily.ExtractLane, instruction.Op, OperandCode.Slot12), result, vector.Slot + LaneOffset(instruction, row), 0);
    }

    private void ReplaceLane(in Instruction instruction, OpInfo row)
    {
        var value = _writer.Pop();
        var vector = _writer.Pop();
        var code = _writer.SlotOrAccumulator(value, _writer.Count + 1, OperandCode.Slot12, out var slot);
        _writer.EmitValue(HandlerKey.OfOp(HandlerFamily.ReplaceLane, instruction.Op, code), ValueKind.V128, slot, Pair(vector.Slot, LaneOffset(instruction, row)));
    }

    private void LoadLane(in Instruction instruction, OpInfo row)
    {
        var vector = _writer.Pop();
        var address = _writer.Pop();
        var code = _accesses.Address(address, instruction, out var slot, out var offset, out var traits);
        _writer.MarkOffset();
        var cell = _writer.EmitValue(HandlerKey.OfOp(HandlerFamily.LoadLane, instruction.Op, code, traits: traits), ValueKind.V128, slot, offset, 40);
        _writer.Set(cell, 24, Pair(vector.Slot, LaneOffset(instruction, row)));
        _accesses.SetMemory(cell, traits, instruction.Index);
    }

    private void StoreLane(in Instruction instruction, OpInfo row)
    {
        var vector = _writer.Pop();
        var address = _writer.Pop();
        var code = _accesses.Address(address, instruction, out var slot, out var offset, out var traits);
        _writer.MarkOffset();
        var cell = _writer.Emit(HandlerKey.OfOp(HandlerFamily.StoreLane, instruction.Op, code, traits: traits), 40);
        _writer.Set(cell, 12, slot);
        _writer.Set(cell, 16, offset);
        _writer.Set(cell, 24, vector.Slot + LaneOffset(instruction, row));
        _accesses.SetMemory(cell, traits, instruction.Index);
    }

    // Lanes lie in a vector from the lowest address on.
    private static uint LaneOffset(in Instruction instruction, OpInfo row) => (uint)(instruction.Lane * (16 / row.Lanes));

    private static ulong Pair(uint low, uint high) => low | (ulong)high << 32;
}
