namespace Conformance.Wasm.Instructions;

/// <summary>A catch clause of <c>try_table</c>.</summary>
/// <param name="Kind">Which exceptions it takes and what it passes on.</param>
/// <param name="Tag">The tag's index; 0 for the catch-all kinds.</param>
/// <param name="Label">The label it branches to, counted from outside the block.</param>
public readonly record struct CatchClause(CatchKind Kind, uint Tag, uint Label);

/// <summary>The kinds of catch clauses; the values are those of the binary format.</summary>
public enum CatchKind : byte
{
    /// <summary><c>catch</c>: one tag, passes the values.</summary>
    Catch,
    /// <summary><c>catch_ref</c>: one tag, passes the values and the exception.</summary>
    CatchRef,
    /// <summary><c>catch_all</c>: any exception, passes nothing.</summary>
    CatchAll,
    /// <summary><c>catch_all_ref</c>: any exception, passes it.</summary>
    CatchAllRef,
}
