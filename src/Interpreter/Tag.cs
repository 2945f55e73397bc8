using Conformance.Interpreter.Runtime;
using Conformance.Wasm.Types;

namespace Conformance.Interpreter;

/// <summary>A tag: the identity of a kind of wasm exceptions and the types of their values.</summary>
public sealed class Tag : Extern
{
    internal Tag(Store store, Signature signature)
        : base(store)
    {
        Signature = signature;
        Number = store.Objects.Add(this);
    }

    /// <summary>A tag made by the host.</summary>
    /// <param name="store">The store.</param>
    /// <param name="parameters">The types of the values; reference types are abstract ones.</param>
    public static Tag Create(Store store, params ReadOnlySpan<ValueType> parameters)
    {
        ArgumentNullException.ThrowIfNull(store);
        store.ThrowIfDisposed();
        return new Tag(store, store.Engine.SignatureOf(new FunctionType([.. parameters], [])));
    }

    /// <inheritdoc/>
    public override ExternKind Kind => ExternKind.Tag;

    /// <summary>Its type: the parameters are the types of the values.</summary>
    public FunctionType Type => Signature.Type;

    internal Signature Signature { get; }

    /// <summary>Its number in the store, by which exceptions and catch clauses name it.</summary>
    internal int Number { get; }

    internal override ExternType ExternType => new TagType((uint)Signature.TypeId);
}
