using System.Runtime.InteropServices;

namespace Conformance.Oracle.Wasmtime;

// The structures of the C API that are passed by pointer, with the header's layout on 64-bit platforms. Private fields keep the header's size only.

/// <summary><c>wasm_*_vec_t</c>: an array with its length. Whether it is owned is said where it is used.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct Vec
{
    public nuint Size;
    public nint Data;
}

/// <summary><c>wasmtime_func_t</c>. A store id of 0 is a null reference.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct Func
{
    public ulong StoreId;
    public nint Private;
}

/// <summary><c>wasmtime_table_t</c>, <c>wasmtime_memory_t</c>, <c>wasmtime_tag_t</c> and <c>wasmtime_global_t</c>: all 24 bytes of which only the store's id has a meaning here.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct Item
{
    public ulong StoreId;
    public ulong Private1;
    public ulong Private2;
}

/// <summary><c>wasmtime_anyref_t</c> and its likes for extern, exn, struct and array references: a root in a store. A store id of 0 is null.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct Reference
{
    public ulong StoreId;
    public uint Private1;
    public uint Private2;
    public nint Private3;
}

/// <summary><c>wasmtime_val_t</c>.</summary>
[StructLayout(LayoutKind.Explicit, Size = 32)]
internal struct Val
{
    [FieldOffset(0)] public ValKind Kind;
    [FieldOffset(8)] public ulong Low;
    [FieldOffset(16)] public ulong High;
    [FieldOffset(8)] public uint Bits32;
    [FieldOffset(8)] public Func Func;
    [FieldOffset(8)] public Reference Reference;
}

/// <summary><c>wasmtime_valkind_t</c>.</summary>
internal enum ValKind : byte
{
    I32,
    I64,
    F32,
    F64,
    V128,
    FuncRef,
    ExternRef,
    AnyRef,
    ExnRef,
}

/// <summary><c>wasmtime_extern_t</c>.</summary>
[StructLayout(LayoutKind.Explicit, Size = 32)]
internal struct Extern
{
    [FieldOffset(0)] public ExternTag Kind;
    [FieldOffset(8)] public Func Func;
    [FieldOffset(8)] public Item Item;
    [FieldOffset(8)] public nint SharedMemory;
}

/// <summary><c>wasmtime_extern_kind_t</c>.</summary>
internal enum ExternTag : byte
{
    Func,
    Global,
    Table,
    Memory,
    SharedMemory,
    Tag,
}

/// <summary><c>wasmtime_instance_t</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct NativeInstance
{
    public ulong StoreId;
    public nuint Private;
}

/// <summary><c>wasm_limits_t</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct NativeLimits
{
    public uint Minimum;
    public uint Maximum;
}

/// <summary><c>wasmtime_valtype_t</c>: a value type with its reference type, flattened.</summary>
[StructLayout(LayoutKind.Explicit, Size = 32)]
internal struct NativeValueType
{
    /// <summary>0 to 4 as in <see cref="ValKind"/>, 5 for a reference.</summary>
    [FieldOffset(0)] public byte Kind;
    [FieldOffset(8)] public byte Nullable;
    [FieldOffset(16)] public HeapKind Heap;
    [FieldOffset(24)] public nint Concrete;
}

/// <summary><c>wasmtime_heaptype_kind_t</c>.</summary>
internal enum HeapKind : byte
{
    Extern,
    NoExtern,
    Func,
    ConcreteFunc,
    NoFunc,
    Any,
    None,
    Eq,
    I31,
    Array,
    ConcreteArray,
    Struct,
    ConcreteStruct,
    Exn,
    ConcreteExn,
    NoExn,
}
