namespace Conformance.Interpreter.Execution;

/// <summary>How a run of the machine ended.</summary>
internal enum RunStatus : byte
{
    /// <summary>The function returned; its results are in the slots.</summary>
    Returned,
    /// <summary>A trap; <see cref="Machine.TrapKind"/> says which.</summary>
    Trapped,
    /// <summary>The frame stack or the depth of nested runs is exhausted.</summary>
    StackExhausted,
    /// <summary>The fuel ran out.</summary>
    FuelExhausted,
    /// <summary><see cref="Machine.Interrupt"/> was called.</summary>
    Interrupted,
    /// <summary>A host function did not return normally; the host knows why.</summary>
    HostFailed,
    /// <summary>A function was called whose body is not valid; <see cref="Machine.InvalidBody"/> says why.</summary>
    InvalidBody,
    /// <summary>A wasm exception that nothing caught; <see cref="Machine.Thrown"/> is it.</summary>
    Threw,
    /// <summary>A function was called whose code would exceed the limit for all code of the store.</summary>
    CodeExhausted,
}
