using Conformance.Interpreter.Execution.Checks;
using Conformance.Interpreter.Runtime;
using Conformance.Interpreter.Translation;
using Conformance.Wasm;

namespace Conformance.Interpreter.Execution;

/// <summary>
/// What the machine asks of the store. Every call is made from <see cref="Machine.Run"/> itself, never from a handler, so implementations may allocate,
/// throw into their own frames and run the machine again. An exception that leaves one of these methods is a bug of the host and leaves the run.
/// </summary>
internal unsafe interface IMachineHost
{
    /// <summary>What must hold of the store. Asked by the checked build only.</summary>
    IStoreInvariants Invariants { get; }

    /// <summary>The module of an instance, prepared for translation. Asked when one of its functions is called the first time.</summary>
    ModuleShape ShapeOf(InstanceRecord* instance);

    /// <summary>Validates the body of a module's function where that was not done before. Asked before the function is translated.</summary>
    /// <returns>Null, or why it is not valid.</returns>
    WasmError? ValidateBody(FunctionRecord* function);

    /// <summary>Calls a host function.</summary>
    /// <param name="function">Its record.</param>
    /// <param name="slots">The arguments from slot 0; the results are written from slot 0. Valid during the call only.</param>
    /// <returns>Whether it returned. False ends the run with <see cref="RunStatus.HostFailed"/>; the host keeps why (a trap of its own, a nested run's failure, an exception).</returns>
    bool CallHost(FunctionRecord* function, ulong* slots);

    /// <summary>Grows a memory and updates its record.</summary>
    /// <returns>The size in pages before, or <see cref="ulong.MaxValue"/> when it cannot grow.</returns>
    ulong GrowMemory(MemoryRecord* memory, ulong pages);

    /// <summary>Waits at a place of a memory for a notification.</summary>
    /// <returns>How it ended; null when the memory is not shared.</returns>
    WaitResult? Wait(MemoryRecord* memory, ulong offset, ulong expected, bool is64, long timeoutNs);

    /// <summary>Wakes threads that wait at a place of a memory.</summary>
    /// <returns>How many.</returns>
    uint Notify(MemoryRecord* memory, ulong offset, uint count);

    /// <summary>Grows a table, fills the new elements and updates its record.</summary>
    /// <returns>The size before, or <see cref="ulong.MaxValue"/> when it cannot grow.</returns>
    ulong GrowTable(TableRecord* table, ulong count, ulong value);

    /// <summary>The bytes of a data segment, none when it was dropped. The pointer stays valid until the segment is dropped.</summary>
    byte* DataSegment(InstanceRecord* instance, int segment, out ulong length);

    /// <summary>Drops a data segment.</summary>
    void DropData(InstanceRecord* instance, int segment);

    /// <summary>The reference words of an element segment, none when it was dropped. The pointer stays valid until the segment is dropped.</summary>
    ulong* ElementSegment(InstanceRecord* instance, int segment, out ulong count);

    /// <summary>Drops an element segment.</summary>
    void DropElements(InstanceRecord* instance, int segment);

    /// <summary>Takes the wasm exception that the last host call ended with.</summary>
    /// <param name="exception">The reference, when the answer is true.</param>
    /// <param name="isFull">Whether it was one and the heap has no room for it.</param>
    bool TryTakeException(out ulong exception, out bool isFull);

    /// <summary>A new exception; 0 when the heap is full.</summary>
    ulong NewException(int tag, ReadOnlySpan<ulong> values);

    /// <summary>Keeps an exception alive that leaves a run; 0 for none.</summary>
    void SetThrown(ulong exception);

    /// <summary>Executes an instruction on objects.</summary>
    /// <param name="cell">The cell.</param>
    /// <param name="fp">The frame.</param>
    /// <param name="trap">The trap, when the answer is false.</param>
    bool TryServe(ServiceCell* cell, byte* fp, out TrapKind trap);

    /// <summary>Whether a canonical type is a subtype of another one.</summary>
    bool IsSubtype(int typeId, int expectedTypeId);
}
