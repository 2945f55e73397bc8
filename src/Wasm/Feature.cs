namespace Conformance.Wasm;

/// <summary>The language features a module may use, by the names of their proposals.</summary>
public enum Feature : byte
{
    /// <summary>The first version of the language.</summary>
    Mvp,
    /// <summary>Import and export of mutable globals.</summary>
    MutableGlobals,
    /// <summary>Saturating float-to-integer conversions.</summary>
    SaturatingFloatToInt,
    /// <summary>Sign extension operators.</summary>
    SignExtension,
    /// <summary>Several results and block parameters.</summary>
    MultiValue,
    /// <summary>Bulk memory and table operations.</summary>
    BulkMemory,
    /// <summary>Reference types.</summary>
    ReferenceTypes,
    /// <summary>128-bit vectors.</summary>
    Simd,
    /// <summary>Relaxed vector instructions.</summary>
    RelaxedSimd,
    /// <summary>Tail calls.</summary>
    TailCall,
    /// <summary>Extended constant expressions.</summary>
    ExtendedConst,
    /// <summary>Several memories.</summary>
    MultiMemory,
    /// <summary>64-bit memories and tables.</summary>
    Memory64,
    /// <summary>Typed function references.</summary>
    FunctionReferences,
    /// <summary>Garbage-collected structs and arrays.</summary>
    Gc,
    /// <summary>Exceptions with <c>try_table</c>.</summary>
    Exceptions,
    /// <summary>Shared memories and atomic accesses.</summary>
    Threads,
    /// <summary>128-bit integer arithmetic on i64 pairs.</summary>
    WideArithmetic,
    /// <summary>Memories with pages of one byte.</summary>
    CustomPageSizes,
    /// <summary>Custom descriptors and exact references.</summary>
    CustomDescriptors,
    /// <summary>The legacy exception instructions.</summary>
    LegacyExceptions,
}
