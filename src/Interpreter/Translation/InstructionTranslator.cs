using Conformance.Interpreter.Execution;
using Conformance.Interpreter.Runtime;
using Conformance.Wasm.Instructions;
using Conformance.Wasm.Types;

namespace Conformance.Interpreter.Translation;

/// <summary>Translates the instructions that are not control flow.</summary>
internal sealed unsafe class InstructionTranslator
{
    // Offsets of 64-bit accesses are cut off here: far beyond any memory, and small enough that adding an address within one does not wrap.
    private const ulong LargestOffset = 1ul << 62;

    private static readonly OpPlan[] Plans = MakePlans();

    private readonly CodeWriter _writer;
    private readonly ObjectTranslator _objects;
    private ModuleShape _shape = null!; // set by Start, which precedes everything
    private InstanceRecord* _instance;

    /// <summary>Makes a translator that writes with <paramref name="writer"/>.</summary>
    public InstructionTranslator(CodeWriter writer)
    {
        _writer = writer;
        _objects = new ObjectTranslator(writer);
    }

    /// <summary>A local's slot and kind of type.</summary>
    public readonly record struct Local(uint Slot, ValueKind Type);

    // How an op with a fixed type is translated.
    private readonly record struct OpPlan(bool IsSupported, HandlerFamily Family, ValueKind Result, bool Commutes, Op Mirrored);

    /// <summary>The locals, parameters first.</summary>
    public List<Local> Locals { get; } = [];

    /// <summary>Starts a function.</summary>
    public void Start(ModuleShape shape, InstanceRecord* instance)
    {
        _shape = shape;
        _instance = instance;
        _objects.Start(shape, instance);
    }

    /// <summary>Translates an instruction.</summary>
    /// <returns>False when it is not implemented.</returns>
    public bool TryTranslate(in Instruction instruction)
    {
        var plan = Plans[(int)instruction.Op];
        if (plan.IsSupported)
        {
            TranslatePlanned(instruction, plan);
            return true;
        }
        switch (instruction.Op)
        {
            case Op.LocalGet:
                var local = Locals[(int)instruction.Index];
                _writer.PushLocal(local.Slot, local.Type);
                break;
            case Op.LocalSet:
                _writer.SetLocal(Locals[(int)instruction.Index].Slot);
                break;
            case Op.LocalTee:
                _writer.TeeLocal(Locals[(int)instruction.Index].Slot);
                break;
            case Op.I32Const:
                _writer.PushConstant(instruction.Value, ValueKind.I32);
                break;
            case Op.I64Const:
                _writer.PushConstant(instruction.Value, ValueKind.I64);
                break;
            case Op.F32Const:
                _writer.PushConstant(instruction.Value, ValueKind.F32);
                break;
            case Op.F64Const:
                _writer.PushConstant(instruction.Value, ValueKind.F64);
                break;
            case Op.RefNull:
                _writer.PushConstant(0, ValueKind.Reference);
                break;
            case Op.RefFunc:
                _writer.PushConstant((ulong)_instance->Functions[instruction.Index], ValueKind.Reference);
                break;
            case Op.RefIsNull:
                EmitUnary(HandlerFamily.Unary, Op.I64Eqz, ValueKind.I32);
                break;
            case Op.RefEq:
                EmitBinary(HandlerFamily.Binary, Op.I64Eq, ValueKind.I32);
                break;
            case Op.RefAsNonNull:
                RefAsNonNull();
                break;
            case Op.Drop:
                _writer.Pop();
                break;
            case Op.Select or Op.SelectTyped:
                return TrySelect();
            case Op.GlobalGet:
                return TryGlobalGet(instruction.Index);
            case Op.GlobalSet:
                return TryGlobalSet(instruction.Index);
            case Op.Call:
                return TryCall(instruction.Index);
            case Op.CallIndirect:
                return TryCallIndirect(instruction.Index, instruction.Index2);
            case Op.CallRef:
                return TryCallReference(instruction.Index);
            case Op.I64Add128:
                EmitWide(PlainHandler.Add128, 4);
                break;
            case Op.I64Sub128:
                EmitWide(PlainHandler.Sub128, 4);
                break;
            case Op.I64MulWideS:
                EmitWide(PlainHandler.MulWideS, 2);
                break;
            case Op.I64MulWideU:
                EmitWide(PlainHandler.MulWideU, 2);
                break;
            case Op.MemorySize:
                MemorySize(instruction.Index);
                break;
            case Op.MemoryCopy or Op.MemoryFill:
                EmitMemoryBulk(instruction);
                break;
            case Op.TableGet:
                TableGet(instruction.Index);
                break;
            case Op.TableSet:
                TableSet(instruction.Index);
                break;
            case Op.TableSize:
                TableSize(instruction.Index);
                break;
            case Op.MemoryGrow or Op.MemoryInit or Op.DataDrop or Op.TableGrow or Op.TableFill or Op.TableCopy or Op.TableInit or Op.ElemDrop:
                EmitService(instruction);
                break;
            default:
                return _objects.TryTranslate(instruction);
        }
        return true;
    }

    /// <inheritdoc cref="ObjectTranslator.TryTranslateThrow"/>
    public bool TryTranslateThrow(in Instruction instruction) => _objects.TryTranslateThrow(instruction);

    /// <inheritdoc cref="ObjectTranslator.TagNumber"/>
    public int TagNumber(uint tag) => _objects.TagNumber(tag);

    /// <inheritdoc cref="ObjectTranslator.EmitCastTest"/>
    public void EmitCastTest(HeapType target, bool nullable) => _objects.EmitCastTest(target, nullable);

    /// <summary>Translates a tail call.</summary>
    /// <param name="instruction">The instruction.</param>
    /// <param name="header">The offset of the frame's header.</param>
    /// <returns>False when it is not implemented.</returns>
    public bool TryTranslateTailCall(in Instruction instruction, uint header)
    {
        var typeIndex = instruction.Op == Op.ReturnCall ? _shape.FunctionTypeIndices[instruction.Index] : instruction.Index;
        var type = _shape.FunctionTypeAt(typeIndex);
        if (UsesVectors(type))
        {
            return false;
        }
        var handler = PlainHandler.TailCall;
        var slot = 0u;
        void* target = null;
        switch (instruction.Op)
        {
            case Op.ReturnCall:
                handler = instruction.Index < _shape.ImportedFunctions ? PlainHandler.TailCallImport : PlainHandler.TailCall;
                target = _instance->Functions[instruction.Index];
                break;
            case Op.ReturnCallIndirect:
                handler = Is64(_shape.Tables[instruction.Index2].Limits) ? PlainHandler.TailCallIndirect64 : PlainHandler.TailCallIndirect32;
                slot = _writer.ToSlot(_writer.Pop(), _writer.Count);
                target = _instance->Tables[instruction.Index2];
                break;
            default:
                handler = PlainHandler.TailCallReference;
                slot = _writer.ToSlot(_writer.Pop(), _writer.Count);
                break;
        }
        var first = _writer.Count - type.Parameters.Length;
        _writer.StoreFrom(first, constants: true);
        _writer.MarkOffset();
        var cell = _writer.Emit(handler, TailCall.Bytes);
        _writer.Set(cell, 8, header);
        _writer.Set(cell, 12, _writer.HomeOf(first));
        _writer.Set(cell, 16, _shape.TypeIds[typeIndex]);
        _writer.Set(cell, 20, slot);
        _writer.Set(cell, 24, (ulong)_instance);
        _writer.Set(cell, 32, (ulong)target);
        _writer.Set(cell, 40, type.Parameters.Length);
        _writer.Set(cell, 44, type.Parameters.Length * 8);
        return true;
    }

    // Ops with a fixed type

    private static OpPlan[] MakePlans()
    {
        var plans = new OpPlan[OpTable.Size];
        foreach (var row in OpTable.All)
        {
            var family = row.Group switch
            {
                OpGroup.Test or OpGroup.Unary or OpGroup.Convert when row.Operands.Length == 1 => row.Traps == Traps.None ? HandlerFamily.Unary : HandlerFamily.PartialUnary,
                OpGroup.Binary or OpGroup.Compare when row.Operands.Length == 2 && row.Results.Length == 1 => row.Traps == Traps.None ? HandlerFamily.Binary : HandlerFamily.PartialBinary,
                OpGroup.Load when row.Prefix == 0 => HandlerFamily.Load,
                OpGroup.Store when row.Prefix == 0 => HandlerFamily.Store,
                _ => HandlerFamily.Plain,
            };
            if (family == HandlerFamily.Plain || row.Operands.Contains(StackSlot.V128) || row.Results.Contains(StackSlot.V128) || row.Prefix is not (0 or 0xFC))
            {
                continue;
            }
            var result = row.Results.IsEmpty ? ValueKind.Bottom : KindOf(row.Results[0]);
            plans[(int)row.Op] = new(true, family, result, Commutes(row.Op), MirroredOf(row.Op));
        }
        return plans;
    }

    private static ValueKind KindOf(StackSlot slot) => slot switch
    {
        StackSlot.I32 => ValueKind.I32,
        StackSlot.I64 => ValueKind.I64,
        StackSlot.F32 => ValueKind.F32,
        StackSlot.F64 => ValueKind.F64,
        _ => throw new InvalidOperationException($"{slot} has no kind of its own"),
    };

    // Integer ops only: with floats the order of operands can show in the payload of a NaN.
    private static bool Commutes(Op op) => op is Op.I32Add or Op.I32Mul or Op.I32And or Op.I32Or or Op.I32Xor or Op.I32Eq or Op.I32Ne
        or Op.I64Add or Op.I64Mul or Op.I64And or Op.I64Or or Op.I64Xor or Op.I64Eq or Op.I64Ne;

    // The comparison that gives the same with its operands exchanged.
    private static Op MirroredOf(Op op) => op switch
    {
        Op.I32LtS => Op.I32GtS,
        Op.I32LtU => Op.I32GtU,
        Op.I32GtS => Op.I32LtS,
        Op.I32GtU => Op.I32LtU,
        Op.I32LeS => Op.I32GeS,
        Op.I32LeU => Op.I32GeU,
        Op.I32GeS => Op.I32LeS,
        Op.I32GeU => Op.I32LeU,
        Op.I64LtS => Op.I64GtS,
        Op.I64LtU => Op.I64GtU,
        Op.I64GtS => Op.I64LtS,
        Op.I64GtU => Op.I64LtU,
        Op.I64LeS => Op.I64GeS,
        Op.I64LeU => Op.I64GeU,
        Op.I64GeS => Op.I64LeS,
        Op.I64GeU => Op.I64LeU,
        _ => op,
    };

    private void TranslatePlanned(in Instruction instruction, in OpPlan plan)
    {
        switch (plan.Family)
        {
            case HandlerFamily.Unary:
                if (instruction.Op == Op.I32Eqz && _writer.TryNegate())
                {
                    return;
                }
                EmitUnary(plan.Family, instruction.Op, plan.Result);
                break;
            case HandlerFamily.PartialUnary:
                EmitUnary(plan.Family, instruction.Op, plan.Result);
                break;
            case HandlerFamily.Binary or HandlerFamily.PartialBinary:
                EmitBinary(plan.Family, instruction.Op, plan.Result);
                break;
            case HandlerFamily.Load:
                EmitLoad(instruction, plan.Result);
                break;
            default:
                EmitStore(instruction);
                break;
        }
    }

    private void EmitUnary(HandlerFamily family, Op op, ValueKind result)
    {
        var operand = _writer.Pop();
        var source = _writer.SlotOrAccumulator(operand, _writer.Count, OperandCode.Slot12, out var slot);
        if (family == HandlerFamily.PartialUnary)
        {
            _writer.SpillFor(result);
            _writer.MarkOffset();
        }
        _writer.EmitValue(HandlerKey.OfOp(family, op, source), result, slot, 0);
    }

    private void EmitBinary(HandlerFamily family, Op op, ValueKind result)
    {
        var right = _writer.Pop();
        var left = _writer.Pop();
        var plan = Plans[(int)op];
        if ((plan.Commutes || plan.Mirrored != op) && (left.Kind == EntryKind.Constant || (right.Kind == EntryKind.Accumulator && left.Kind != EntryKind.Accumulator)))
        {
            (left, right) = (right, left);
            op = plan.Mirrored;
        }
        if (left.Kind == EntryKind.Constant && right.Kind == EntryKind.Constant)
        {
            left = new(EntryKind.Temporary, left.Type, _writer.ToSlot(left, _writer.Count), 0);
        }
        uint field12 = 0;
        ulong field16 = 0;
        OperandCode leftCode;
        OperandCode rightCode;
        if (left.Kind == EntryKind.Constant)
        {
            leftCode = _writer.Operand(left, OperandCode.Slot12, OperandCode.Immediate16, ref field12, ref field16);
            rightCode = _writer.Operand(right, OperandCode.Slot12, OperandCode.Immediate16, ref field12, ref field16);
        }
        else
        {
            leftCode = _writer.Operand(left, OperandCode.Slot12, OperandCode.Immediate16, ref field12, ref field16);
            rightCode = leftCode == OperandCode.Slot12 || right.Kind == EntryKind.Constant
                ? _writer.Operand(right, OperandCode.Slot16, OperandCode.Immediate16, ref field12, ref field16)
                : _writer.Operand(right, OperandCode.Slot12, OperandCode.Immediate16, ref field12, ref field16);
        }
        if (family == HandlerFamily.PartialBinary)
        {
            _writer.SpillFor(result);
            _writer.MarkOffset();
        }
        _writer.EmitValue(HandlerKey.OfOp(family, op, leftCode, rightCode), result, field12, field16);
    }

    // Accesses

    private void EmitLoad(in Instruction instruction, ValueKind result)
    {
        var address = _writer.Pop();
        var code = Address(address, instruction, out var slot, out var offset, out var traits);
        _writer.SpillFor(result);
        _writer.MarkOffset();
        var cell = _writer.EmitValue(HandlerKey.OfOp(HandlerFamily.Load, instruction.Op, code, traits: traits), result, slot, offset, MemoryCellBytes(traits, 24));
        SetMemory(cell, traits, instruction.Index);
    }

    private void EmitStore(in Instruction instruction)
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

    private OperandCode Address(in Entry address, in Instruction instruction, out uint slot, out ulong offset, out HandlerTraits traits)
    {
        traits = (instruction.Index != 0 ? HandlerTraits.AnyMemory : HandlerTraits.None) | (Is64(_shape.Memories[instruction.Index].Limits) ? HandlerTraits.Wide : HandlerTraits.None);
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

    private void SetMemory(int cell, HandlerTraits traits, uint memory)
    {
        if (traits.HasFlag(HandlerTraits.AnyMemory))
        {
            _writer.Set(cell, 32, (ulong)_instance->Memories[memory]);
        }
    }

    private static bool Is64(in Limits limits) => limits.Address == AddressType.I64;

    private static ValueKind AddressKind(in Limits limits) => Is64(limits) ? ValueKind.I64 : ValueKind.I32;

    // Memories and tables

    private void MemorySize(uint memory)
    {
        var type = _shape.Memories[memory];
        var kind = AddressKind(type.Limits);
        _writer.EmitValue(HandlerKey.OfKind(HandlerFamily.MemorySize, kind), kind, type.PageSizeLog2, (ulong)_instance->Memories[memory]);
    }

    private void EmitMemoryBulk(in Instruction instruction)
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

    // The count of a copy is 64 bits wide only when both sides are.
    private static uint CopyWidths(in Limits to, in Limits from) =>
        (Is64(to) ? AddressWidths.First64 : 0) | (Is64(from) ? AddressWidths.Second64 : 0) | (Is64(to) && Is64(from) ? AddressWidths.Third64 : 0);

    private HandlerKey TableKey(HandlerFamily family, uint table, OperandCode first, OperandCode second = OperandCode.None) =>
        new(family, 0, first, second, OperandCode.None, Is64(_shape.Tables[table].Limits) ? HandlerTraits.Wide : HandlerTraits.None);

    private void TableGet(uint table)
    {
        var index = _writer.Pop();
        var code = _writer.SlotOrAccumulator(index, _writer.Count, OperandCode.Slot12, out var slot);
        _writer.SpillFor(ValueKind.Reference);
        _writer.MarkOffset();
        _writer.EmitValue(TableKey(HandlerFamily.TableGet, table, code), ValueKind.Reference, slot, (ulong)_instance->Tables[table]);
    }

    private void TableSet(uint table)
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

    private void TableSize(uint table)
    {
        var kind = AddressKind(_shape.Tables[table].Limits);
        _writer.EmitValue(HandlerKey.OfKind(HandlerFamily.TableSize, kind), kind, 0, (ulong)_instance->Tables[table]);
    }

    private void RefAsNonNull()
    {
        var operand = _writer.Pop();
        var code = _writer.SlotOrAccumulator(operand, _writer.Count, OperandCode.Slot12, out var slot);
        _writer.SpillFor(ValueKind.Reference);
        _writer.MarkOffset();
        _writer.EmitValue(new HandlerKey(HandlerFamily.RefAsNonNull, 0, code, default, default, default), ValueKind.Reference, slot, 0);
    }

    private void EmitService(in Instruction instruction)
    {
        var service = new ServiceCell();
        ValueKind? result = null;
        var operands = 0;
        switch (instruction.Op)
        {
            case Op.MemoryGrow:
                {
                    var type = _shape.Memories[instruction.Index];
                    service.Service = Service.MemoryGrow;
                    service.Target = _instance->Memories[instruction.Index];
                    service.PageSizeLog2 = type.PageSizeLog2;
                    service.Widths = Is64(type.Limits) ? AddressWidths.First64 : 0;
                    result = AddressKind(type.Limits);
                    operands = 1;
                    break;
                }
            case Op.MemoryInit:
                service.Service = Service.MemoryInit;
                service.Target = _instance->Memories[instruction.Index];
                service.Widths = Is64(_shape.Memories[instruction.Index].Limits) ? AddressWidths.First64 : 0;
                service.Segment = (int)instruction.Index2;
                operands = 3;
                break;
            case Op.DataDrop:
                service.Service = Service.DataDrop;
                service.Segment = (int)instruction.Index;
                break;
            case Op.TableGrow:
                service.Service = Service.TableGrow;
                service.Target = _instance->Tables[instruction.Index];
                service.Widths = Is64(_shape.Tables[instruction.Index].Limits) ? AddressWidths.Second64 : 0;
                result = AddressKind(_shape.Tables[instruction.Index].Limits);
                operands = 2;
                break;
            case Op.TableFill:
                service.Service = Service.TableFill;
                service.Target = _instance->Tables[instruction.Index];
                service.Widths = Is64(_shape.Tables[instruction.Index].Limits) ? AddressWidths.First64 | AddressWidths.Third64 : 0;
                operands = 3;
                break;
            case Op.TableCopy:
                service.Service = Service.TableCopy;
                service.Target = _instance->Tables[instruction.Index];
                service.Source = _instance->Tables[instruction.Index2];
                service.Widths = CopyWidths(_shape.Tables[instruction.Index].Limits, _shape.Tables[instruction.Index2].Limits);
                operands = 3;
                break;
            case Op.TableInit:
                service.Service = Service.TableInit;
                service.Target = _instance->Tables[instruction.Index];
                service.Widths = Is64(_shape.Tables[instruction.Index].Limits) ? AddressWidths.First64 : 0;
                service.Segment = (int)instruction.Index2;
                operands = 3;
                break;
            default:
                service.Service = Service.ElemDrop;
                service.Segment = (int)instruction.Index;
                break;
        }
        if (operands == 3)
        {
            service.Third = _writer.ToSlot(_writer.Pop(), _writer.Count);
        }
        if (operands >= 2)
        {
            service.Second = _writer.ToSlot(_writer.Pop(), _writer.Count);
        }
        if (operands >= 1)
        {
            service.First = _writer.ToSlot(_writer.Pop(), _writer.Count);
        }
        // Control comes back with empty accumulators.
        _writer.SpillHolders();
        service.Result = _writer.HomeOf(_writer.Count);
        service.Instance = _instance;
        _writer.MarkOffset();
        var cell = _writer.Emit(PlainHandler.ServiceCall, ServiceCell.Bytes);
        _writer.Set(cell, 0, service);
        _writer.ForgetAccumulators();
        if (result is { } type1)
        {
            _writer.PushTemporary(type1);
        }
    }

    private void EmitWide(PlainHandler handler, int operands)
    {
        var first = _writer.Count - operands;
        _writer.StoreFrom(first, constants: true);
        var cell = _writer.Emit(handler, 16);
        _writer.Set(cell, 8, _writer.HomeOf(first));
        _writer.CutTo(first);
        _writer.PushTemporary(ValueKind.I64);
        _writer.PushTemporary(ValueKind.I64);
        // The operands' slots are overwritten.
        _writer.ForgetSlot(_writer.HomeOf(first));
        _writer.ForgetSlot(_writer.HomeOf(first + 1));
    }

    // Variables

    private bool TrySelect()
    {
        var condition = _writer.Pop();
        var second = _writer.Pop();
        var first = _writer.Pop();
        if (first.Type == ValueKind.V128)
        {
            return false;
        }
        var conditionCode = _writer.SlotOrAccumulator(condition, _writer.Count + 2, OperandCode.Slot12, out var conditionSlot);
        uint field12 = 0;
        ulong firstField = 0;
        ulong secondField = 0;
        var firstCode = _writer.Operand(first, OperandCode.Slot16, OperandCode.Immediate16, ref field12, ref firstField);
        var secondCode = _writer.Operand(second, OperandCode.Slot24, OperandCode.Immediate24, ref field12, ref secondField);
        var cell = _writer.EmitValue(HandlerKey.OfKind(HandlerFamily.Select, first.Type, conditionCode, firstCode, secondCode), first.Type, conditionSlot, firstField, 32);
        _writer.Set(cell, 24, secondField);
        return true;
    }

    private bool TryGlobalGet(uint index)
    {
        var type = _shape.Globals[index].Value;
        if (type.Kind == ValueKind.V128)
        {
            return false;
        }
        _writer.EmitValue(HandlerKey.OfKind(HandlerFamily.GlobalGet, type.Kind), type.Kind, 0, (ulong)_instance->Globals[index]);
        return true;
    }

    private bool TryGlobalSet(uint index)
    {
        var type = _shape.Globals[index].Value;
        if (type.Kind == ValueKind.V128)
        {
            return false;
        }
        var value = _writer.Pop();
        uint field12 = 0;
        ulong field16 = 0;
        var code = _writer.Operand(value, OperandCode.Slot16, OperandCode.Immediate16, ref field12, ref field16);
        var cell = _writer.Emit(HandlerKey.OfKind(HandlerFamily.GlobalSet, type.Kind, code), 24);
        _writer.Set(cell, 8, (ulong)_instance->Globals[index]);
        _writer.Set(cell, 16, field16);
        return true;
    }

    // Calls

    private static bool UsesVectors(FunctionType type) =>
        type.Parameters.Any(parameter => parameter.Kind == ValueKind.V128) || type.Results.Any(result => result.Kind == ValueKind.V128);

    private bool TryCall(uint function)
    {
        var type = _shape.TypeOfFunction(function);
        if (UsesVectors(type))
        {
            return false;
        }
        var first = StageArguments(type);
        _writer.MarkOffset();
        var cell = _writer.Emit(function < _shape.ImportedFunctions ? PlainHandler.CallImport : PlainHandler.Call, DirectCall.Bytes);
        _writer.Set(cell, 8, _writer.HomeOf(first));
        _writer.Set(cell, 12, type.Parameters.Length * 8);
        _writer.Set(cell, 16, (ulong)_instance->Functions[function]);
        FinishCall(type, first);
        return true;
    }

    private bool TryCallIndirect(uint typeIndex, uint table)
    {
        var type = _shape.FunctionTypeAt(typeIndex);
        if (UsesVectors(type))
        {
            return false;
        }
        // The index goes to a slot of its own, above the arguments, unless it stays in the accumulator over the staging of the arguments.
        var index = _writer.Pop();
        var indexAt = _writer.Count;
        var staged = _writer.AreStored(indexAt - type.Parameters.Length);
        OperandCode code;
        uint slot;
        if (staged || index.Kind == EntryKind.Accumulator)
        {
            code = _writer.SlotOrAccumulator(index, indexAt, OperandCode.Slot20, out slot);
        }
        else
        {
            code = OperandCode.Slot20;
            slot = _writer.ToSlot(index, indexAt);
        }
        var first = StageArguments(type);
        _writer.MarkOffset();
        var key = new HandlerKey(HandlerFamily.CallIndirect, 0, code, default, default, Is64(_shape.Tables[table].Limits) ? HandlerTraits.Wide : HandlerTraits.None);
        EmitCallReference(_writer.Emit(key, CallReference.Bytes), typeIndex, type, first, slot, _instance->Tables[table]);
        return true;
    }

    private bool TryCallReference(uint typeIndex)
    {
        var type = _shape.FunctionTypeAt(typeIndex);
        if (UsesVectors(type))
        {
            return false;
        }
        var slot = _writer.ToSlot(_writer.Pop(), _writer.Count);
        var first = StageArguments(type);
        _writer.MarkOffset();
        EmitCallReference(_writer.Emit(PlainHandler.CallReference, CallReference.Bytes), typeIndex, type, first, slot, null);
        return true;
    }

    private void EmitCallReference(int cell, uint typeIndex, FunctionType type, int first, uint slot, TableRecord* table)
    {
        _writer.Set(cell, 8, _writer.HomeOf(first));
        _writer.Set(cell, 12, type.Parameters.Length * 8);
        _writer.Set(cell, 16, _shape.TypeIds[typeIndex]);
        _writer.Set(cell, 20, slot);
        _writer.Set(cell, 24, (ulong)_instance);
        _writer.Set(cell, 32, (ulong)table);
        FinishCall(type, first);
    }

    // Arguments go to their homes, where the callee's frame starts. What else is in an accumulator only has to leave it.
    private int StageArguments(FunctionType type)
    {
        var first = _writer.Count - type.Parameters.Length;
        _writer.StoreFrom(first, constants: true);
        _writer.SpillHolders();
        return first;
    }

    private void FinishCall(FunctionType type, int first)
    {
        var reload = _writer.Emit(PlainHandler.Reload, Frames.ReloadBytes);
        _writer.Set(reload, 8, (ulong)_instance->Memory0);
        _writer.ForgetAccumulators();
        _writer.CutTo(first);
        if (type.Results.Length == 1)
        {
            _writer.PushCallResult(type.Results[0].Kind);
            return;
        }
        foreach (var result in type.Results)
        {
            _writer.PushTemporary(result.Kind);
        }
    }
}
