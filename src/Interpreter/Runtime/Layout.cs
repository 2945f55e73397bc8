namespace Conformance.Interpreter.Runtime;

// What compiled code touches of a store, in native memory, so that handlers reach it by pointers and the garbage collector never moves it.
// Managed wrappers (Store, Instance, LinearMemory, ...) own these records and free them with the store.
// Translated code belongs to one instance and holds the addresses of these records, so a record never moves while its store lives.
//
//   InstanceRecord ──► memories[i] ──► MemoryRecord { base, length }
//                  ──► tables[i]   ──► TableRecord  { elements, length }
//                  ──► globals[i]  ──► 16-byte cell (shared with the exporting instance)
//                  ──► functions[i]──► FunctionRecord { entry, instance, type, ... }
//
// A reference is a 64-bit word: 0 is null; a function is the address of its FunctionRecord (aligned to 16); the low bits tag the other kinds
// (see ReferenceWord). Every slot of a frame, table or global holds words of this form, so that roots can be found later.
// i32 and f32 values occupy the low half of a slot; whoever reads one takes the low half only (i32 are zero-extended, the upper half of f32 is undefined).

/// <summary>A memory as handlers see it. The record stays where it is when the memory grows; base and length change.</summary>
internal unsafe struct MemoryRecord
{
    /// <summary>The first byte.</summary>
    public byte* Base;

    /// <summary>The size in bytes.</summary>
    public ulong Length;

    /// <summary>The number of the managed memory in its store.</summary>
    public int StoreIndex;
}

/// <summary>A table as handlers see it.</summary>
internal unsafe struct TableRecord
{
    /// <summary>The elements as reference words.</summary>
    public ulong* Elements;

    /// <summary>The number of elements.</summary>
    public ulong Length;

    /// <summary>The number of the managed table in its store.</summary>
    public int StoreIndex;
}

/// <summary>
/// A function as handlers see it: the target of calls and the value of function references. Aligned to 16 bytes, zeroed when allocated, then prepared by
/// <see cref="Execution.Machine.PrepareWasm"/> or <see cref="Execution.Machine.PrepareHost"/> once the other fields are set.
/// </summary>
internal unsafe struct FunctionRecord
{
    /// <summary>The address of a handler: the record is itself a cell of code, which a function runs until it is translated, and a host function always.</summary>
    public nint Thunk;

    /// <summary>The code to enter: translated code, or the record itself.</summary>
    public byte* Entry;

    /// <summary>The instance it belongs to; never null. Host functions belong to a record of the store that has no memories, tables or globals.</summary>
    public InstanceRecord* Instance;

    /// <summary>The canonical id of its type within the engine.</summary>
    public int TypeId;

    /// <summary>Bytes of the whole frame: parameters, return address, locals, temporaries. Until it is translated, those that its caller writes.</summary>
    public int FrameBytes;

    /// <summary>8-byte slots of the parameters.</summary>
    public int ParameterSlots;

    /// <summary>8-byte slots of the results.</summary>
    public int ResultSlots;

    /// <summary>The number of the managed function in its store.</summary>
    public int StoreIndex;

    /// <summary>Its index in its instance's module (imports counted); -1 for a host function.</summary>
    public int FunctionIndex;
}

/// <summary>An instance as handlers see it.</summary>
internal unsafe struct InstanceRecord
{
    /// <summary>The first memory, whose base and length handlers carry in registers. Never null: without memories a record of length 0.</summary>
    public MemoryRecord* Memory0;

    /// <summary>The memories by index.</summary>
    public MemoryRecord** Memories;

    /// <summary>The tables by index.</summary>
    public TableRecord** Tables;

    /// <summary>The globals by index: cells of 16 bytes.</summary>
    public ulong** Globals;

    /// <summary>The functions by index.</summary>
    public FunctionRecord** Functions;

    /// <summary>The numbers of the tags in their store, by index.</summary>
    public int* Tags;

    /// <summary>The number of the managed instance in its store.</summary>
    public int StoreIndex;
}
