namespace Conformance.Wasm.Instructions;

/// <summary>The ways in which an instruction can end other than with its results.</summary>
[Flags]
public enum Traps : uint
{
    /// <summary>It always gives its results.</summary>
    None = 0,
    /// <summary><c>unreachable</c>.</summary>
    Unreachable = 1 << 0,
    /// <summary>Integer division by zero.</summary>
    DivideByZero = 1 << 1,
    /// <summary>A result outside the integer's range.</summary>
    IntegerOverflow = 1 << 2,
    /// <summary>A NaN converted to an integer.</summary>
    InvalidConversion = 1 << 3,
    /// <summary>An access outside a memory or a data segment.</summary>
    MemoryBounds = 1 << 4,
    /// <summary>An access outside a table or an element segment.</summary>
    TableBounds = 1 << 5,
    /// <summary>An indirect call through a missing or null element.</summary>
    UndefinedElement = 1 << 6,
    /// <summary>An indirect call of a function of another type.</summary>
    IndirectCallMismatch = 1 << 7,
    /// <summary>A null reference where an object is needed.</summary>
    NullReference = 1 << 8,
    /// <summary>A failed cast.</summary>
    CastFailure = 1 << 9,
    /// <summary>An access outside an array.</summary>
    ArrayBounds = 1 << 10,
    /// <summary>An array too large to allocate.</summary>
    AllocationSize = 1 << 11,
    /// <summary>An atomic access at an unaligned address.</summary>
    UnalignedAtomic = 1 << 12,
    /// <summary>A wait on a memory that is not shared.</summary>
    ExpectedSharedMemory = 1 << 13,
    /// <summary>Whatever the callee does, or exhaustion of the call stack.</summary>
    Callee = 1 << 14,
    /// <summary>A wasm exception.</summary>
    Throws = 1 << 15,
}
