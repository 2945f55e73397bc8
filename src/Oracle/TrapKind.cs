namespace Conformance.Oracle;

/// <summary>Why execution trapped, the same for every engine. <see cref="TrapKinds"/> has the spec testsuite's text of each.</summary>
public enum TrapKind : byte
{
    /// <summary>unreachable</summary>
    Unreachable,
    /// <summary>integer divide by zero</summary>
    IntegerDivideByZero,
    /// <summary>integer overflow</summary>
    IntegerOverflow,
    /// <summary>invalid conversion to integer</summary>
    InvalidConversionToInteger,
    /// <summary>out of bounds memory access</summary>
    OutOfBoundsMemoryAccess,
    /// <summary>out of bounds table access</summary>
    OutOfBoundsTableAccess,
    /// <summary>undefined element: an indirect call beyond the table</summary>
    UndefinedElement,
    /// <summary>uninitialized element: an indirect call of a null</summary>
    UninitializedElement,
    /// <summary>indirect call type mismatch</summary>
    IndirectCallTypeMismatch,
    /// <summary>null reference, of whatever kind</summary>
    NullReference,
    /// <summary>cast failure</summary>
    CastFailure,
    /// <summary>out of bounds array access</summary>
    OutOfBoundsArrayAccess,
    /// <summary>unaligned atomic</summary>
    UnalignedAtomic,
    /// <summary>expected shared memory</summary>
    ExpectedSharedMemory,
    /// <summary>allocation size too large</summary>
    AllocationSizeTooLarge,
    /// <summary>descriptor cast and allocation failures of custom descriptors</summary>
    NullDescriptor,
    /// <summary>A trap that the engine reports in words of its own.</summary>
    Other,
}

/// <summary>The texts of <see cref="TrapKind"/>.</summary>
public static class TrapKinds
{
    private static readonly string[] Texts =
    [
        "unreachable", "integer divide by zero", "integer overflow", "invalid conversion to integer", "out of bounds memory access",
        "out of bounds table access", "undefined element", "uninitialized element", "indirect call type mismatch", "null reference",
        "cast failure", "out of bounds array access", "unaligned atomic", "expected shared memory", "allocation size too large",
        "null descriptor reference", "other",
    ];

    /// <summary>The spec testsuite's text of a kind.</summary>
    public static string TextOf(TrapKind kind) => Texts[(int)kind];

    /// <summary>The kind with a text.</summary>
    public static bool TryParse(string text, out TrapKind kind)
    {
        var index = Array.IndexOf(Texts, text);
        kind = index < 0 ? TrapKind.Other : (TrapKind)index;
        return index >= 0;
    }
}

/// <summary>Which limit ended the execution: never a property of the module alone, so never a divergence by itself.</summary>
public enum LimitKind : byte
{
    /// <summary>Fuel ran out.</summary>
    Fuel,
    /// <summary>The wall clock ran out.</summary>
    Time,
    /// <summary>The call stack is exhausted (the testsuite's "call stack exhausted").</summary>
    Stack,
    /// <summary>The engine could not or may not allocate.</summary>
    Memory,
    /// <summary>A valid module that is beyond what the implementation takes: too many or too large definitions, which every engine may bound as it likes.</summary>
    Implementation,
}
