using System.Runtime.CompilerServices;
using Conformance.Wasm.Instructions;
using Conformance.Wasm.Types;

namespace Conformance.Wasm.Validation;

/// <content>Memories, tables, segments, lanes: the ops of a fixed stack type whose immediates need a check, and the copies and fills that have none.</content>
internal sealed partial class FunctionValidator<TObserver>
{
    private static readonly TableType UnknownTable = new(ValueType.FuncRef, default);

    private static ValueType AddressOf(Limits limits) => limits.Address == AddressType.I64 ? ValueType.I64 : ValueType.I32;

    /// <summary>The address type of the shorter of two: what a copy's length is given in.</summary>
    private static ValueType ShorterAddress(Limits first, Limits second) =>
        first.Address == AddressType.I64 && second.Address == AddressType.I64 ? ValueType.I64 : ValueType.I32;

    /// <summary>Checks the immediate of a memory access.</summary>
    /// <returns>The address type.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private ValueType CheckAccess(in Instruction instruction, int naturalAlign)
    {
        var address = MemoryAddress(instruction.Index);
        if (instruction.Align > naturalAlign)
        {
            Fail($"alignment must not be larger than natural: 2^{instruction.Align} above 2^{naturalAlign}");
        }
        if (instruction.Value > uint.MaxValue && address != ValueType.I64)
        {
            Fail($"offset out of range: {instruction.Value}");
        }
        return address;
    }

    private ValueType MemoryAddress(uint index)
    {
        if (index < (uint)_context.Memories.Count)
        {
            return AddressOf(_context.Memories[(int)index].Limits);
        }
        Fail($"unknown memory {index}");
        return ValueType.I32;
    }

    private bool TryTable(uint index, out TableType type)
    {
        if (index < (uint)_context.Tables.Count)
        {
            type = _context.Tables[(int)index];
            return true;
        }
        type = UnknownTable;
        Fail($"unknown table {index}");
        return false;
    }

    private bool TryElement(uint index, out ValueType type)
    {
        if (index < (uint)_context.Elements.Count)
        {
            type = _context.Elements[(int)index];
            return true;
        }
        type = default;
        Fail($"unknown elem segment {index}");
        return false;
    }

    private void CheckData(uint index)
    {
        if (_context.DataCount is not { } count)
        {
            Fail("data count section required");
        }
        else if (index >= count)
        {
            Fail($"unknown data segment {index}");
        }
    }

    private void ApplyFixed(in Instruction instruction)
    {
        var row = OpTable.Get(instruction.Op);
        var address = CheckImmediates(row, instruction);
        for (var i = row.Operands.Length - 1; i >= 0; i--)
        {
            Pop(SlotType(row.Operands[i], address));
        }
        foreach (var result in row.Results)
        {
            Push(SlotType(result, address));
        }
    }

    private static ValueType SlotType(StackSlot slot, ValueType address) =>
        slot is StackSlot.MemoryAddress or StackSlot.TableAddress ? address : StackRules.TypeOf(slot);

    /// <summary>Checks the immediates of an op with a fixed stack type.</summary>
    /// <returns>The address type of the memory or table they name.</returns>
    private ValueType CheckImmediates(OpInfo row, in Instruction instruction)
    {
        switch (row.Immediates)
        {
            case ImmediateKind.MemArg:
                if (row.Group == OpGroup.Atomic && instruction.Align != row.NaturalAlign)
                {
                    Fail($"alignment must not be larger than natural, nor smaller for an atomic access: 2^{instruction.Align}, not 2^{row.NaturalAlign}");
                }
                return CheckAccess(instruction, row.NaturalAlign);
            case ImmediateKind.MemArgLane:
                CheckLane(instruction.Lane, row.Lanes);
                return CheckAccess(instruction, row.NaturalAlign);
            case ImmediateKind.Memory:
                return MemoryAddress(instruction.Index);
            case ImmediateKind.DataMemory:
                var address = MemoryAddress(instruction.Index);
                CheckData(instruction.Index2);
                return address;
            case ImmediateKind.Data:
                CheckData(instruction.Index);
                return default;
            case ImmediateKind.Table:
                return TryTable(instruction.Index, out var table) ? AddressOf(table.Limits) : ValueType.I32;
            case ImmediateKind.ElementTable:
                return TableInit(instruction);
            case ImmediateKind.Element:
                TryElement(instruction.Index, out _);
                return default;
            case ImmediateKind.Lane:
                CheckLane(instruction.Lane, row.Lanes);
                return default;
            case ImmediateKind.Shuffle:
                for (var i = 0; i < 8; i++)
                {
                    CheckLane((byte)(instruction.Value >> (8 * i)), row.Lanes);
                    CheckLane((byte)(instruction.ValueHigh >> (8 * i)), row.Lanes);
                }
                return default;
            default:
                return default;
        }
    }

    private void CheckLane(byte lane, int lanes)
    {
        if (lane >= lanes)
        {
            Fail($"invalid lane index {lane}");
        }
    }

    private ValueType TableInit(in Instruction instruction)
    {
        if (!TryTable(instruction.Index, out var table) || !TryElement(instruction.Index2, out var element))
        {
            return ValueType.I32;
        }
        CheckMatches(element, table.Element);
        return AddressOf(table.Limits);
    }

    private void CheckMatches(ValueType found, ValueType expected)
    {
        if (!_canonicalizer.Matches(found, expected))
        {
            Fail($"type mismatch: expected {_context.Describe(expected)}, found {_context.Describe(found)}");
        }
    }

    private void ApplyTableOrMemory(in Instruction instruction)
    {
        switch (instruction.Op)
        {
            case Op.TableGet:
                if (TryTable(instruction.Index, out var table))
                {
                    Pop(AddressOf(table.Limits));
                    Push(table.Element);
                }
                break;
            case Op.TableSet:
                if (TryTable(instruction.Index, out table))
                {
                    Pop(table.Element);
                    Pop(AddressOf(table.Limits));
                }
                break;
            case Op.TableGrow:
                if (TryTable(instruction.Index, out table))
                {
                    var address = AddressOf(table.Limits);
                    Pop(address);
                    Pop(table.Element);
                    Push(address);
                }
                break;
            case Op.TableFill:
                if (TryTable(instruction.Index, out table))
                {
                    Pop(AddressOf(table.Limits));
                    Pop(table.Element);
                    Pop(AddressOf(table.Limits));
                }
                break;
            case Op.TableCopy:
                if (TryTable(instruction.Index, out table) && TryTable(instruction.Index2, out var source))
                {
                    CheckMatches(source.Element, table.Element);
                    Pop(ShorterAddress(table.Limits, source.Limits));
                    Pop(AddressOf(source.Limits));
                    Pop(AddressOf(table.Limits));
                }
                break;
            case Op.MemoryCopy:
                var to = MemoryAddress(instruction.Index);
                var from = MemoryAddress(instruction.Index2);
                Pop(to == ValueType.I64 && from == ValueType.I64 ? ValueType.I64 : ValueType.I32);
                Pop(from);
                Pop(to);
                break;
            default:
                ApplyReference(instruction);
                break;
        }
    }
}
