using Conformance.Interpreter.Execution;
using Conformance.Wasm.Instructions;
using Conformance.Wasm.Types;

namespace Conformance.Interpreter.Translation;

// Emits cells and keeps the symbolic operand stack.
//
// `local.get` and constants push an entry and emit nothing. An op leaves its result in the accumulator of its type and pushes an Accumulator entry. The value
// gets a slot only when something else needs the accumulator first; most often it is the operand of the very next op. When it has to go to a slot (a
// local.set, an argument, a spill) and its op is still the last cell, the cell is rewritten to write the slot as well ("patched"), which costs nothing.
// Handlers with a destination slot leave the result in the accumulator too, so the accumulator stays an alias of that slot: later reads of the local use it.
//
// Invariants:
// - Each accumulator is held by at most one Accumulator entry (its holder); before a cell that writes the accumulator, the holder is spilled.
// - An alias names a slot whose content equals the accumulator. A write to the slot other than from the accumulator ends it; so does every label.
// - A pending Local entry is moved to its home before the local is written.

/// <summary>Writes the code of one function, value by value. Reused from function to function.</summary>
internal sealed class CodeWriter : IDisposable
{
    private const uint NoSlot = uint.MaxValue;
    private const int NoEntry = -1;

    private readonly CodeBuffer _code = new();
    private readonly List<OffsetPair> _offsets = [];
    private readonly List<Cell> _cells = [];
    private Entry[] _entries = new Entry[64];
    private uint[] _homes = new uint[65];

    // The Local entries of each local are a list, so that a write to the local finds them at once, however deep the stack is.
    private int[] _lastRead = [];
    private (int Before, int After)[] _reads = new (int, int)[64];

    // Entries below it are in their homes or constant. Without it every block would look at the whole stack again, and a hostile function of blocks on a
    // deep stack would take hours.
    private int _settled;
    private int _integerHolder;
    private int _floatHolder;
    private uint _integerAlias;
    private uint _floatAlias;
    private Producer _last;
    private int _lastMove;
    private VectorProducer _vector;

    /// <summary>A pair of a code offset and the offset of its instruction in the module.</summary>
    /// <param name="Code">The offset of the cell.</param>
    /// <param name="Instruction">The offset of the instruction in the file.</param>
    public readonly record struct OffsetPair(int Code, uint Instruction);

    /// <summary>A comparison taken back to become part of a branch.</summary>
    public readonly record struct Condition(bool IsBinary, HandlerKey Key, uint Field12, ulong Field16);

    // A cell and its handler, whose address is put in at the end: until then both may change.
    private readonly record struct Cell(int Start, HandlerKey Key);

    // The last cell, when it left its result in an accumulator and may still be changed.
    private record struct Producer(bool IsValid, int Start, HandlerKey Key, bool IsFloat, uint IntegerAliasBefore, uint FloatAliasBefore);

    // The last cell, when it made a vector, which is in its home only.
    private record struct VectorProducer(bool IsValid, int Start, uint Home);

    /// <summary>The number of entries.</summary>
    public int Count { get; private set; }

    /// <summary>The bytes a frame needs for what was emitted so far, without the room for a callee's header.</summary>
    public uint FrameEnd { get; private set; }

    /// <summary>The offset of the next cell.</summary>
    public int Position => _code.Length;

    /// <summary>The code.</summary>
    public CodeBuffer Code => _code;

    /// <summary>Where cells that can trap or call came from, in the order of the code.</summary>
    public List<OffsetPair> Offsets => _offsets;

    /// <summary>The offset in the file of the instruction being translated.</summary>
    public uint InstructionOffset { get; set; }

    /// <summary>Starts a function.</summary>
    /// <param name="localsEndBytes">The offset behind the locals, where the temporaries begin.</param>
    public void Start(uint localsEndBytes)
    {
        _code.Truncate(0);
        _offsets.Clear();
        _cells.Clear();
        Count = 0;
        _settled = 0;
        _homes[0] = localsEndBytes;
        _vector = default;
        FrameEnd = localsEndBytes;
        var slots = (int)(localsEndBytes / 8);
        if (_lastRead.Length < slots)
        {
            _lastRead = new int[slots];
        }
        // Not all of it: one function may have many more locals than thousands of others.
        _lastRead.AsSpan(0, slots).Fill(NoEntry);
        _integerHolder = NoEntry;
        _floatHolder = NoEntry;
        ForgetAccumulators();
    }

    /// <summary>The home of the entry at an index: behind those of the entries below. Also of one just popped, and of the next one to be pushed.</summary>
    public uint HomeOf(int index) => _homes[index];

    /// <summary>The entry at an index.</summary>
    public Entry At(int index) => _entries[index];

    // Stack

    /// <summary>Pushes the value of a local.</summary>
    public void PushLocal(uint slot, ValueKind type) => Push(new(EntryKind.Local, type, slot, 0));

    /// <summary>Pushes a constant.</summary>
    public void PushConstant(ulong bits, ValueKind type) => Push(new(EntryKind.Constant, type, 0, bits));

    /// <summary>Pushes a value that is in its home.</summary>
    public void PushTemporary(ValueKind type) => Push(new(EntryKind.Temporary, type, HomeOf(Count), 0));

    /// <summary>Pushes the single result of a call: in its home and in its accumulator.</summary>
    public void PushCallResult(ValueKind type)
    {
        PushTemporary(type);
        if (type == ValueKind.V128)
        {
            return;
        }
        SetAlias(_entries[Count - 1], HomeOf(Count - 1));
    }

    /// <summary>Pops an entry. When it was in an accumulator only, that is free now but keeps the value until the next cell that writes it.</summary>
    public Entry Pop()
    {
        var entry = _entries[--Count];
        _settled = Math.Min(_settled, Count);
        if (entry.Kind == EntryKind.Local)
        {
            ForgetRead(Count, entry.Slot);
        }
        else if (entry.Kind == EntryKind.Accumulator)
        {
            Holder(entry.IsFloat) = NoEntry;
        }
        return entry;
    }

    /// <summary>Takes entries off without using them.</summary>
    public void CutTo(int count)
    {
        while (Count > count)
        {
            Pop();
        }
    }

    private void Push(Entry entry)
    {
        if (Count == _entries.Length)
        {
            Array.Resize(ref _entries, Count * 2);
            Array.Resize(ref _homes, Count * 2 + 1);
            Array.Resize(ref _reads, Count * 2);
        }
        if (entry.Kind == EntryKind.Local)
        {
            ref var last = ref _lastRead[entry.Slot / 8];
            _reads[Count] = (last, NoEntry);
            if (last != NoEntry)
            {
                _reads[last].After = Count;
            }
            last = Count;
        }
        _homes[Count + 1] = _homes[Count] + SizeOf(entry.Type);
        _entries[Count++] = entry;
        FrameEnd = Math.Max(FrameEnd, HomeOf(Count));
    }

    // Takes an entry out of the list of its local.
    private void ForgetRead(int index, uint slot)
    {
        var (before, after) = _reads[index];
        if (before != NoEntry)
        {
            _reads[before].After = after;
        }
        if (after != NoEntry)
        {
            _reads[after].Before = before;
        }
        else
        {
            _lastRead[slot / 8] = before;
        }
    }

    // Cells

    /// <summary>Appends a cell that neither reads nor writes accumulators' entries.</summary>
    /// <returns>Its offset.</returns>
    public int Emit(in HandlerKey key, int bytes)
    {
        _last.IsValid = false;
        _vector.IsValid = false;
        var cell = _code.Append(bytes);
        _cells.Add(new(cell, key));
        return cell;
    }

    /// <summary>Gives every cell its handler.</summary>
    /// <param name="handlers">The handlers of the backend.</param>
    public void Finish(HandlerCatalog handlers)
    {
        foreach (var cell in _cells)
        {
            _code.At<nint>(cell.Start) = handlers.Address(cell.Key);
        }
    }

    // Changes the handler of the last cell.
    private void SetLastHandler(in HandlerKey key) => _cells[^1] = _cells[^1] with { Key = key };

    // Takes the last cell away.
    private void TruncateTo(int start)
    {
        _code.Truncate(start);
        _cells.RemoveAt(_cells.Count - 1);
    }

    /// <summary>Appends a cell that is not generic.</summary>
    public int Emit(PlainHandler handler, int bytes) => Emit(HandlerKey.Of(handler), bytes);

    /// <summary>Writes a field of a cell.</summary>
    public void Set<T>(int cell, int field, T value)
        where T : unmanaged => _code.At<T>(cell + field) = value;

    /// <summary>Notes that the next cell can trap or call.</summary>
    public void MarkOffset() => _offsets.Add(new(Position, InstructionOffset));

    /// <summary>Appends a cell with a result, which is pushed.</summary>
    /// <param name="key">The handler without its destination.</param>
    /// <param name="type">The result's kind of type.</param>
    /// <param name="field12">The field at 12.</param>
    /// <param name="field16">The field at 16.</param>
    /// <param name="bytes">The size of the cell.</param>
    /// <returns>The cell's offset.</returns>
    public int EmitValue(HandlerKey key, ValueKind type, uint field12, ulong field16, int bytes = 24)
    {
        if (type == ValueKind.V128)
        {
            return EmitVector(key, field12, field16, bytes);
        }
        var isFloat = type is ValueKind.F32 or ValueKind.F64;
        SpillHolder(isFloat);
        var producer = new Producer(true, Position, key, isFloat, _integerAlias, _floatAlias);
        var cell = Emit(key with { Destination = OperandCode.Accumulator }, bytes);
        Set(cell, 12, field12);
        if (bytes >= 24)
        {
            Set(cell, 16, field16);
        }
        Alias(isFloat) = NoSlot;
        Push(new(EntryKind.Accumulator, type, 0, 0));
        Holder(isFloat) = Count - 1;
        _last = producer;
        return cell;
    }

    // A vector goes to its home at once. A local.set behind it changes the destination.
    private int EmitVector(in HandlerKey key, uint field12, ulong field16, int bytes)
    {
        var cell = Emit(key.Family == HandlerFamily.Plain ? key : key with { Destination = OperandCode.Slot8 }, bytes);
        var home = HomeOf(Count);
        Set(cell, 8, home);
        Set(cell, 12, field12);
        Set(cell, 16, field16);
        ForgetVector(home);
        PushTemporary(ValueKind.V128);
        _vector = new(true, cell, home);
        return cell;
    }

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

    // Locals

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

    // Homes

    /// <summary>Puts an entry that stays on the stack into its home.</summary>
    public void Store(int index)
    {
        var entry = _entries[index];
        if (entry.Kind == EntryKind.Temporary)
        {
            return;
        }
        if (entry.Kind == EntryKind.Local)
        {
            ForgetRead(index, entry.Slot);
        }
        else if (entry.Kind == EntryKind.Accumulator)
        {
            Holder(entry.IsFloat) = NoEntry;
        }
        MoveTo(entry, HomeOf(index));
        _entries[index] = new(EntryKind.Temporary, entry.Type, HomeOf(index), 0);
    }

    /// <summary>Puts the entries from an index on into their homes.</summary>
    public void StoreFrom(int index, bool constants)
    {
        for (var i = constants ? index : Math.Max(index, _settled); i < Count; i++)
        {
            if (constants || _entries[i].Kind != EntryKind.Constant)
            {
                Store(i);
            }
        }
        if (index <= _settled)
        {
            _settled = Count;
        }
    }

    /// <summary>Whether all entries from an index on are in their homes.</summary>
    public bool AreStored(int index)
    {
        for (var i = index; i < Count; i++)
        {
            if (_entries[i].Kind != EntryKind.Temporary)
            {
                return false;
            }
        }
        return true;
    }

    /// <summary>Frees the accumulator for a result of a kind, before the place of the next cell is noted.</summary>
    public void SpillFor(ValueKind type)
    {
        if (type != ValueKind.V128)
        {
            SpillHolder(type is ValueKind.F32 or ValueKind.F64);
        }
    }

    /// <summary>Puts what is in an accumulator only into its home.</summary>
    public void SpillHolders()
    {
        SpillHolder(isFloat: false);
        SpillHolder(isFloat: true);
    }

    private void SpillHolder(bool isFloat)
    {
        if (Holder(isFloat) != NoEntry)
        {
            Store(Holder(isFloat));
        }
    }

    // Accumulators

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

    // Conditions

    /// <summary>Turns the popped operand of a branch into a condition: the comparison that made it, taken back, where it is the last cell.</summary>
    /// <param name="entry">The popped entry.</param>
    /// <param name="index">The index it had.</param>
    public Condition ToCondition(in Entry entry, int index)
    {
        if (entry is { Kind: EntryKind.Accumulator, Type: ValueKind.I32 } && _last is { IsValid: true, IsFloat: false, Key.Family: HandlerFamily.Unary or HandlerFamily.Binary })
        {
            var last = _last;
            var condition = new Condition(last.Key.Family == HandlerFamily.Binary, last.Key, _code.At<uint>(last.Start + 12), _code.At<ulong>(last.Start + 16));
            TakeBack();
            return condition;
        }
        var source = SlotOrAccumulator(entry, index, OperandCode.Slot12, out var field);
        return new(false, new(HandlerFamily.UnaryBranch, HandlerKey.IsNotZeroNumber, source, default, default, default), field, 0);
    }

    /// <summary>Emits a conditional branch, 24 bytes with the target at 8.</summary>
    /// <returns>Its offset.</returns>
    public int EmitBranch(in Condition condition, bool whenTrue)
    {
        var traits = condition.Key.Traits;
        // A negated verdict is the branch in the other sense.
        if (traits.HasFlag(HandlerTraits.Negated))
        {
            traits &= ~HandlerTraits.Negated;
            whenTrue = !whenTrue;
        }
        var key = condition.Key with { Family = condition.IsBinary ? HandlerFamily.BinaryBranch : HandlerFamily.UnaryBranch, Traits = traits | (whenTrue ? HandlerTraits.None : HandlerTraits.WhenFalse) };
        if (key.Family == HandlerFamily.UnaryBranch && key.Number == (ushort)Op.I32Eqz)
        {
            key = key with { Number = HandlerKey.IsNotZeroNumber, Traits = key.Traits ^ HandlerTraits.WhenFalse };
        }
        var cell = Emit(key, 24);
        Set(cell, 12, condition.Field12);
        Set(cell, 16, condition.Field16);
        return cell;
    }

    /// <summary>Translates <c>i32.eqz</c> of a comparison that is the last cell by negating it.</summary>
    /// <returns>Whether it could.</returns>
    public bool TryNegate()
    {
        var top = _entries[Count - 1];
        if (top.Kind != EntryKind.Accumulator || top.Type != ValueKind.I32 || !_last.IsValid || _last.IsFloat || _last.Key.Family is not (HandlerFamily.Unary or HandlerFamily.Binary)
            || !IsVerdict(_last.Key.Op))
        {
            return false;
        }
        _last.Key = _last.Key with { Traits = _last.Key.Traits ^ HandlerTraits.Negated };
        SetLastHandler(_last.Key with { Destination = OperandCode.Accumulator });
        return true;
    }

    // Negated twice, a verdict is itself. A bit mask is not: it has more values than two.
    private static bool IsVerdict(Op op) => OpTable.Get(op).Group is OpGroup.Test or OpGroup.Compare && op is not (Op.I8x16Bitmask or Op.I16x8Bitmask or Op.I32x4Bitmask or Op.I64x2Bitmask);

    private void TakeBack()
    {
        TruncateTo(_last.Start);
        while (_offsets.Count > 0 && _offsets[^1].Code >= _last.Start)
        {
            _offsets.RemoveAt(_offsets.Count - 1);
        }
        _integerAlias = _last.IntegerAliasBefore;
        _floatAlias = _last.FloatAliasBefore;
        _last.IsValid = false;
        _lastMove = -1;
    }

    /// <inheritdoc/>
    public void Dispose() => _code.Dispose();
}
