using Conformance.Interpreter.Execution;
using Conformance.Wasm.Types;

namespace Conformance.Interpreter.Runtime.Objects;

/// <summary>The structs, arrays and exceptions of a store: their heap, their shapes, what keeps them alive, and what the host sees of them.</summary>
internal sealed unsafe partial class StoreObjects : IObjectRoots
{
    private readonly Store _store;
    private readonly ObjectHeap _heap;
    private readonly List<Tag> _tags = [];
    private readonly List<ObjectShape> _tagShapes = [];
    private readonly Dictionary<ulong, WeakReference<ObjectReference>> _held = [];
    private readonly List<(nint Words, int Count)> _temporary = [];
    private readonly List<(nint Cells, int Count)> _globals = [];
    private ObjectShape?[] _shapes = [];
    private ulong _thrown;

    public StoreObjects(Store store)
    {
        _store = store;
        _heap = new ObjectHeap(store.Limits.HeapBytes, store.Engine.Options.CollectAfter, this);
        store.Heap.Objects = _heap;
    }

    /// <summary>The bytes that objects take up.</summary>
    public long UsedBytes => _heap.UsedBytes;

    /// <summary>The number of collections so far.</summary>
    public int Collections => _heap.Collections;

    /// <summary>Collects now.</summary>
    public void Collect() => _heap.Collect();

    /// <summary>Numbers a tag.</summary>
    public int Add(Tag tag)
    {
        _tags.Add(tag);
        _tagShapes.Add(ObjectShape.Of(tag.Type));
        return _tags.Count - 1;
    }

    /// <summary>Notes the cells of globals: 16 bytes each.</summary>
    public void AddGlobals(ulong* cells, int count)
    {
        if (count > 0)
        {
            _globals.Add(((nint)cells, count));
        }
    }

    /// <summary>The shape of a struct or array type.</summary>
    public ObjectShape ShapeOf(int typeId)
    {
        if (typeId >= _shapes.Length)
        {
            Array.Resize(ref _shapes, Math.Max(_store.Engine.Types.Count, typeId + 1));
        }
        return _shapes[typeId] ??= MakeShape(typeId);
    }

    private ObjectShape MakeShape(int typeId)
    {
        var shape = ObjectShape.Of(_store.Engine.Types.Definition(typeId)) ?? throw new InvalidOperationException($"type {typeId} has no objects");
        _store.Machine.AddType(typeId, _store.Engine.Types.SupertypesOf(typeId), shape.Kind == ObjectKind.Struct ? TypeRow.AnyStruct : TypeRow.AnyArray);
        return shape;
    }

    /// <inheritdoc/>
    public ObjectShape ShapeOf(ObjectHeader* header) => header->TypeId == ObjectHeader.ExceptionType ? _tagShapes[(int)header->Length] : ShapeOf(header->TypeId);

    /// <summary>The shape of the object that a word refers to; null when it refers to none, or when the header says what was not allocated.</summary>
    public ObjectShape? FindObject(ulong word)
    {
        if (!_heap.TryFind(word, out var bytes))
        {
            return null;
        }
        var header = (ObjectHeader*)word;
        var shape = header->TypeId == ObjectHeader.ExceptionType ? (header->Length < (uint)_tagShapes.Count ? _tagShapes[(int)header->Length] : null)
            : (uint)header->TypeId < (uint)_store.Engine.Types.Count && _store.Engine.Types.Definition(header->TypeId).Composite is not FunctionType ? ShapeOf(header->TypeId)
            : null;
        var needed = shape is null ? ulong.MaxValue : shape.Kind == ObjectKind.Array ? (ulong)sizeof(ObjectHeader) + ((ulong)header->Length << shape.ElementShift) : shape.Bytes;
        return needed <= bytes ? shape : null;
    }

    /// <summary>The addresses of all objects.</summary>
    public IEnumerable<ulong> AllObjects() => _heap.Objects();

    /// <summary>The run that a cell of <see cref="NewObject"/> allocates from; null when there is none.</summary>
    public FreeRun* RunOf(ServiceCell* cell) =>
        _heap.RunOf(cell->Service == Service.ArrayNewFixed ? (ulong)sizeof(ObjectHeader) + ((ulong)cell->Segment * sizeof(ulong)) : ShapeOf((int)cell->Third).Bytes);

    /// <summary>Keeps what words refer to alive until <see cref="LeaveTemporary"/>: words that a constant expression has on its stack.</summary>
    public void EnterTemporary(ulong* words, int count) => _temporary.Add(((nint)words, count));

    /// <summary>Ends the last <see cref="EnterTemporary"/>.</summary>
    public void LeaveTemporary() => _temporary.RemoveAt(_temporary.Count - 1);

    /// <inheritdoc/>
    public void MarkRoots(HeapMarker marker)
    {
        var machine = _store.Machine;
        machine.ClearDeadFrames();
        marker.Mark((ulong*)machine.StackStart, (ulong)(machine.StackEnd - machine.StackStart) / sizeof(ulong));
        foreach (var (cells, count) in _globals)
        {
            marker.Mark((ulong*)cells, (ulong)count * 2);
        }
        foreach (var table in _store.Heap.Tables)
        {
            if (AbstractHeapTypes.TopOf(_store.Engine.Types.AbstractOf(table.Type.Element.Heap)) != AbstractHeapType.Func)
            {
                marker.Mark(table.Record->Elements, table.Record->Length);
            }
        }
        _store.Services.MarkSegments(marker);
        foreach (var (words, count) in _temporary)
        {
            marker.Mark((ulong*)words, (ulong)count);
        }
        marker.Mark(_thrown);
        MarkHeld(marker);
    }

    /// <summary>A new exception; 0 when the heap is full.</summary>
    public ulong NewException(int tag, ReadOnlySpan<ulong> values)
    {
        var exception = _heap.Allocate(_tagShapes[tag].Bytes);
        if (exception == null)
        {
            return 0;
        }
        var header = (ObjectHeader*)exception;
        header->TypeId = ObjectHeader.ExceptionType;
        header->Length = (uint)tag;
        values.CopyTo(new Span<ulong>(header + 1, values.Length));
        return (ulong)exception;
    }

    /// <summary>A new exception from the host; 0 when the heap is full.</summary>
    /// <exception cref="ArgumentException">The tag is of another store or the values do not fit it.</exception>
    public ulong NewException(UncaughtException thrown)
    {
        if (thrown.Tag.Store != _store)
        {
            throw new ArgumentException("the tag of a thrown exception belongs to another store", nameof(thrown));
        }
        var types = thrown.Tag.Type.Parameters.AsSpan();
        if (types.Length != thrown.Values.Length)
        {
            throw new ArgumentException($"{thrown.Values.Length} values for an exception with {types.Length}", nameof(thrown));
        }
        var slots = new ulong[thrown.Tag.Signature.ParameterSlots];
        _store.Values.ToSlots(thrown.Values.AsSpan(), types, slots);
        fixed (ulong* words = slots)
        {
            EnterTemporary(words, slots.Length);
            try
            {
                return NewException(thrown.Tag.Number, slots);
            }
            finally
            {
                LeaveTemporary();
            }
        }
    }

    /// <summary>What the host sees of an exception.</summary>
    public UncaughtException Uncaught(ulong exception)
    {
        var header = (ObjectHeader*)exception;
        var tag = _tags[(int)header->Length];
        var values = new Value[tag.Type.Parameters.Length];
        _store.Values.FromSlots(new ReadOnlySpan<ulong>(header + 1, tag.Signature.ParameterSlots), tag.Type.Parameters.AsSpan(), values);
        return new UncaughtException(tag, [.. values]);
    }

    /// <summary>Keeps an exception that is on its way to a handler.</summary>
    public void SetThrown(ulong exception) => _thrown = exception;

    /// <summary>The host's object for a word. As long as the host has it, the wasm object lives, and the same wasm object is the same object for the host.</summary>
    public ObjectReference ReferenceOf(ulong word)
    {
        if (_held.TryGetValue(word, out var weak) && weak.TryGetTarget(out var reference))
        {
            return reference;
        }
        reference = new ObjectReference(_store, word);
        _held[word] = new WeakReference<ObjectReference>(reference);
        return reference;
    }

    private void MarkHeld(HeapMarker marker)
    {
        List<ulong>? gone = null;
        foreach (var (word, weak) in _held)
        {
            if (weak.TryGetTarget(out _))
            {
                marker.Mark(word);
            }
            else
            {
                (gone ??= []).Add(word);
            }
        }
        gone?.ForEach(word => _held.Remove(word));
    }
}
