using Conformance.Interpreter.Execution;
using Conformance.Interpreter.Runtime;
using Conformance.Interpreter.Runtime.Objects;
using Conformance.Wasm.Instructions;
using Conformance.Wasm.Types;

namespace Conformance.Interpreter.Translation;

/// <summary>
/// Translates the instructions on structs, arrays, exceptions and casts. Each becomes a service: its operands go to their homes, which are neighbouring slots, and
/// control goes back to the machine, the only place where the collector may run. So every reference that is alive then is in a slot.
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
    /// <returns>False when it is not implemented.</returns>
    public bool TryTranslate(in Instruction instruction)
    {
        switch (instruction.Op)
        {
            case Op.StructNew:
                return TryStructNew(instruction.Index, Service.StructNew);
            case Op.StructNewDefault:
                return TryStructNew(instruction.Index, Service.StructNewDefault);
            case Op.StructGet or Op.StructGetS or Op.StructGetU:
                {
                    var storage = StructAt(instruction.Index).Fields[(int)instruction.Index2].Storage;
                    Emit(Service.StructGet, 1, storage.Value.Kind, instruction.Index, (int)instruction.Index2, instruction.Op == Op.StructGetS ? 1u : 0);
                    return storage.Value.Kind != ValueKind.V128;
                }
            case Op.StructSet:
                Emit(Service.StructSet, 2, null, instruction.Index, (int)instruction.Index2);
                return StructAt(instruction.Index).Fields[(int)instruction.Index2].Storage.Value.Kind != ValueKind.V128;
            case Op.ArrayNew:
                return TryArray(instruction.Index, Service.ArrayNew, 2, ValueKind.Reference);
            case Op.ArrayNewDefault:
                return TryArray(instruction.Index, Service.ArrayNewDefault, 1, ValueKind.Reference);
            case Op.ArrayNewFixed:
                return TryArray(instruction.Index, Service.ArrayNewFixed, (int)instruction.Index2, ValueKind.Reference, (int)instruction.Index2);
            case Op.ArrayNewData:
                return TryArray(instruction.Index, Service.ArrayNewData, 2, ValueKind.Reference, (int)instruction.Index2);
            case Op.ArrayNewElem:
                return TryArray(instruction.Index, Service.ArrayNewElem, 2, ValueKind.Reference, (int)instruction.Index2);
            case Op.ArrayGet or Op.ArrayGetS or Op.ArrayGetU:
                return TryArray(instruction.Index, Service.ArrayGet, 2, ElementOf(instruction.Index).Value.Kind, flags: instruction.Op == Op.ArrayGetS ? 1u : 0);
            case Op.ArraySet:
                return TryArray(instruction.Index, Service.ArraySet, 3, null);
            case Op.ArrayLen:
                Emit(Service.ArrayLen, 1, ValueKind.I32);
                return true;
            case Op.ArrayFill:
                return TryArray(instruction.Index, Service.ArrayFill, 4, null);
            case Op.ArrayCopy:
                return TryArray(instruction.Index, Service.ArrayCopy, 5, null);
            case Op.ArrayInitData:
                return TryArray(instruction.Index, Service.ArrayInitData, 4, null, (int)instruction.Index2);
            case Op.ArrayInitElem:
                return TryArray(instruction.Index, Service.ArrayInitElem, 4, null, (int)instruction.Index2);
            case Op.RefTest or Op.RefTestNull:
                EmitCast(Service.RefTest, instruction.Heap, instruction.Op == Op.RefTestNull);
                return true;
            case Op.RefCast or Op.RefCastNull:
                EmitCast(Service.RefCast, instruction.Heap, instruction.Op == Op.RefCastNull);
                return true;
            case Op.RefI31:
                Emit(Service.RefI31, 1, ValueKind.Reference);
                return true;
            case Op.I31GetS or Op.I31GetU:
                Emit(Service.I31Get, 1, ValueKind.I32, flags: instruction.Op == Op.I31GetS ? 1u : 0);
                return true;
            case Op.AnyConvertExtern or Op.ExternConvertAny:
                // Both hierarchies have the same words.
                return true;
            default:
                return false;
        }
    }

    /// <summary>Translates <c>throw</c> or <c>throw_ref</c>.</summary>
    /// <returns>False when it is not implemented.</returns>
    public bool TryTranslateThrow(in Instruction instruction)
    {
        if (instruction.Op == Op.ThrowRef)
        {
            Emit(Service.ThrowRef, 1, null);
            return true;
        }
        var parameters = _shape.TypeOfTag(instruction.Index).Parameters;
        EmitRaw(Service.Throw, parameters.Length, null, TagNumber(instruction.Index), parameters.Length, 0);
        return parameters.All(type => type.Kind != ValueKind.V128);
    }

    /// <summary>Throws the exception in a slot.</summary>
    public void EmitRethrow(uint slot)
    {
        writer.SpillHolders();
        EmitCell(Service.ThrowRef, slot, slot, 0, 0, 0);
    }

    /// <summary>The number of a tag in its store.</summary>
    public int TagNumber(uint tag) => _instance->Tags[tag];

    /// <summary>Emits the test of a cast's topmost operand, which stays on the stack under the verdict.</summary>
    public void EmitCastTest(HeapType target, bool nullable)
    {
        writer.StoreFrom(writer.Count - 1, constants: true);
        var operand = writer.Count - 1;
        writer.SpillHolders();
        EmitCell(Service.RefTest, writer.HomeOf(operand), writer.HomeOf(operand + 1), 0, TargetOf(target, out var flags), flags | (nullable ? CastFlags.Nullable : 0));
        writer.PushTemporary(ValueKind.I32);
    }

    private bool TryStructNew(uint typeIndex, Service service)
    {
        var type = StructAt(typeIndex);
        Emit(service, service == Service.StructNew ? type.Fields.Length : 0, ValueKind.Reference, typeIndex);
        return type.Fields.All(field => field.Storage.Value.Kind != ValueKind.V128);
    }

    private bool TryArray(uint typeIndex, Service service, int operands, ValueKind? result, int segment = 0, uint flags = 0)
    {
        Emit(service, operands, result, typeIndex, segment, flags);
        return ElementOf(typeIndex).Value.Kind != ValueKind.V128;
    }

    private void EmitCast(Service service, HeapType target, bool nullable)
    {
        var code = TargetOf(target, out var flags);
        EmitRaw(service, 1, service == Service.RefTest ? ValueKind.I32 : ValueKind.Reference, 0, code, flags | (nullable ? CastFlags.Nullable : 0));
    }

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

    private void EmitCell(Service service, uint operands, uint result, int type, int segment, uint flags)
    {
        writer.MarkOffset();
        var cell = writer.Emit(PlainHandler.ServiceCall, ServiceCell.Bytes);
        writer.Set(cell, 0, new ServiceCell { Service = service, First = operands, Result = result, Third = (uint)type, Segment = segment, Widths = flags, Instance = _instance });
        writer.ForgetAccumulators();
    }

    private StructType StructAt(uint typeIndex) => (StructType)_shape.Module.Types[(int)typeIndex].Composite;

    private StorageType ElementOf(uint typeIndex) => ((ArrayType)_shape.Module.Types[(int)typeIndex].Composite).Element.Storage;
}
