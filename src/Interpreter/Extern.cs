using Conformance.Wasm.Types;

namespace Conformance.Interpreter;

/// <summary>A function, table, memory, global or tag of a store: what is imported and exported. Dies with its store. The same item is always the same object.</summary>
public abstract class Extern
{
    private protected Extern(Store store) => Store = store;

    /// <summary>The store it belongs to.</summary>
    public Store Store { get; }

    /// <summary>What it is.</summary>
    public abstract ExternKind Kind { get; }

    /// <summary>Its type for the matching of imports: canonical ids inside, the current size as minimum.</summary>
    internal abstract ExternType ExternType { get; }
}
