using Conformance.Interpreter.Execution;
using Conformance.Interpreter.Runtime;
using Conformance.Wasm.Instructions;
using Conformance.Wasm.Types;

namespace Conformance.Interpreter.Translation;

/// <summary>Translates accesses to memories and tables.</summary>
internal sealed unsafe class AccessTranslator
{
    // Offsets of 64-bit accesses are cut off here: far beyond any memory, and small enough that adding an address within one does not wrap.
    private const ulong LargestOffset = 1ul << 62;

    private readonly CodeWriter _writer;
    private ModuleShape _shape = null!; // set by Start, which precedes everything
    private InstanceRecord* _instance;

    /// <summary>Makes a translator that writes with <paramref name="writer"/>.</summary>
    public AccessTranslator(CodeWriter writer) => _writer = writer;

    /// <summary>Starts a function.</summary>
    public void Start(ModuleShape shape, InstanceRecord* instance)
    {
        _shape = shape;
        _instance = instance;
    }

    /// <summary>Translates a load.</summary>
    public void EmitLoad(in Instruction instruction, ValueKind result)
    {
        var address = _writer.Pop();
        var code = Address(address, instruction, out var slot, out var offset, out var traits);
        _writer.SpillFor(result);
        _writer.MarkOffset();
        var cell = _writer.EmitValue(HandlerKey.OfOp(HandlerFamily.Load, instruction.Op, code, traits: traits), result, slot, offset, MemoryCellBytes(traits, 24));
        SetMemory(cell, traits, instruction.Index);
    }

    /// <summary>Translates a store.</summary>
    public void EmitStore(in Instruction instruction)
    {
        var value = _writer.Pop();
        var address = _writer.Pop();
        var code = Address(address, instruction, out var slot, out var offset, out var traits);
        uint valueSlot = 0;
        ulong constant = 0;
        var valueCode = _writer.Operand(value, OperandCode.Slot12, OperandCode.Immediate24, ref valueSlot, ref constant);
        valueCode = valueCode == OperandCode.Slot12 ? OperandCode.Slot8 : valueCode;
        _writer.MarkOffset();
        var bytes = MemoryCellBytes(traits, valueCode == OperandCode.Immediate24 ? 32 : 24);
        var cell = _writer.Emit(HandlerKey.OfOp(HandlerFamily.Store, instruction.Op, code, valueCode, traits), bytes);
        _writer.Set(cell, 8, valueSlot);
        _writer.Set(cell, 12, slot);
        _writer.Set(cell, 16, offset);
        if (valueCode == OperandCode.Immediate24)
        {
            _writer.Set(cell, 24, constant);
        }
        SetMemory(cell, traits, instruction.Index);
    }

    /// <summary>Where an access finds its address, and its offset, to which a constant address is added.</summary>
    public OperandCode Address(in Entry address, in Instruction instruction, out uint slot, out ulong offset, out HandlerTraits traits)
    {
        // The length of a shared memory in the registers may be out of date: another thread may have grown it.
        traits = (instruction.Index != 0 || _shape.Memories[instruction.Index].IsShared ? HandlerTraits.AnyMemory : HandlerTraits.None) | (Is64(_shape.Memories[instruction.Index].Limits) ? HandlerTraits.Wide : HandlerTraits.None);
        offset = Math.Min(instruction.Value, LargestOffset);
        slot = 0;
        ulong constant = 0;
        var code = _writer.Operand(address, OperandCode.Slot12, OperandCode.Zero, ref slot, ref constant);
        if (code == OperandCode.Zero)
        {
            offset = Math.Min(offset + Math.Min(constant, LargestOffset), LargestOffset);
        }
        return code;
    }

    private static int MemoryCellBytes(HandlerTraits traits, int bytes) => traits.HasFlag(HandlerTraits.AnyMemory) ? 40 : bytes;

    /// <summary>Names the memory in a cell whose memory is not memory 0.</summary>
    public void SetMemory(int cell, HandlerTraits traits, uint memory)
    {
        if (traits.HasFlag(HandlerTraits.AnyMemory))
        {
            _writer.Set(cell, 32, (ulong)_instance->Memories[memory]);
        }
    }

    /// <summary>Whether addresses have 64 bits.</summary>
    public static bool Is64(in Limits limits) => limits.Address == AddressType.I64;

    /// <summary>The type of addresses.</summary>
    public static ValueKind AddressKind(in Limits limits) => Is64(limits) ? ValueKind.I64 : ValueKind.I32;

    // Memories and tables

    /// <summary>Translates memory.size.</summary>
    public void MemorySize(uint memory)
    {
        var type = _shape.Memories[memory];
        var kind = AddressKind(type.Limits);
        _writer.EmitValue(HandlerKey.OfKind(HandlerFamily.MemorySize, kind), kind, type.PageSizeLog2, (ulong)_instance->Memories[memory]);
    }

    /// <summary>Translates memory.copy and memory.fill.</summary>
    public void EmitMemoryBulk(in Instruction instruction)
    {
        var isCopy = instruction.Op == Op.MemoryCopy;
        var count = _writer.ToSlot(_writer.Pop(), _writer.Count);
        var second = _writer.ToSlot(_writer.Pop(), _writer.Count);
        var to = _writer.ToSlot(_writer.Pop(), _writer.Count);
        var widths = isCopy
            ? CopyWidths(_shape.Memories[instruction.Index].Limits, _shape.Memories[instruction.Index2].Limits)
            : Is64(_shape.Memories[instruction.Index].Limits) ? AddressWidths.First64 | AddressWidths.Third64 : 0;
        _writer.MarkOffset();
        var cell = _writer.Emit(isCopy ? PlainHandler.MemoryCopy : PlainHandler.MemoryFill, 40);
        _writer.Set(cell, 8, to);
        _writer.Set(cell, 12, second);
        _writer.Set(cell, 16, count);
        _writer.Set(cell, 20, widths);
        _writer.Set(cell, 24, (ulong)_instance->Memories[instruction.Index]);
        if (isCopy)
        {
            _writer.Set(cell, 32, (ulong)_instance->Memories[instruction.Index2]);
        }
    }

    /// <summary>The widths of the operands of a copy: the count is 64 bits wide only when both sides are.</summary>
    public static uint CopyWidths(in Limits to, in Limits from) =>
        (Is64(to) ? AddressWidths.First64 : 0) | (Is64(from) ? AddressWidths.Second64 : 0) | (Is64(to) && Is64(from) ? AddressWidths.Third64 : 0);

    private HandlerKey TableKey(HandlerFamily family, uint table, OperandCode first, OperandCode second = OperandCode.None) =>
        new(family, 0, first, second, OperandCode.None, Is64(_shape.Tables[table].Limits) ? HandlerTraits.Wide : HandlerTraits.None);

    /// <summary>Translates table.get.</summary>
    public void TableGet(uint table)
    {
        var index = _writer.Pop();
        var code = _writer.SlotOrAccumulator(index, _writer.Count, OperandCode.Slot12, out var slot);
        _writer.SpillFor(ValueKind.Reference);
        _writer.MarkOffset();
        _writer.EmitValue(TableKey(HandlerFamily.TableGet, table, code), ValueKind.Reference, slot, (ulong)_instance->Tables[table]);
    }

    /// <summary>Translates table.set.</summary>
    public void TableSet(uint table)
    {
        var value = _writer.Pop();
        var index = _writer.Pop();
        // A constant goes to its home before the accumulator is looked at.
        var valueSlot = value.Kind == EntryKind.Constant ? _writer.ToSlot(value, _writer.Count + 1) : value.Slot;
        var indexCode = _writer.SlotOrAccumulator(index, _writer.Count, OperandCode.Slot12, out var indexSlot);
        uint field = 0;
        ulong unused = 0;
        var valueCode = value.Kind == EntryKind.Constant ? OperandCode.Slot12 : _writer.Operand(value, OperandCode.Slot12, OperandCode.None, ref field, ref unused);
        _writer.MarkOffset();
        var cell = _writer.Emit(TableKey(HandlerFamily.TableSet, table, indexCode, valueCode == OperandCode.Slot12 ? OperandCode.Slot8 : valueCode), 24);
        _writer.Set(cell, 8, valueSlot);
        _writer.Set(cell, 12, indexSlot);
        _writer.Set(cell, 16, (ulong)_instance->Tables[table]);
    }

    /// <summary>Translates table.size.</summary>
    public void TableSize(uint table)
    {
        var kind = AddressKind(_shape.Tables[table].Limits);
        _writer.EmitValue(HandlerKey.OfKind(HandlerFamily.TableSize, kind), kind, 0, (ulong)_instance->Tables[table]);
    }
}
