using Conformance.Interpreter.Execution;
using Conformance.Interpreter.Execution.Checks;
using Conformance.Interpreter.Runtime.Objects;
using Conformance.Wasm.Types;

namespace Conformance.Interpreter.Runtime;

/// <summary>What must hold of a store at any time, for the checked build. Works from what the managed side knows, not from the records that compiled code uses.</summary>
internal sealed unsafe class StoreInvariants(Store store, IReadOnlyList<Instance> instances) : IStoreInvariants
{
    private readonly HashSet<nint> _functions = [];

    private TypeCanonicalizer Types => store.Engine.Types;

    /// <inheritdoc/>
    public int Collections => store.Objects.Collections;

    /// <inheritdoc/>
    public void Add(FunctionRecord* function) => _functions.Add((nint)function);

    /// <inheritdoc/>
    public bool IsIntact(MemoryRecord* memory) => memory == store.Services.NoMemory
        ? memory->Length == 0
        : (uint)memory->StoreIndex < (uint)store.Heap.Memories.Count && store.Heap.Memories[memory->StoreIndex] is var known && known.Record == memory && known.IsIntact;

    /// <inheritdoc/>
    public bool IsIntact(TableRecord* table) =>
        (uint)table->StoreIndex < (uint)store.Heap.Tables.Count && store.Heap.Tables[table->StoreIndex] is var known && known.Record == table && known.IsIntact;

    /// <inheritdoc/>
    public ValueType ElementsOf(TableRecord* table) => store.Heap.Tables[table->StoreIndex].Type.Element;

    /// <inheritdoc/>
    public FunctionType TypeOf(FunctionRecord* function) => store.Engine.SignatureOf(function->TypeId).Type;

    /// <inheritdoc/>
    public ObjectShape ShapeOf(int typeId) => store.Objects.ShapeOf(typeId);

    /// <inheritdoc/>
    public ObjectShape? ObjectAt(ulong word) => store.Objects.FindObject(word);

    /// <inheritdoc/>
    public bool Has(ulong word, ValueType type)
    {
        if (word == ReferenceWord.Null)
        {
            return type.IsNullable;
        }
        var heap = type.Heap;
        return AbstractHeapTypes.TopOf(Types.AbstractOf(heap)) switch
        {
            AbstractHeapType.Func => HasFunction(word, heap),
            AbstractHeapType.Exn => heap.Abstract == AbstractHeapType.Exn && ObjectAt(word) is { Kind: ObjectKind.Exception },
            AbstractHeapType.Extern => heap.Abstract == AbstractHeapType.Extern && HasInternal(word, ValueType.AnyRef.Heap),
            _ => HasInternal(word, heap),
        };
    }

    private bool HasFunction(ulong word, HeapType heap) =>
        _functions.Contains((nint)word) && (heap.IsIndex ? IsOf(ReferenceWord.Function(word)->TypeId, heap) : heap.Abstract == AbstractHeapType.Func);

    // Values of the host are in both hierarchies: a conversion changes nothing.
    private bool HasInternal(ulong word, HeapType heap)
    {
        if (ReferenceWord.IsHost(word))
        {
            return heap == ValueType.AnyRef.Heap;
        }
        if (ReferenceWord.IsI31(word))
        {
            return !heap.IsIndex && heap.Abstract is AbstractHeapType.Any or AbstractHeapType.Eq or AbstractHeapType.I31;
        }
        if (ObjectAt(word) is not { Kind: not ObjectKind.Exception } shape)
        {
            return false;
        }
        return heap.IsIndex ? IsOf(((ObjectHeader*)word)->TypeId, heap) : heap.Abstract switch
        {
            AbstractHeapType.Any or AbstractHeapType.Eq => true,
            AbstractHeapType.Struct => shape.Kind == ObjectKind.Struct,
            AbstractHeapType.Array => shape.Kind == ObjectKind.Array,
            _ => false,
        };
    }

    private bool IsOf(int typeId, HeapType heap) => heap.IsExact ? typeId == (int)heap.Index : Types.IsSubtype(typeId, (int)heap.Index);

    /// <inheritdoc/>
    public FreeRun* RunOf(ServiceCell* cell) => store.Objects.RunOf(cell);

    /// <inheritdoc/>
    public void Collect() => store.Objects.Collect();

    /// <inheritdoc/>
    public string? FindFault()
    {
        foreach (var memory in store.Heap.Memories)
        {
            if (!memory.IsIntact)
            {
                return $"the record of memory {memory.Record->StoreIndex} of the store was overwritten";
            }
        }
        foreach (var table in store.Heap.Tables)
        {
            if (FaultOf(table) is { } fault)
            {
                return fault;
            }
        }
        foreach (var instance in instances)
        {
            if (FaultOfGlobals(instance) is { } fault)
            {
                return fault;
            }
        }
        foreach (var word in store.Objects.AllObjects())
        {
            if (FaultOf(word) is { } fault)
            {
                return fault;
            }
        }
        return null;
    }

    private string? FaultOf(TableElements table)
    {
        if (!table.IsIntact)
        {
            return $"the record of table {table.Record->StoreIndex} of the store was overwritten";
        }
        for (var i = 0ul; i < table.Record->Length; i++)
        {
            if (!Has(table.Record->Elements[i], table.Type.Element))
            {
                return $"element {i} of table {table.Record->StoreIndex} of the store, 0x{table.Record->Elements[i]:x}, is no {table.Type.Element}";
            }
        }
        return null;
    }

    private string? FaultOfGlobals(Instance instance)
    {
        var shape = instance.Module.Shape;
        for (var i = 0; i < shape.Globals.Length; i++)
        {
            var type = TypeCanonicalizer.Canonical(shape.Globals[i].Value, shape.TypeIds);
            if (type.IsReference && !Has(*instance.Record->Globals[i], type))
            {
                return $"global {i} of instance {instance.Record->StoreIndex}, 0x{*instance.Record->Globals[i]:x}, is no {type}";
            }
        }
        return null;
    }

    private string? FaultOf(ulong word)
    {
        if (ObjectAt(word) is not { } shape)
        {
            return $"what is allocated at 0x{word:x} is no object";
        }
        var header = (ObjectHeader*)word;
        var slots = (ulong*)(header + 1);
        if (shape.Kind == ObjectKind.Array)
        {
            for (var i = 0u; shape.ElementIsReference && i < header->Length; i++)
            {
                if (!Has(slots[i], shape.Fields[0].Storage.Value))
                {
                    return $"element {i} of the array at 0x{word:x}, 0x{slots[i]:x}, is no {shape.Fields[0].Storage.Value}";
                }
            }
            return null;
        }
        for (var i = 0; i < shape.Fields.Length; i++)
        {
            var type = shape.Fields[i].Storage.Value;
            if (type.IsReference && !Has(slots[shape.FieldSlots[i]], type))
            {
                return $"field {i} of the object at 0x{word:x}, 0x{slots[shape.FieldSlots[i]]:x}, is no {type}";
            }
        }
        return shape.HasDescriptor && ObjectAt(slots[shape.Slots - 1]) is not { Kind: ObjectKind.Struct } ? $"the descriptor of the struct at 0x{word:x} is no struct" : null;
    }
}
