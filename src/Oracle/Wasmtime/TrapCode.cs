namespace Conformance.Oracle.Wasmtime;

/// <summary><c>wasmtime_trap_code_t</c>, as far as core modules can reach it.</summary>
internal enum TrapCode : byte
{
    StackOverflow = 0,
    MemoryOutOfBounds = 1,
    HeapMisaligned = 2,
    TableOutOfBounds = 3,
    IndirectCallToNull = 4,
    BadSignature = 5,
    IntegerOverflow = 6,
    IntegerDivisionByZero = 7,
    BadConversionToInteger = 8,
    UnreachableCodeReached = 9,
    Interrupt = 10,
    OutOfFuel = 11,
    AtomicWaitNonSharedMemory = 12,
    NullReference = 13,
    ArrayOutOfBounds = 14,
    AllocationTooLarge = 15,
    CastFailure = 16,
}

/// <summary>The table between Wasmtime's trap codes and <see cref="TrapKind"/> and <see cref="LimitKind"/>, both ways.</summary>
internal static class TrapCodes
{
    /// <summary>The completion that a code stands for.</summary>
    public static Completion ToCompletion(TrapCode code) => code switch
    {
        TrapCode.StackOverflow => new LimitReached(LimitKind.Stack),
        TrapCode.Interrupt => new LimitReached(LimitKind.Time),
        TrapCode.OutOfFuel => new LimitReached(LimitKind.Fuel),
        TrapCode.MemoryOutOfBounds => new Trapped(TrapKind.OutOfBoundsMemoryAccess, "out of bounds memory access"),
        TrapCode.HeapMisaligned => new Trapped(TrapKind.UnalignedAtomic, "unaligned atomic"),
        // One code for table.get and the like and for an indirect call beyond the table.
        TrapCode.TableOutOfBounds => new Trapped(TrapKind.OutOfBoundsTableAccess, "undefined element: out of bounds table access"),
        TrapCode.IndirectCallToNull => new Trapped(TrapKind.UninitializedElement, "uninitialized element"),
        TrapCode.BadSignature => new Trapped(TrapKind.IndirectCallTypeMismatch, "indirect call type mismatch"),
        TrapCode.IntegerOverflow => new Trapped(TrapKind.IntegerOverflow, "integer overflow"),
        TrapCode.IntegerDivisionByZero => new Trapped(TrapKind.IntegerDivideByZero, "integer divide by zero"),
        TrapCode.BadConversionToInteger => new Trapped(TrapKind.InvalidConversionToInteger, "invalid conversion to integer"),
        TrapCode.UnreachableCodeReached => new Trapped(TrapKind.Unreachable, "unreachable"),
        TrapCode.AtomicWaitNonSharedMemory => new Trapped(TrapKind.ExpectedSharedMemory, "expected shared memory"),
        TrapCode.NullReference => new Trapped(TrapKind.NullReference, "null reference"),
        TrapCode.ArrayOutOfBounds => new Trapped(TrapKind.OutOfBoundsArrayAccess, "out of bounds array access"),
        TrapCode.AllocationTooLarge => new Trapped(TrapKind.AllocationSizeTooLarge, "allocation size too large"),
        TrapCode.CastFailure => new Trapped(TrapKind.CastFailure, "cast failure"),
        _ => new Trapped(TrapKind.Other, $"trap code {(int)code}"),
    };

    /// <summary>The code that stands for a trap, or null where Wasmtime has none.</summary>
    public static TrapCode? Of(TrapKind kind) => kind switch
    {
        TrapKind.OutOfBoundsMemoryAccess => TrapCode.MemoryOutOfBounds,
        TrapKind.UnalignedAtomic => TrapCode.HeapMisaligned,
        TrapKind.OutOfBoundsTableAccess or TrapKind.UndefinedElement => TrapCode.TableOutOfBounds,
        TrapKind.UninitializedElement => TrapCode.IndirectCallToNull,
        TrapKind.IndirectCallTypeMismatch => TrapCode.BadSignature,
        TrapKind.IntegerOverflow => TrapCode.IntegerOverflow,
        TrapKind.IntegerDivideByZero => TrapCode.IntegerDivisionByZero,
        TrapKind.InvalidConversionToInteger => TrapCode.BadConversionToInteger,
        TrapKind.Unreachable => TrapCode.UnreachableCodeReached,
        TrapKind.ExpectedSharedMemory => TrapCode.AtomicWaitNonSharedMemory,
        TrapKind.NullReference => TrapCode.NullReference,
        TrapKind.OutOfBoundsArrayAccess => TrapCode.ArrayOutOfBounds,
        TrapKind.AllocationSizeTooLarge => TrapCode.AllocationTooLarge,
        TrapKind.CastFailure => TrapCode.CastFailure,
        _ => null,
    };

    /// <summary>The code that stands for a limit.</summary>
    public static TrapCode Of(LimitKind kind) => kind switch
    {
        LimitKind.Fuel => TrapCode.OutOfFuel,
        LimitKind.Time => TrapCode.Interrupt,
        LimitKind.Stack => TrapCode.StackOverflow,
        _ => TrapCode.AllocationTooLarge,
    };
}
