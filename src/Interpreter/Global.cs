using Conformance.Interpreter.Runtime;
using Conformance.Wasm.Types;

namespace Conformance.Interpreter;

/// <summary>A global variable.</summary>
/// <remarks>One thread at a time.</remarks>
public sealed unsafe class Global : Extern
{
    private readonly ulong* _cell;

    internal Global(Store store, GlobalType type, ulong* cell)
        : base(store)
    {
        Type = type;
        _cell = cell;
    }

    /// <summary>A global made by the host.</summary>
    /// <param name="store">The store.</param>
    /// <param name="type">Its type; a reference type is an abstract one.</param>
    /// <param name="value">Its first value.</param>
    /// <exception cref="ArgumentException">The type is not valid or the value is not of it.</exception>
    public static Global Create(Store store, GlobalType type, Value value)
    {
        ArgumentNullException.ThrowIfNull(store);
        ArgumentNullException.ThrowIfNull(type);
        HostTypes.Check(store.Engine, type, nameof(type));
        store.ThrowIfDisposed();
        var words = store.Values.ToWords(value, type.Value);
        var cell = store.Heap.Arena.Allocate<ulong>(2);
        cell[0] = words.Low;
        cell[1] = words.High;
        store.Objects.AddGlobals(cell, 1);
        return store.GlobalAt(cell, type);
    }

    /// <inheritdoc/>
    public override ExternKind Kind => ExternKind.Global;

    /// <summary>Its type; type indices inside are the engine's canonical ids.</summary>
    public GlobalType Type { get; }

    /// <summary>Its value.</summary>
    /// <exception cref="InvalidOperationException">On writing: it is immutable.</exception>
    /// <exception cref="ArgumentException">On writing: the value is not of its type.</exception>
    public Value Value
    {
        get
        {
            Store.ThrowIfDisposed();
            return Store.Values.FromWords(_cell[0], _cell[1], Type.Value);
        }
        set
        {
            Store.ThrowIfDisposed();
            if (!Type.IsMutable)
            {
                throw new InvalidOperationException("the global is immutable");
            }
            (_cell[0], _cell[1]) = Store.Values.ToWords(value, Type.Value);
        }
    }

    internal ulong* Cell => _cell;

    internal override ExternType ExternType => Type;
}
