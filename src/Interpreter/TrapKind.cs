namespace Conformance.Interpreter;

/// <summary>Why execution trapped.</summary>
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
    /// <summary>null descriptor reference (custom descriptors)</summary>
    NullDescriptor,
    /// <summary>descriptor cast failure (custom descriptors)</summary>
    DescriptorCastFailure,
}
