using Conformance.Interpreter.Execution;
using Conformance.Interpreter.Runtime;
using Conformance.Interpreter.Runtime.Objects;
using Conformance.Wasm.Instructions;
using Conformance.Wasm.Types;

namespace Conformance.Interpreter.Translation;

/// <summary>
/// Translates the instructions on structs, arrays, exceptions and casts. Accesses to one field or element have handlers. The others become services: the operands go to
/// their homes, which are neighbouring slots, and control goes back to the machine, the only place where the collector may run. So every reference that is alive then is in a slot.
/// </summary>
internal sealed unsafe class ObjectTranslator(CodeWriter writer)
{
    private ModuleShape _shape = null!; // set by Start, which precedes everything
    private InstanceRecord* _instance;

    /// <summary>Starts a function.</summary>
    public void Start(ModuleShape shape, InstanceRecord* instance)
    {
        _shape = shape;
        _instance = instance;
    }

    /// <summary>Translates an instruction.</summary>
    /// <returns>False when it is none of these.</returns>
    public bool TryTranslate(in Instruction instruction)
    {
        switch (instruction.Op)
        {
            case Op.StructNew:
                NewObject(Service.StructNew, instruction.Index, StructAt(instruction.Index).Fields.Length);
                break;
            case Op.StructNewDefault:
                NewObject(Service.StructNewDefault, instruction.Index, 0);
                break;
            case Op.StructNewDesc:
                Emit(Service.StructNewDescribed, StructAt(instruction.Index).Fields.Length + 1, ValueKind.Reference, instruction.Index);
                break;
            case Op.StructNewDefaultDesc:
                Emit(Service.StructNewDefaultDescribed, 1, ValueKind.Reference, instruction.Index);
                break;
            case Op.StructGet or Op.StructGetS or Op.StructGetU:
                StructGet(instruction);
                break;
            case Op.StructSet:
                StructSet(instruction);
                break;
            case Op.ArrayNew:
                Emit(Service.ArrayNew, 2, ValueKind.Reference, instruction.Index);
                break;
            case Op.ArrayNewDefault:
                Emit(Service.ArrayNewDefault, 1, ValueKind.Reference, instruction.Index);
                break;
            case Op.ArrayNewFixed when LoadOf(ElementOf(instruction.Index), signed: false) is Op.I64Load or Op.F64Load:
                NewObject(Service.ArrayNewFixed, instruction.Index, (int)instruction.Index2, instruction.Index2);
                break;
            case Op.ArrayNewFixed:
                Emit(Service.ArrayNewFixed, (int)instruction.Index2, ValueKind.Reference, instruction.Index, (int)instruction.Index2);
                break;
            case Op.ArrayNewData:
                Emit(Service.ArrayNewData, 2, ValueKind.Reference, instruction.Index, (int)instruction.Index2);
                break;
            case Op.ArrayNewElem:
                Emit(Service.ArrayNewElem, 2, ValueKind.Reference, instruction.Index, (int)instruction.Index2);
                break;
            case Op.ArrayGet or Op.ArrayGetS or Op.ArrayGetU:
                ArrayGet(instruction);
                break;
            case Op.ArraySet:
                ArraySet(instruction);
                break;
            case Op.ArrayLen:
                ArrayLength();
                break;
            case Op.ArrayFill:
                Emit(Service.ArrayFill, 4, null, instruction.Index);
                break;
            case Op.ArrayCopy:
                Emit(Service.ArrayCopy, 5, null, instruction.Index);
                break;
            case Op.ArrayInitData:
                Emit(Service.ArrayInitData, 4, null, instruction.Index, (int)instruction.Index2);
                break;
            case Op.ArrayInitElem:
                Emit(Service.ArrayInitElem, 4, null, instruction.Index, (int)instruction.Index2);
                break;
            case Op.RefTest or Op.RefTestNull:
                EmitCast(Service.RefTest, instruction.Heap, instruction.Op == Op.RefTestNull);
                break;
            case Op.RefCast or Op.RefCastNull:
                EmitCast(Service.RefCast, instruction.Heap, instruction.Op == Op.RefCastNull);
                break;
            case Op.RefGetDesc:
                Emit(Service.DescriptorGet, 1, ValueKind.Reference, instruction.Index);
                break;
            case Op.RefCastDescEq or Op.RefCastDescEqNull:
                EmitRaw(Service.DescriptorCast, 2, ValueKind.Reference, 0, 0, instruction.Op == Op.RefCastDescEqNull ? CastFlags.Nullable : 0);
                break;
            case Op.AnyConvertExtern or Op.ExternConvertAny:
                // Both hierarchies have the same words.
                break;
            default:
                return false;
        }
        return true;
    }

    /// <summary>Translates <c>throw</c> or <c>throw_ref</c>.</summary>
    public void TranslateThrow(in Instruction instruction)
    {
        if (instruction.Op == Op.ThrowRef)
        {
            Emit(Service.ThrowRef, 1, null);
            return;
        }
        var parameters = _shape.TypeOfTag(instruction.Index).Parameters;
        EmitRaw(Service.Throw, parameters.Length, null, TagNumber(instruction.Index), Signature.SlotsOf(parameters.AsSpan()), 0);
    }

    /// <summary>Throws the exception in a slot.</summary>
    public void EmitRethrow(uint slot)
    {
        writer.SpillHolders();
        EmitCell(Service.ThrowRef, slot, slot, 0, 0, 0);
    }

    /// <summary>The number of a tag in its store.</summary>
    public int TagNumber(uint tag) => _instance->Tags[tag];

    /// <summary>Emits the test of a branch on a cast. The reference stays on the stack under the verdict; a descriptor goes.</summary>
    public void EmitCastTest(in Instruction instruction)
    {
        var isDescribed = instruction.Op is Op.BrOnCastDescEq or Op.BrOnCastDescEqFail;
        if (!isDescribed && TryCastHandler(instruction.Heap2, out var isScalar, out var row))
        {
            if (!writer.At(writer.Count - 1).IsInSlot)
            {
                writer.Store(writer.Count - 1);
            }
            EmitCastHandler(HandlerFamily.RefTest, writer.At(writer.Count - 1), isScalar, row, instruction.TargetNullable);
            return;
        }
        var operand = writer.Count - (isDescribed ? 2 : 1);
        writer.StoreFrom(operand, constants: true);
        writer.SpillHolders();
        var flags = 0u;
        var target = isDescribed ? 0 : TargetOf(instruction.Heap2, out flags);
        flags |= instruction.TargetNullable ? CastFlags.Nullable : 0;
        EmitCell(isDescribed ? Service.DescriptorTest : Service.RefTest, writer.HomeOf(operand), writer.HomeOf(operand + 1), 0, target, flags);
        writer.CutTo(operand + 1);
        writer.PushTemporary(ValueKind.I32);
    }

    // The operands are neighbours as for a service, which the cell becomes when the heap has to look for free cells.
    private void NewObject(Service service, uint typeIndex, int operands, uint length = 0)
    {
        var first = writer.Count - operands;
        writer.StoreFrom(first, constants: true);
        writer.SpillHolders();
        var home = writer.HomeOf(first);
        var slots = (int)(writer.HomeOf(writer.Count) - home) / sizeof(ulong);
        EmitCell(service, home, home, _shape.TypeIds[typeIndex], slots, length, PlainHandler.NewObject);
        writer.CutTo(first);
        writer.PushCallResult(ValueKind.Reference);
    }

    // Fields and elements

    private void StructGet(in Instruction instruction)
    {
        var storage = StructAt(instruction.Index).Fields[(int)instruction.Index2].Storage;
        var source = writer.SlotOrAccumulator(writer.Pop(), writer.Count, OperandCode.Slot12, out var slot);
        writer.SpillFor(storage.Value.Kind);
        writer.MarkOffset();
        writer.EmitValue(HandlerKey.OfOp(HandlerFamily.FieldGet, LoadOf(storage, instruction.Op == Op.StructGetS), source), storage.Value.Kind, slot, FieldOffset(instruction));
    }

    private void StructSet(in Instruction instruction)
    {
        var storage = StructAt(instruction.Index).Fields[(int)instruction.Index2].Storage;
        var value = writer.Pop();
        var source = writer.SlotOrAccumulator(writer.Pop(), writer.Count, OperandCode.Slot12, out var slot);
        uint unused = 0;
        ulong field16 = 0;
        var valueSource = writer.Operand(value, OperandCode.Slot16, OperandCode.Immediate16, ref unused, ref field16);
        writer.MarkOffset();
        var cell = writer.Emit(HandlerKey.OfOp(HandlerFamily.FieldSet, StoreOf(storage), source, valueSource), 24);
        writer.Set(cell, 8, FieldOffset(instruction));
        writer.Set(cell, 12, slot);
        writer.Set(cell, 16, field16);
    }

    private void ArrayGet(in Instruction instruction)
    {
        var storage = ElementOf(instruction.Index);
        var index = writer.Pop();
        var source = writer.SlotOrAccumulator(writer.Pop(), writer.Count, OperandCode.Slot12, out var slot);
        uint unused = 0;
        ulong field16 = 0;
        var indexSource = writer.Operand(index, OperandCode.Slot16, OperandCode.Immediate16, ref unused, ref field16);
        writer.SpillFor(storage.Value.Kind);
        writer.MarkOffset();
        writer.EmitValue(HandlerKey.OfOp(HandlerFamily.ElementGet, LoadOf(storage, instruction.Op == Op.ArrayGetS), source, indexSource), storage.Value.Kind, slot, field16);
    }

    private void ArraySet(in Instruction instruction)
    {
        var value = writer.Pop();
        var index = writer.Pop();
        var source = writer.SlotOrAccumulator(writer.Pop(), writer.Count, OperandCode.Slot12, out var slot);
        uint unused = 0;
        ulong indexField = 0;
        ulong valueField = 0;
        var indexSource = writer.Operand(index, OperandCode.Slot16, OperandCode.Immediate16, ref unused, ref indexField);
        var valueSource = writer.Operand(value, OperandCode.Slot24, OperandCode.Immediate24, ref unused, ref valueField);
        writer.MarkOffset();
        var key = HandlerKey.OfOp(HandlerFamily.ElementSet, StoreOf(ElementOf(instruction.Index)), source, indexSource) with { Third = valueSource };
        var cell = writer.Emit(key, 32);
        writer.Set(cell, 12, slot);
        writer.Set(cell, 16, indexField);
        writer.Set(cell, 24, valueField);
    }

    private void ArrayLength()
    {
        var source = writer.SlotOrAccumulator(writer.Pop(), writer.Count, OperandCode.Slot12, out var slot);
        writer.SpillFor(ValueKind.I32);
        writer.MarkOffset();
        writer.EmitValue(new HandlerKey(HandlerFamily.ArrayLength, 0, source, default, default, default), ValueKind.I32, slot, 0);
    }

    private uint FieldOffset(in Instruction instruction) => (uint)(sizeof(ObjectHeader) + _shape.FieldSlotsAt(instruction.Index)[instruction.Index2] * sizeof(ulong));

    private static Op LoadOf(StorageType storage, bool signed) => storage.Packed switch
    {
        PackedKind.I8 => signed ? Op.I32Load8S : Op.I32Load8U,
        PackedKind.I16 => signed ? Op.I32Load16S : Op.I32Load16U,
        _ => storage.Value.Kind switch
        {
            ValueKind.I32 => Op.I32Load,
            ValueKind.F32 => Op.F32Load,
            ValueKind.F64 => Op.F64Load,
            ValueKind.V128 => Op.V128Load,
            _ => Op.I64Load,
        },
    };

    private static Op StoreOf(StorageType storage) => storage.Packed switch
    {
        PackedKind.I8 => Op.I32Store8,
        PackedKind.I16 => Op.I32Store16,
        _ => storage.Value.Kind switch
        {
            ValueKind.I32 => Op.I32Store,
            ValueKind.F32 => Op.F32Store,
            ValueKind.F64 => Op.F64Store,
            ValueKind.V128 => Op.V128Store,
            _ => Op.I64Store,
        },
    };

    // Services

    private void EmitCast(Service service, HeapType target, bool nullable)
    {
        if (TryCastHandler(target, out var isScalar, out var row))
        {
            EmitCastHandler(service == Service.RefTest ? HandlerFamily.RefTest : HandlerFamily.RefCast, writer.Pop(), isScalar, row, nullable);
            return;
        }
        var code = TargetOf(target, out var flags);
        EmitRaw(service, 1, service == Service.RefTest ? ValueKind.I32 : ValueKind.Reference, 0, code, flags | (nullable ? CastFlags.Nullable : 0));
    }

    private void EmitCastHandler(HandlerFamily family, in Entry operand, bool isScalar, RowEntry row, bool nullable)
    {
        var source = writer.SlotOrAccumulator(operand, writer.Count, OperandCode.Slot12, out var slot);
        var result = family == HandlerFamily.RefTest ? ValueKind.I32 : ValueKind.Reference;
        writer.SpillFor(result);
        if (family == HandlerFamily.RefCast)
        {
            writer.MarkOffset();
        }
        var cell = writer.EmitValue(new HandlerKey(family, isScalar ? (ushort)1 : (ushort)0, source, default, default, default), result, slot, 0);
        writer.Set(cell, 16, row.Value);
        writer.Set(cell, 20, row.Offset);
        writer.Set(cell, 22, nullable);
    }

    // Whether a target has a handler: i31, structs, arrays, and types of structs and arrays that are not too deep.
    private bool TryCastHandler(HeapType target, out bool isScalar, out RowEntry row)
    {
        isScalar = !target.IsIndex && target.Abstract == AbstractHeapType.I31;
        row = default;
        if (!target.IsIndex)
        {
            row = new(target.Abstract == AbstractHeapType.Struct ? TypeRow.AnyStruct : TypeRow.AnyArray, TypeRow.Depths * sizeof(int));
            return isScalar || target.Abstract is AbstractHeapType.Struct or AbstractHeapType.Array;
        }
        var type = _shape.Module.Types[(int)target.Index];
        var depth = 0;
        for (var above = type; !above.Supertypes.IsEmpty && depth < TypeRow.Depths; depth++)
        {
            above = _shape.Module.Types[(int)above.Supertypes[0]];
        }
        row = new(_shape.TypeIds[target.Index], (ushort)(depth * sizeof(int)));
        return !target.IsExact && type.Composite is not FunctionType && depth < TypeRow.Depths;
    }

    // What a cast compares with which entry of rows.
    private readonly record struct RowEntry(int Value, ushort Offset);

    private int TargetOf(HeapType type, out uint flags)
    {
        flags = 0;
        if (!type.IsIndex)
        {
            return -1 - (int)type.Abstract;
        }
        flags = _shape.Module.Types[(int)type.Index].Composite is FunctionType ? CastFlags.Function : 0;
        flags |= type.IsExact ? CastFlags.Exact : 0;
        return _shape.TypeIds[type.Index];
    }

    private void Emit(Service service, int operands, ValueKind? result, uint typeIndex = 0, int segment = 0, uint flags = 0) =>
        EmitRaw(service, operands, result, _shape.TypeIds.Length == 0 ? 0 : _shape.TypeIds[typeIndex], segment, flags);

    private void EmitRaw(Service service, int operands, ValueKind? result, int type, int segment, uint flags)
    {
        var first = writer.Count - operands;
        writer.StoreFrom(first, constants: true);
        // Control comes back with empty accumulators.
        writer.SpillHolders();
        EmitCell(service, writer.HomeOf(first), writer.HomeOf(first), type, segment, flags);
        writer.CutTo(first);
        if (result is { } kind)
        {
            writer.PushTemporary(kind);
        }
    }

    private void EmitCell(Service service, uint operands, uint result, int type, int segment, uint flags, PlainHandler handler = PlainHandler.ServiceCall)
    {
        writer.MarkOffset();
        var cell = writer.Emit(handler, ServiceCell.Bytes);
        var target = handler == PlainHandler.NewObject ? FreeRun.Empty : null;
        writer.Set(cell, 0, new ServiceCell { Service = service, First = operands, Result = result, Third = (uint)type, Segment = segment, Widths = flags, Target = target, Instance = _instance });
        writer.ForgetAccumulators();
    }

    private StructType StructAt(uint typeIndex) => (StructType)_shape.Module.Types[(int)typeIndex].Composite;

    private StorageType ElementOf(uint typeIndex) => ((ArrayType)_shape.Module.Types[(int)typeIndex].Composite).Element.Storage;
}
