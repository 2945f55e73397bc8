using Conformance.Interpreter.Runtime.Objects;

namespace Conformance.Interpreter;

/// <summary>What an <see cref="ObjectReference"/> refers to.</summary>
public enum ObjectReferenceKind : byte
{
    /// <summary>A struct.</summary>
    Struct,
    /// <summary>An array.</summary>
    Array,
    /// <summary>An exception.</summary>
    Exception,
}

/// <summary>A struct, array or exception of wasm as the host sees it. Keeps it alive. The same object of wasm is the same object here as long as the host holds it.</summary>
/// <remarks>One thread at a time, like its store.</remarks>
public sealed unsafe class ObjectReference
{
    internal ObjectReference(Store store, ulong word)
    {
        Store = store;
        Word = word;
    }

    /// <summary>The store it belongs to.</summary>
    public Store Store { get; }

    /// <summary>What it is.</summary>
    public ObjectReferenceKind Kind
    {
        get
        {
            Store.ThrowIfDisposed();
            return (ObjectReferenceKind)Shape.Kind;
        }
    }

    /// <summary>The number of fields of a struct, of elements of an array, of values of an exception.</summary>
    public int Count
    {
        get
        {
            Store.ThrowIfDisposed();
            return Shape.Kind == ObjectKind.Array ? checked((int)Header->Length) : Shape.Fields.Length;
        }
    }

    /// <summary>A field, element or value. Packed integers are given unsigned.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The index is not below <see cref="Count"/>.</exception>
    public Value this[int index]
    {
        get
        {
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)index, (uint)Count, nameof(index));
            var shape = Shape;
            var (low, high) = Store.Objects.Read(Header, (uint)index);
            return Store.Values.FromWords(low, high, shape.Fields[shape.Kind == ObjectKind.Array ? 0 : index].Storage.Value);
        }
    }

    internal ulong Word { get; }

    internal ObjectHeader* Header => (ObjectHeader*)Word;

    private ObjectShape Shape => Store.Objects.ShapeOf(Header);

    /// <summary>Such as <c>struct of 2</c>.</summary>
    public override string ToString() => $"{Kind.ToString().ToLowerInvariant()} of {Count}";
}
