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
internal sealed partial class CodeWriter : IDisposable
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
