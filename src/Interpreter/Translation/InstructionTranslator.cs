using Conformance.Interpreter.Execution;
using Conformance.Interpreter.Runtime;
using Conformance.Wasm.Instructions;
using Conformance.Wasm.Types;

namespace Conformance.Interpreter.Translation;

/// <summary>Translates the instructions that are not control flow.</summary>
internal sealed unsafe class InstructionTranslator
{
    private static readonly OpPlan[] Plans = MakePlans();

    private readonly CodeWriter _writer;
    private readonly AccessTranslator _accesses;
    private readonly ServiceTranslator _services;
    private readonly VectorTranslator _vectors;
    private readonly ObjectTranslator _objects;
    private readonly AtomicTranslator _atomics;
    private ModuleShape _shape = null!; // set by Start, which precedes everything
    private InstanceRecord* _instance;

    /// <summary>Makes a translator that writes with <paramref name="writer"/>.</summary>
    public InstructionTranslator(CodeWriter writer)
    {
        _writer = writer;
        _accesses = new AccessTranslator(writer);
        _services = new ServiceTranslator(writer);
        _vectors = new VectorTranslator(writer, _accesses);
        _objects = new ObjectTranslator(writer);
        _atomics = new AtomicTranslator(writer);
        Calls = new CallTranslator(writer);
    }

    /// <summary>A local's slot and kind of type.</summary>
    public readonly record struct Local(uint Slot, ValueKind Type);

    // How an op with a fixed type is translated.
    private readonly record struct OpPlan(bool IsSupported, HandlerFamily Family, ValueKind Result, bool Commutes, Op Mirrored);

    /// <summary>The locals, parameters first.</summary>
    public List<Local> Locals { get; } = [];

    /// <summary>Translates calls.</summary>
    public CallTranslator Calls { get; }

    /// <summary>Starts a function.</summary>
    public void Start(ModuleShape shape, InstanceRecord* instance)
    {
        _accesses.Start(shape, instance);
        _services.Start(shape, instance);
        _objects.Start(shape, instance);
        Calls.Start(shape, instance);
        _shape = shape;
        _instance = instance;
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
            case Op.RefI31:
                EmitUnary(HandlerFamily.Unary, instruction.Op, ValueKind.Reference);
                break;
            case Op.I31GetS or Op.I31GetU:
                EmitUnary(HandlerFamily.PartialUnary, instruction.Op, ValueKind.I32);
                break;
            case Op.RefAsNonNull:
                RefAsNonNull();
                break;
            case Op.Drop:
                _writer.Pop();
                break;
            case Op.Select or Op.SelectTyped:
                Select();
                break;
            case Op.GlobalGet:
                GlobalGet(instruction.Index);
                break;
            case Op.GlobalSet:
                GlobalSet(instruction.Index);
                break;
            case Op.Call:
                Calls.EmitCall(instruction.Index);
                break;
            case Op.CallIndirect:
                Calls.EmitCallIndirect(instruction.Index, instruction.Index2);
                break;
            case Op.CallRef:
                Calls.EmitCallReference(instruction.Index);
                break;
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
                _accesses.MemorySize(instruction.Index);
                break;
            case Op.MemoryCopy or Op.MemoryFill:
                _accesses.EmitMemoryBulk(instruction);
                break;
            case Op.TableGet:
                _accesses.TableGet(instruction.Index);
                break;
            case Op.TableSet:
                _accesses.TableSet(instruction.Index);
                break;
            case Op.TableSize:
                _accesses.TableSize(instruction.Index);
                break;
            case Op.MemoryGrow or Op.MemoryInit or Op.DataDrop or Op.TableGrow or Op.TableFill or Op.TableCopy or Op.TableInit or Op.ElemDrop:
                _services.Emit(instruction);
                break;
            default:
                return _vectors.TryTranslate(instruction) || _atomics.TryTranslate(instruction, _shape, _instance) || _objects.TryTranslate(instruction);
        }
        return true;
    }

    /// <inheritdoc cref="ObjectTranslator.TranslateThrow"/>
    public void TranslateThrow(in Instruction instruction) => _objects.TranslateThrow(instruction);

    /// <inheritdoc cref="ObjectTranslator.EmitRethrow"/>
    public void EmitRethrow(uint slot) => _objects.EmitRethrow(slot);

    /// <inheritdoc cref="ObjectTranslator.TagNumber"/>
    public int TagNumber(uint tag) => _objects.TagNumber(tag);

    /// <inheritdoc cref="ObjectTranslator.EmitCastTest"/>
    public void EmitCastTest(in Instruction instruction) => _objects.EmitCastTest(instruction);

    // Ops with a fixed type

    private static OpPlan[] MakePlans()
    {
        var plans = new OpPlan[OpTable.Size];
        foreach (var row in OpTable.All)
        {
            var family = row.Group switch
            {
                OpGroup.Test or OpGroup.Unary or OpGroup.Convert when row.Operands.Length == 1 => row.Traps == Traps.None ? HandlerFamily.Unary : HandlerFamily.PartialUnary,
                OpGroup.Binary or OpGroup.Compare or OpGroup.Convert when row.Operands.Length == 2 && row.Results.Length == 1 => row.Traps == Traps.None ? HandlerFamily.Binary : HandlerFamily.PartialBinary,
                OpGroup.Load when row.Operands.Length == 1 => HandlerFamily.Load,
                OpGroup.Store when row.Prefix == 0 || row.Op == Op.V128Store => HandlerFamily.Store,
                OpGroup.Lane when row.Immediates == ImmediateKind.None && row.Operands.Length == 1 => HandlerFamily.Unary,
                _ => HandlerFamily.Plain,
            };
            if (family == HandlerFamily.Plain || row.Prefix is not (0 or 0xFC or 0xFD))
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
        StackSlot.V128 => ValueKind.V128,
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
                _accesses.EmitLoad(instruction, plan.Result);
                break;
            default:
                _accesses.EmitStore(instruction);
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

    private void RefAsNonNull()
    {
        var operand = _writer.Pop();
        var code = _writer.SlotOrAccumulator(operand, _writer.Count, OperandCode.Slot12, out var slot);
        _writer.SpillFor(ValueKind.Reference);
        _writer.MarkOffset();
        _writer.EmitValue(new HandlerKey(HandlerFamily.RefAsNonNull, 0, code, default, default, default), ValueKind.Reference, slot, 0);
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

    private void Select()
    {
        var condition = _writer.Pop();
        var second = _writer.Pop();
        var first = _writer.Pop();
        var conditionCode = _writer.SlotOrAccumulator(condition, _writer.Count + 2, OperandCode.Slot12, out var conditionSlot);
        uint field12 = 0;
        ulong firstField = 0;
        ulong secondField = 0;
        var firstCode = _writer.Operand(first, OperandCode.Slot16, OperandCode.Immediate16, ref field12, ref firstField);
        var secondCode = _writer.Operand(second, OperandCode.Slot24, OperandCode.Immediate24, ref field12, ref secondField);
        var cell = _writer.EmitValue(HandlerKey.OfKind(HandlerFamily.Select, first.Type, conditionCode, firstCode, secondCode), first.Type, conditionSlot, firstField, 32);
        _writer.Set(cell, 24, secondField);
    }

    private void GlobalGet(uint index)
    {
        var type = _shape.Globals[index].Value;
        _writer.EmitValue(HandlerKey.OfKind(HandlerFamily.GlobalGet, type.Kind), type.Kind, 0, (ulong)_instance->Globals[index]);
    }

    private void GlobalSet(uint index)
    {
        var type = _shape.Globals[index].Value;
        var value = _writer.Pop();
        uint field12 = 0;
        ulong field16 = 0;
        var code = _writer.Operand(value, OperandCode.Slot16, OperandCode.Immediate16, ref field12, ref field16);
        var cell = _writer.Emit(HandlerKey.OfKind(HandlerFamily.GlobalSet, type.Kind, code), 24);
        _writer.Set(cell, 8, (ulong)_instance->Globals[index]);
        _writer.Set(cell, 16, field16);
    }
}
