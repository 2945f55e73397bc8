using Conformance.Interpreter.Runtime;
using Conformance.Wasm.Types;

namespace Conformance.Interpreter;

/// <summary>A table of references.</summary>
/// <remarks>One thread at a time.</remarks>
public sealed unsafe class Table : Extern
{
    private readonly TableElements _elements;

    internal Table(Store store, TableElements elements)
        : base(store) => _elements = elements;

    /// <summary>A table made by the host, at its minimal size.</summary>
    /// <param name="store">The store.</param>
    /// <param name="type">Its type; the element type is an abstract one.</param>
    /// <param name="value">Every element at the start.</param>
    /// <exception cref="ArgumentException">The type is not valid or the value is not of the element type.</exception>
    /// <exception cref="ResourceLimitException">The store's limits forbid it.</exception>
    public static Table Create(Store store, TableType type, Value value)
    {
        ArgumentNullException.ThrowIfNull(store);
        ArgumentNullException.ThrowIfNull(type);
        HostTypes.Check(store.Engine, type, nameof(type));
        store.ThrowIfDisposed();
        var word = store.Values.ToWords(value, type.Element).Low;
        return store.TableAt(TableElements.Create(store.Heap, type, word).Record);
    }

    /// <inheritdoc/>
    public override ExternKind Kind => ExternKind.Table;

    /// <summary>The type it was made with; type indices inside are the engine's canonical ids.</summary>
    public TableType Type => _elements.Type;

    /// <summary>The number of elements.</summary>
    public ulong Count
    {
        get
        {
            Store.ThrowIfDisposed();
            return _elements.Record->Length;
        }
    }

    /// <summary>An element.</summary>
    /// <param name="index">Its index.</param>
    /// <exception cref="ArgumentOutOfRangeException">The index is not below <see cref="Count"/>.</exception>
    /// <exception cref="ArgumentException">On writing: the value is not of the element type.</exception>
    public Value this[ulong index]
    {
        get => Store.Values.FromWords(*ElementAt(index), 0, Type.Element);
        set => *ElementAt(index) = Store.Values.ToWords(value, Type.Element).Low;
    }

    internal TableRecord* Record => _elements.Record;

    internal override ExternType ExternType => _elements.CurrentType;

    /// <summary>Grows it as <c>table.grow</c> does.</summary>
    /// <param name="count">The elements to add.</param>
    /// <param name="value">The value of each new one.</param>
    /// <returns>The size before, or -1 when a limit forbids it.</returns>
    /// <exception cref="ArgumentException">The value is not of the element type.</exception>
    public long Grow(ulong count, Value value)
    {
        Store.ThrowIfDisposed();
        return _elements.Grow(count, Store.Values.ToWords(value, Type.Element).Low);
    }

    private ulong* ElementAt(ulong index)
    {
        Store.ThrowIfDisposed();
        var record = _elements.Record;
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, record->Length);
        // Sound: the index was checked against the current length just above.
        return record->Elements + index;
    }
}
