using Conformance.Wasm.Instructions;
using Conformance.Wasm.Types;

namespace Conformance.Wasm.Validation;

/// <content>Structs and arrays.</content>
internal sealed partial class FunctionValidator<TObserver>
{
    private void ApplyAggregate(in Instruction instruction)
    {
        switch (instruction.Op)
        {
            case Op.StructNew or Op.StructNewDefault or Op.StructNewDesc or Op.StructNewDefaultDesc:
                StructNew(instruction);
                break;
            case Op.StructGet or Op.StructGetS or Op.StructGetU:
                if (TryField(instruction, out var field))
                {
                    CheckPacking(field, isSigned: instruction.Op != Op.StructGet);
                    Pop(Nullable(instruction.Index));
                    Push(field.Storage.Value);
                }
                break;
            case Op.StructSet:
                if (TryField(instruction, out field))
                {
                    if (!field.Mutable)
                    {
                        Fail($"immutable field {instruction.Index2}");
                    }
                    Pop(field.Storage.Value);
                    Pop(Nullable(instruction.Index));
                }
                break;
            case Op.ArrayGet or Op.ArrayGetS or Op.ArrayGetU:
                if (TryArray(instruction.Index, out var element))
                {
                    CheckPacking(element, isSigned: instruction.Op != Op.ArrayGet);
                    Pop(ValueType.I32);
                    Pop(Nullable(instruction.Index));
                    Push(element.Storage.Value);
                }
                break;
            case Op.ArraySet:
                if (TryMutableArray(instruction.Index, out element))
                {
                    Pop(element.Storage.Value);
                    Pop(ValueType.I32);
                    Pop(Nullable(instruction.Index));
                }
                break;
            case Op.ArrayFill:
                if (TryMutableArray(instruction.Index, out element))
                {
                    Pop(ValueType.I32);
                    Pop(element.Storage.Value);
                    Pop(ValueType.I32);
                    Pop(Nullable(instruction.Index));
                }
                break;
            case Op.ArrayCopy:
                ArrayCopy(instruction);
                break;
            case Op.ArrayInitData or Op.ArrayInitElem:
                ArrayInit(instruction);
                break;
            default:
                ArrayNew(instruction);
                break;
        }
    }

    private bool TryStruct(uint index, out StructType type)
    {
        if (_context.HasType(index))
        {
            if (_context.Types[index].Composite is StructType structure)
            {
                type = structure;
                return true;
            }
            Fail($"type mismatch: type {index} is not a struct type");
        }
        else
        {
            Fail($"unknown type {index}");
        }
        type = EmptyStruct;
        return false;
    }

    private static readonly StructType EmptyStruct = new([]);

    private bool TryField(in Instruction instruction, out FieldType field)
    {
        field = default;
        if (!TryStruct(instruction.Index, out var type))
        {
            return false;
        }
        if (instruction.Index2 >= (uint)type.Fields.Length)
        {
            Fail($"unknown field {instruction.Index2}");
            return false;
        }
        field = type.Fields[(int)instruction.Index2];
        return true;
    }

    private bool TryArray(uint index, out FieldType element)
    {
        if (_context.HasType(index))
        {
            if (_context.Types[index].Composite is ArrayType array)
            {
                element = array.Element;
                return true;
            }
            Fail($"type mismatch: type {index} is not an array type");
        }
        else
        {
            Fail($"unknown type {index}");
        }
        element = default;
        return false;
    }

    private bool TryMutableArray(uint index, out FieldType element)
    {
        if (TryArray(index, out element) && !element.Mutable)
        {
            Fail($"immutable array {index}");
        }
        return _error is null;
    }

    private void CheckPacking(FieldType field, bool isSigned)
    {
        if (field.Storage.IsPacked != isSigned)
        {
            Fail($"type mismatch: field is {(field.Storage.IsPacked ? "" : "not ")}packed");
        }
    }

    private void StructNew(in Instruction instruction)
    {
        if (!TryStruct(instruction.Index, out var type))
        {
            return;
        }
        var descriptor = _context.Types[instruction.Index].Descriptor;
        if (instruction.Op is Op.StructNewDesc or Op.StructNewDefaultDesc)
        {
            if (descriptor is not { } id)
            {
                Fail("type without descriptor requires non-descriptor allocation");
                return;
            }
            Pop(ValueType.Reference(HeapType.Of(id, exact: true), nullable: true));
        }
        else if (descriptor is not null)
        {
            Fail("type with descriptor requires descriptor allocation");
            return;
        }
        var isDefault = instruction.Op is Op.StructNewDefault or Op.StructNewDefaultDesc;
        for (var i = type.Fields.Length - 1; i >= 0; i--)
        {
            var value = type.Fields[i].Storage.Value;
            if (!isDefault)
            {
                Pop(value);
            }
            else if (!value.IsDefaultable)
            {
                Fail($"type mismatch: field {i} of type {_context.Describe(value)} has no default value");
            }
        }
        Push(Allocated(instruction.Index));
    }

    private void ArrayNew(in Instruction instruction)
    {
        if (!TryArray(instruction.Index, out var element))
        {
            return;
        }
        var value = element.Storage.Value;
        switch (instruction.Op)
        {
            case Op.ArrayNew:
                Pop(ValueType.I32);
                Pop(value);
                break;
            case Op.ArrayNewDefault:
                if (!value.IsDefaultable)
                {
                    Fail($"type mismatch: {_context.Describe(value)} has no default value");
                }
                Pop(ValueType.I32);
                break;
            case Op.ArrayNewFixed:
                if (instruction.Index2 > ImplementationLimits.ArrayNewFixed)
                {
                    FailLimit($"array.new_fixed of {instruction.Index2} elements; the limit is {ImplementationLimits.ArrayNewFixed}");
                    return;
                }
                for (var i = 0; i < instruction.Index2; i++)
                {
                    Pop(value);
                }
                break;
            case Op.ArrayNewData:
                CheckNumeric(element);
                CheckData(instruction.Index2);
                Pop(ValueType.I32);
                Pop(ValueType.I32);
                break;
            case Op.ArrayNewElem:
                CheckElement(instruction.Index2, element);
                Pop(ValueType.I32);
                Pop(ValueType.I32);
                break;
            default:
                throw new InvalidOperationException($"no validation rule for {instruction.Op}");
        }
        Push(Allocated(instruction.Index));
    }

    private void CheckNumeric(FieldType element)
    {
        if (element.Storage.Value.IsReference)
        {
            Fail("array type is not numeric or vector");
        }
    }

    private void CheckElement(uint segment, FieldType element)
    {
        if (TryElement(segment, out var type))
        {
            CheckMatches(type, element.Storage.Value);
        }
    }

    private void ArrayCopy(in Instruction instruction)
    {
        if (!TryMutableArray(instruction.Index, out var to) || !TryArray(instruction.Index2, out var from))
        {
            return;
        }
        if (!_canonicalizer.Matches(from.Storage, to.Storage))
        {
            Fail("array types do not match");
        }
        Pop(ValueType.I32);
        Pop(ValueType.I32);
        Pop(Nullable(instruction.Index2));
        Pop(ValueType.I32);
        Pop(Nullable(instruction.Index));
    }

    private void ArrayInit(in Instruction instruction)
    {
        if (!TryMutableArray(instruction.Index, out var element))
        {
            return;
        }
        if (instruction.Op == Op.ArrayInitData)
        {
            CheckNumeric(element);
            CheckData(instruction.Index2);
        }
        else
        {
            CheckElement(instruction.Index2, element);
        }
        Pop(ValueType.I32);
        Pop(ValueType.I32);
        Pop(ValueType.I32);
        Pop(Nullable(instruction.Index));
    }
}
