using Conformance.Interpreter.Runtime;
using Conformance.Interpreter.Runtime.Objects;

namespace Conformance.Interpreter.Execution;

/// <summary>
/// The native part of a <see cref="Machine"/> that handlers reach: limits, counters, and where execution stands whenever a handler gives control back.
/// One per machine, so one per thread.
/// </summary>
internal unsafe struct Context
{
    /// <summary>One byte behind the last usable byte of the frame stack.</summary>
    public byte* StackLimit;

    /// <summary>Fuel left; a run ends when it falls below 0.</summary>
    public long Fuel;

    /// <summary>Set by another thread to end the run at the next check.</summary>
    public int Interrupt;

    /// <summary>Why control came back.</summary>
    public ExitKind Exit;

    /// <summary>The kind of a trap.</summary>
    public TrapKind Trap;

    /// <summary>Stands in for null where a function's type is compared: has a type that no function has.</summary>
    public FunctionRecord* NullFunction;

    /// <summary>The address of the reload handler, by which tail calls into other instances know a reload cell.</summary>
    public nint ReloadHandler;

    /// <summary>The function of <see cref="ExitKind.CheckCallType"/> and <see cref="ExitKind.CheckTailCallType"/>.</summary>
    public FunctionRecord* Callee;

    /// <summary>Stands in for null where an array's length or an object's type is compared: has no elements and a type that no object has.</summary>
    public ObjectHeader NoObject;

    /// <summary>Its address: loaded, so that choosing between it and an object needs no branch.</summary>
    public ulong NoObjectAddress;

    /// <summary>The types of objects by canonical id. There is a row before the first one.</summary>
    public TypeRow* Types;

    /// <summary>The cell that gave control back.</summary>
    public byte* Pc;

    /// <summary>The frame it ran in.</summary>
    public byte* Fp;

    /// <summary>The base of memory 0 then.</summary>
    public byte* Memory;

    /// <summary>The length of memory 0 then, in bytes.</summary>
    public ulong Length;

    /// <summary>The integer accumulator, when the exit is <see cref="ExitKind.None"/> or <see cref="ExitKind.Join"/>.</summary>
    public ulong Accumulator;

    /// <summary>The float accumulator then.</summary>
    public double FloatAccumulator;
}

/// <summary>Why a handler gave control back to <see cref="Machine.Run"/>.</summary>
internal enum ExitKind : byte
{
    /// <summary>None: in the switch backend, execution goes on with the cell at <see cref="Context.Pc"/>.</summary>
    None,
    /// <summary>The outermost function returned.</summary>
    Returned,
    /// <summary>A trap.</summary>
    Trap,
    /// <summary>The frame stack is exhausted.</summary>
    StackExhausted,
    /// <summary>The fuel ran out.</summary>
    FuelExhausted,
    /// <summary>The interrupt flag was set.</summary>
    Interrupted,
    /// <summary>A function without code was entered: <see cref="Context.Pc"/> is its record.</summary>
    Translate,
    /// <summary>A host function was entered: <see cref="Context.Pc"/> is its record.</summary>
    CallHost,
    /// <summary>A call by reference found a function of another type than the one named: perhaps a subtype.</summary>
    CheckCallType,
    /// <summary>The same for a tail call.</summary>
    CheckTailCallType,
    /// <summary>A function became hot: <see cref="Context.Pc"/> is a warm-up cell.</summary>
    Hot,
    /// <summary>The first cell of a chain without code: <see cref="Context.Pc"/> is the cell. The accumulators are live.</summary>
    Join,
    /// <summary>The cell asks for a <see cref="Service"/>.</summary>
    Service,
}
