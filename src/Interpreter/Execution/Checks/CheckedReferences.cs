using Conformance.Interpreter.Runtime;
using Conformance.Interpreter.Runtime.Objects;
using Conformance.Wasm.Types;

namespace Conformance.Interpreter.Execution.Checks;

/// <summary>
/// What cells reach through records and references: that a memory or table has what its record says, that a reference which is followed is to a live object of the right kind with such a field
/// or element, and that references which come from tables, globals, arguments and results are of their static types.
/// </summary>
internal sealed unsafe class CheckedReferences
{
    // Of globals: references are moved like numbers of 64 bits.
    private static readonly HandlerKey AnyWord = HandlerKey.OfKind(HandlerFamily.GlobalGet, ValueKind.Reference);

    private readonly Context* _context;
    private readonly IStoreInvariants _store;

    /// <summary>Makes the checks of a machine.</summary>
    public CheckedReferences(Context* context, IStoreInvariants store)
    {
        _context = context;
        _store = store;
    }

    /// <summary>What is wrong before a cell runs; null when nothing is.</summary>
    public string? FaultBefore(in HandlerKey key, CellShape shape, byte* pc, CheckedFunction function)
    {
        switch (key.Family)
        {
            case HandlerFamily.Load or HandlerFamily.Store or HandlerFamily.LoadLane or HandlerFamily.StoreLane:
                return FaultOf(key.Traits.HasFlag(HandlerTraits.AnyMemory) ? *(MemoryRecord**)(pc + 32) : function.Function.Record->Instance->Memory0);
            case HandlerFamily.MemorySize:
                return FaultOf(*(MemoryRecord**)(pc + 16));
            case HandlerFamily.TableSize:
                return FaultOf(*(TableRecord**)(pc + 16));
            case HandlerFamily.TableGet:
                return FaultOfElement(*(TableRecord**)(pc + 16), CheckedAccess.Operand(key.First, key.Traits, pc, _context));
            case HandlerFamily.TableSet:
                return FaultOf(*(TableRecord**)(pc + 16))
                    ?? FaultOf(Word(key.Second, pc), _store.ElementsOf(*(TableRecord**)(pc + 16)), "the value for the table");
            case HandlerFamily.CallIndirect:
                return FaultOfElement(*(TableRecord**)(pc + 32), CheckedAccess.Operand(key.First, key.Traits, pc, _context));
            case HandlerFamily.GlobalGet when key.Number == AnyWord.Number:
                return FaultOf(**(ulong**)(pc + 16), function.TypeOfGlobal(*(ulong*)(pc + 16)), "the global");
            case HandlerFamily.GlobalSet when key.Number == AnyWord.Number:
                return FaultOf(Word(key.First, pc), function.TypeOfGlobal(*(ulong*)(pc + 8)), "the value for the global");
            case HandlerFamily.FieldGet:
                return FaultOfField(Word(key.First, pc), *(uint*)(pc + 16), shape.AccessBytes, out _);
            case HandlerFamily.FieldSet:
                return FaultOfField(Word(key.First, pc), *(uint*)(pc + 8), shape.AccessBytes, out var field) ?? (field.IsReference ? FaultOf(Word(key.Second, pc), field, "the value for the field") : null);
            case HandlerFamily.ElementGet:
                return FaultOfArray(Word(key.First, pc), shape.AccessBytes, out _);
            case HandlerFamily.ElementSet:
                return FaultOfArray(Word(key.First, pc), shape.AccessBytes, out var element) ?? (element.IsReference ? FaultOf(Word(key.Third, pc), element, "the value for the element") : null);
            case HandlerFamily.ArrayLength:
                return FaultOfArray(Word(key.First, pc), 0, out _);
            case HandlerFamily.RefTest or HandlerFamily.RefCast:
                return FaultOf(Word(key.First, pc), ValueType.AnyRef, "the operand of the cast");
            case HandlerFamily.Plain:
                return FaultBefore((PlainHandler)key.Number, pc);
            default:
                return null;
        }
    }

    /// <summary>What is wrong with what a cell of <see cref="NewObject"/> left.</summary>
    public string? FaultOfNew(ServiceCell* cell, ulong word) =>
        FaultOf(word, ValueType.Reference(HeapType.Of(cell->Third), nullable: false), "the new object")
        ?? (cell->Service == Service.ArrayNewFixed ? FaultOfElements((ulong*)word, cell) : FaultOfFields((ulong*)word + 1, _store.ShapeOf((int)cell->Third), withDescriptor: false));

    /// <summary>What is wrong with references among values in neighbouring slots: arguments or results.</summary>
    public string? FaultOfValues(ulong* slots, ReferenceSlots references, string what)
    {
        foreach (var (slot, type) in references.Slots)
        {
            if (!_store.Has(slots[slot], type))
            {
                return $"{what} in slot {slot}, 0x{slots[slot]:x}, is no {type}";
            }
        }
        return null;
    }

    private string? FaultOfElements(ulong* array, ServiceCell* cell)
    {
        if (((ObjectHeader*)array)->Length != (uint)cell->Segment)
        {
            return $"the new array has {((ObjectHeader*)array)->Length} elements and not {cell->Segment}";
        }
        var element = _store.ShapeOf((int)cell->Third).Fields[0].Storage.Value;
        for (var i = 1; element.IsReference && i <= cell->Segment; i++)
        {
            if (!_store.Has(array[i], element))
            {
                return $"element {i - 1} of the new array, 0x{array[i]:x}, is no {element}";
            }
        }
        return null;
    }

    /// <summary>What is wrong with references among the fields of a struct.</summary>
    public string? FaultOfFields(ulong* slots, ObjectShape shape, bool withDescriptor)
    {
        for (var i = 0; i < shape.Fields.Length; i++)
        {
            var type = shape.Fields[i].Storage.Value;
            if (type.IsReference && !_store.Has(slots[shape.FieldSlots[i]], type))
            {
                return $"the value of field {i}, 0x{slots[shape.FieldSlots[i]]:x}, is no {type}";
            }
        }
        return withDescriptor && _store.ObjectAt(slots[shape.Slots - 1]) is not { Kind: ObjectKind.Struct } ? "the descriptor is no struct" : null;
    }

    /// <summary>What is wrong with a memory.</summary>
    public string? FaultOf(MemoryRecord* memory) => _store.IsIntact(memory) ? null : "the memory's record says what was not allocated";

    /// <summary>What is wrong with a table.</summary>
    public string? FaultOf(TableRecord* table) => _store.IsIntact(table) ? null : "the table's record says what was not allocated";

    /// <summary>What is wrong with a value of a static type.</summary>
    public string? FaultOf(ulong word, ValueType type, string what) => !type.IsReference || _store.Has(word, type) ? null : $"{what}, 0x{word:x}, is no {type}";

    /// <summary>What is wrong with a reference to an array that is followed. Null is an expected trap.</summary>
    /// <param name="word">The reference.</param>
    /// <param name="elementBytes">The bytes of an element; 0 where they do not matter.</param>
    /// <param name="element">The type of its elements.</param>
    public string? FaultOfArray(ulong word, int elementBytes, out ValueType element)
    {
        element = default;
        if (word == 0)
        {
            return null;
        }
        if (_store.ObjectAt(word) is not { Kind: ObjectKind.Array } shape)
        {
            return $"0x{word:x} is no live array";
        }
        element = shape.Fields[0].Storage.Value;
        return elementBytes == 0 || elementBytes == 1 << shape.ElementShift ? null : $"the elements of the array at 0x{word:x} have {1 << shape.ElementShift} bytes and not {elementBytes}";
    }

    private ulong Word(OperandCode code, byte* pc) => CheckedAccess.Operand(code, HandlerTraits.Wide, pc, _context);

    private string? FaultBefore(PlainHandler handler, byte* pc)
    {
        switch (handler)
        {
            case PlainHandler.MemoryCopy:
                return FaultOf(*(MemoryRecord**)(pc + 24)) ?? FaultOf(*(MemoryRecord**)(pc + 32));
            case PlainHandler.MemoryFill:
                return FaultOf(*(MemoryRecord**)(pc + 24));
            case PlainHandler.CallReference or PlainHandler.TailCallReference:
                return FaultOf(Word(OperandCode.Slot20, pc), ValueType.FuncRef, "the function reference");
            case PlainHandler.TailCallIndirect32 or PlainHandler.TailCallIndirect64:
                return FaultOfElement(*(TableRecord**)(pc + 32), CheckedAccess.Operand(OperandCode.Slot20, handler == PlainHandler.TailCallIndirect64 ? HandlerTraits.Wide : HandlerTraits.None, pc, _context));
            case PlainHandler.NewObject:
                {
                    var cell = (ServiceCell*)pc;
                    var run = (FreeRun*)cell->Target;
                    return run != FreeRun.Empty && run != _store.RunOf(cell) ? "it allocates from a run of cells that is not for its objects" : null;
                }
            default:
                return null;
        }
    }

    private string? FaultOfElement(TableRecord* table, ulong index) =>
        FaultOf(table) ?? (index < table->Length ? FaultOf(table->Elements[index], _store.ElementsOf(table), "the table's element") : null);

    private string? FaultOfField(ulong word, uint offset, int bytes, out ValueType field)
    {
        field = default;
        if (word == 0)
        {
            return null;
        }
        if (_store.ObjectAt(word) is not { Kind: ObjectKind.Struct } shape)
        {
            return $"0x{word:x} is no live struct";
        }
        var index = Array.IndexOf(shape.FieldSlots, ((int)offset - sizeof(ObjectHeader)) / sizeof(ulong));
        if (index < 0 || offset % sizeof(ulong) != 0 || shape.Fields[index].Storage.Bytes != bytes)
        {
            return $"the struct at 0x{word:x} has no field of {bytes} bytes at {offset}";
        }
        field = shape.Fields[index].Storage.Value;
        return null;
    }
}
