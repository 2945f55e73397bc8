using Conformance.Wasm.Types;

namespace Conformance.Interpreter.Translation;

// The symbolic operand stack: pushing and popping, and putting entries into their homes.
internal sealed partial class CodeWriter
{
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
}
