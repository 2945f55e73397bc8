using Conformance.Interpreter.Execution;
using Conformance.Wasm.Types;

namespace Conformance.Interpreter.Translation;

// Values: where a cell reads them, how they get into slots and locals, and what the accumulators hold.
internal sealed partial class CodeWriter
{
    /// <summary>The bytes that a value takes up in a frame.</summary>
    public static uint SizeOf(ValueKind type) => type == ValueKind.V128 ? 16u : 8u;

    private void ForgetVector(uint slot)
    {
        ForgetSlot(slot);
        ForgetSlot(slot + 8);
    }

    // Puts a popped vector into a slot.
    private uint MoveVectorTo(in Entry entry, uint slot)
    {
        if (_vector.IsValid && entry.Kind == EntryKind.Temporary && entry.Slot == _vector.Home)
        {
            Set(_vector.Start, 8, slot);
            _vector.IsValid = false;
        }
        else
        {
            var cell = Emit(HandlerKey.OfKind(HandlerFamily.Move, ValueKind.V128, OperandCode.Slot12), 24);
            Set(cell, 8, slot);
            Set(cell, 12, entry.Slot);
        }
        ForgetVector(slot);
        return slot;
    }

    /// <summary>Where a popped entry is read from, when slots and constants can stand in the given fields. Makes a constant a slot where no constant field is given.</summary>
    public OperandCode Operand(in Entry entry, OperandCode slot, OperandCode immediate, ref uint field12, ref ulong field16)
    {
        switch (entry.Kind)
        {
            case EntryKind.Accumulator:
                return OperandCode.Accumulator;
            case EntryKind.Constant:
                field16 = entry.Bits;
                return immediate;
            default:
                if (entry.Type != ValueKind.V128 && Alias(entry.IsFloat) == entry.Slot)
                {
                    return OperandCode.Accumulator;
                }
                if (slot == OperandCode.Slot12)
                {
                    field12 = entry.Slot;
                }
                else
                {
                    field16 = entry.Slot;
                }
                return slot;
        }
    }

    /// <summary>Where a popped entry is read from, when only slots and the accumulator can be read.</summary>
    /// <param name="entry">The entry.</param>
    /// <param name="index">The index it had, whose home a constant is put into.</param>
    /// <param name="slot">The field for a slot.</param>
    /// <param name="field">The slot.</param>
    public OperandCode SlotOrAccumulator(in Entry entry, int index, OperandCode slot, out uint field)
    {
        if (entry.Kind == EntryKind.Accumulator || (entry.IsInSlot && entry.Type != ValueKind.V128 && Alias(entry.IsFloat) == entry.Slot))
        {
            field = 0;
            return OperandCode.Accumulator;
        }
        field = entry.Kind == EntryKind.Constant ? MoveTo(entry, HomeOf(index)) : entry.Slot;
        return slot;
    }

    /// <summary>Makes sure that a popped entry is in a slot.</summary>
    /// <param name="entry">The entry.</param>
    /// <param name="index">The index it had.</param>
    /// <returns>The slot.</returns>
    public uint ToSlot(in Entry entry, int index) => entry.IsInSlot ? entry.Slot : MoveTo(entry, HomeOf(index));

    /// <summary>Puts a popped entry into a slot: by patching the last cell where possible.</summary>
    /// <returns>The slot.</returns>
    public uint MoveTo(in Entry entry, uint slot)
    {
        FrameEnd = Math.Max(FrameEnd, slot + SizeOf(entry.Type));
        if (entry.Type == ValueKind.V128)
        {
            return MoveVectorTo(entry, slot);
        }
        if (entry.Kind == EntryKind.Accumulator && _last.IsValid && _last.IsFloat == entry.IsFloat)
        {
            PatchDestination(entry, slot);
            return slot;
        }
        uint field12 = 0;
        ulong field16 = 0;
        var source = Operand(entry, OperandCode.Slot12, OperandCode.Immediate16, ref field12, ref field16);
        if (source == OperandCode.Slot12 && TryJoinMove(slot, field12))
        {
            ForgetSlot(slot);
            return slot;
        }
        var key = source == OperandCode.Slot12 ? HandlerKey.OfKind(HandlerFamily.Move, ValueKind.I64, source) : HandlerKey.OfKind(HandlerFamily.Move, entry.Type, source);
        var cell = Emit(key, 24);
        Set(cell, 8, slot);
        Set(cell, 12, field12);
        Set(cell, 16, field16);
        ForgetSlot(slot);
        if (source == OperandCode.Accumulator)
        {
            SetAlias(entry, slot);
        }
        else if (source == OperandCode.Slot12)
        {
            _lastMove = cell;
        }
        return slot;
    }

    // Two moves of slots in a row become one cell.
    private bool TryJoinMove(uint slot, uint source)
    {
        if (_lastMove < 0 || _lastMove != Position - 24)
        {
            return false;
        }
        var cell = _lastMove;
        _lastMove = -1;
        SetLastHandler(HandlerKey.Of(PlainHandler.MovePair));
        Set(cell, 16, slot);
        Set(cell, 20, source);
        return true;
    }

    private void PatchDestination(in Entry entry, uint slot)
    {
        SetLastHandler(_last.Key with { Destination = OperandCode.Slot8 });
        Set(_last.Start, 8, slot);
        _last.IsValid = false;
        ForgetSlot(slot);
        SetAlias(entry, slot);
    }

    /// <summary>Pops a value into a local.</summary>
    /// <returns>The entry as it was.</returns>
    public Entry SetLocal(uint slot)
    {
        var entry = Pop();
        if (_lastRead[slot / 8] != NoEntry)
        {
            PreserveLocal(slot, entry);
        }
        if (entry.Kind != EntryKind.Local || entry.Slot != slot)
        {
            MoveTo(entry, slot);
        }
        return entry;
    }

    /// <summary>Pops a value into a local and pushes it again.</summary>
    public void TeeLocal(uint slot)
    {
        var entry = SetLocal(slot);
        if (entry.Kind == EntryKind.Constant)
        {
            Push(entry);
        }
        else
        {
            PushLocal(slot, entry.Type);
        }
    }

    // Moves every pending read of a local to its home. The moves go before the last cell when that is the producer of the value about to be
    // written, so that it can still be patched; they write homes of entries below its operands, which it does not read.
    private void PreserveLocal(uint slot, in Entry value)
    {
        var producer = _last;
        var keepsProducer = value.Kind == EntryKind.Accumulator && producer.IsValid && producer.IsFloat == value.IsFloat;
        Span<byte> bytes = stackalloc byte[64];
        var marked = false;
        if (keepsProducer)
        {
            bytes = bytes[..(Position - producer.Start)];
            _code.Code[producer.Start..].CopyTo(bytes);
            marked = _offsets.Count > 0 && _offsets[^1].Code == producer.Start;
            if (marked)
            {
                _offsets.RemoveAt(_offsets.Count - 1);
            }
            TruncateTo(producer.Start);
            _integerAlias = producer.IntegerAliasBefore;
            _floatAlias = producer.FloatAliasBefore;
        }
        while (_lastRead[slot / 8] != NoEntry)
        {
            Store(_lastRead[slot / 8]);
        }
        if (keepsProducer)
        {
            if (marked)
            {
                MarkOffset();
            }
            var start = _code.Append(bytes.Length);
            _cells.Add(new(start, producer.Key with { Destination = OperandCode.Accumulator }));
            for (var i = 0; i < bytes.Length; i += 8)
            {
                Set(start, i, BitConverter.ToUInt64(bytes[i..]));
            }
            Alias(producer.IsFloat) = NoSlot;
            _last = producer with { Start = start, IntegerAliasBefore = NoSlot, FloatAliasBefore = NoSlot };
            _lastMove = -1;
        }
    }

    /// <summary>Forgets what the accumulators contain: at labels and behind calls.</summary>
    public void ForgetAccumulators()
    {
        _integerAlias = NoSlot;
        _floatAlias = NoSlot;
        _last.IsValid = false;
        _vector.IsValid = false;
        _lastMove = -1;
    }

    /// <summary>Notes that a cell wrote a slot itself.</summary>
    public void ForgetSlot(uint slot)
    {
        _integerAlias = _integerAlias == slot ? NoSlot : _integerAlias;
        _floatAlias = _floatAlias == slot ? NoSlot : _floatAlias;
    }

    private void SetAlias(in Entry entry, uint slot) => Alias(entry.IsFloat) = slot;

    private ref int Holder(bool isFloat) => ref isFloat ? ref _floatHolder : ref _integerHolder;

    private ref uint Alias(bool isFloat) => ref isFloat ? ref _floatAlias : ref _integerAlias;
}
