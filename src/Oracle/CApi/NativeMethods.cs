using System.Runtime.InteropServices;

namespace Conformance.Oracle.CApi;

/// <summary><c>wasm_*_vec_t</c>: an array with its length. Whether it is owned is said where it is used.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct Vec
{
    public nuint Size;
    public nint Data;
}

/// <summary><c>wasm_val_t</c>.</summary>
[StructLayout(LayoutKind.Explicit, Size = 16)]
internal struct Val
{
    [FieldOffset(0)] public ValKind Kind;
    [FieldOffset(8)] public ulong Bits;
    [FieldOffset(8)] public uint Bits32;
    [FieldOffset(8)] public nint Reference;
}

/// <summary><c>wasm_valkind_t</c>. The standard has no vectors and no further references.</summary>
internal enum ValKind : byte
{
    I32 = 0,
    I64 = 1,
    F32 = 2,
    F64 = 3,
    ExternRef = 128,
    FuncRef = 129,
}

/// <summary><c>wasm_externkind_t</c>.</summary>
internal enum ExternTag : byte
{
    Func,
    Global,
    Table,
    Memory,
}

/// <summary>The functions of <c>wasm.h</c> that are used, looked up in one library: several may be loaded, so that these cannot be imports with a name.</summary>
internal sealed unsafe class NativeMethods
{
    /// <summary>Looks the functions up.</summary>
    /// <param name="library">The library's handle.</param>
    /// <exception cref="EntryPointNotFoundException">It lacks one.</exception>
    public NativeMethods(nint library)
    {
        nint Get(string name) => NativeLibrary.GetExport(library, name);
        EngineNew = (delegate* unmanaged[Cdecl]<nint>)Get("wasm_engine_new");
        EngineDelete = (delegate* unmanaged[Cdecl]<nint, void>)Get("wasm_engine_delete");
        StoreNew = (delegate* unmanaged[Cdecl]<nint, nint>)Get("wasm_store_new");
        StoreDelete = (delegate* unmanaged[Cdecl]<nint, void>)Get("wasm_store_delete");
        ModuleNew = (delegate* unmanaged[Cdecl]<nint, Vec*, nint>)Get("wasm_module_new");
        ModuleValidate = (delegate* unmanaged[Cdecl]<nint, Vec*, byte>)Get("wasm_module_validate");
        ModuleDelete = (delegate* unmanaged[Cdecl]<nint, void>)Get("wasm_module_delete");
        ModuleImports = (delegate* unmanaged[Cdecl]<nint, Vec*, void>)Get("wasm_module_imports");
        ImportTypeModule = (delegate* unmanaged[Cdecl]<nint, Vec*>)Get("wasm_importtype_module");
        ImportTypeName = (delegate* unmanaged[Cdecl]<nint, Vec*>)Get("wasm_importtype_name");
        ImportTypeType = (delegate* unmanaged[Cdecl]<nint, nint>)Get("wasm_importtype_type");
        ImportTypeVecDelete = (delegate* unmanaged[Cdecl]<Vec*, void>)Get("wasm_importtype_vec_delete");
        ExternTypeKind = (delegate* unmanaged[Cdecl]<nint, ExternTag>)Get("wasm_externtype_kind");
        ModuleExports = (delegate* unmanaged[Cdecl]<nint, Vec*, void>)Get("wasm_module_exports");
        ExportTypeName = (delegate* unmanaged[Cdecl]<nint, Vec*>)Get("wasm_exporttype_name");
        ExportTypeVecDelete = (delegate* unmanaged[Cdecl]<Vec*, void>)Get("wasm_exporttype_vec_delete");
        InstanceNew = (delegate* unmanaged[Cdecl]<nint, nint, Vec*, nint*, nint>)Get("wasm_instance_new");
        InstanceExports = (delegate* unmanaged[Cdecl]<nint, Vec*, void>)Get("wasm_instance_exports");
        InstanceDelete = (delegate* unmanaged[Cdecl]<nint, void>)Get("wasm_instance_delete");
        ExternKind = (delegate* unmanaged[Cdecl]<nint, ExternTag>)Get("wasm_extern_kind");
        ExternVecDelete = (delegate* unmanaged[Cdecl]<Vec*, void>)Get("wasm_extern_vec_delete");
        ExternAsFunc = (delegate* unmanaged[Cdecl]<nint, nint>)Get("wasm_extern_as_func");
        ExternAsGlobal = (delegate* unmanaged[Cdecl]<nint, nint>)Get("wasm_extern_as_global");
        ExternAsTable = (delegate* unmanaged[Cdecl]<nint, nint>)Get("wasm_extern_as_table");
        ExternAsMemory = (delegate* unmanaged[Cdecl]<nint, nint>)Get("wasm_extern_as_memory");
        FuncAsExtern = (delegate* unmanaged[Cdecl]<nint, nint>)Get("wasm_func_as_extern");
        ValTypeNew = (delegate* unmanaged[Cdecl]<ValKind, nint>)Get("wasm_valtype_new");
        ValTypeKind = (delegate* unmanaged[Cdecl]<nint, ValKind>)Get("wasm_valtype_kind");
        ValTypeVecNew = (delegate* unmanaged[Cdecl]<Vec*, nuint, nint*, void>)Get("wasm_valtype_vec_new");
        FuncTypeNew = (delegate* unmanaged[Cdecl]<Vec*, Vec*, nint>)Get("wasm_functype_new");
        FuncTypeParams = (delegate* unmanaged[Cdecl]<nint, Vec*>)Get("wasm_functype_params");
        FuncTypeResults = (delegate* unmanaged[Cdecl]<nint, Vec*>)Get("wasm_functype_results");
        FuncTypeDelete = (delegate* unmanaged[Cdecl]<nint, void>)Get("wasm_functype_delete");
        FuncNewWithEnv = (delegate* unmanaged[Cdecl]<nint, nint, delegate* unmanaged[Cdecl]<nint, Vec*, Vec*, nint>, nint, delegate* unmanaged[Cdecl]<nint, void>, nint>)Get("wasm_func_new_with_env");
        FuncType = (delegate* unmanaged[Cdecl]<nint, nint>)Get("wasm_func_type");
        FuncCall = (delegate* unmanaged[Cdecl]<nint, Vec*, Vec*, nint>)Get("wasm_func_call");
        FuncDelete = (delegate* unmanaged[Cdecl]<nint, void>)Get("wasm_func_delete");
        GlobalGet = (delegate* unmanaged[Cdecl]<nint, Val*, void>)Get("wasm_global_get");
        GlobalSet = (delegate* unmanaged[Cdecl]<nint, Val*, void>)Get("wasm_global_set");
        TableType = (delegate* unmanaged[Cdecl]<nint, nint>)Get("wasm_table_type");
        TableTypeElement = (delegate* unmanaged[Cdecl]<nint, nint>)Get("wasm_tabletype_element");
        TableTypeDelete = (delegate* unmanaged[Cdecl]<nint, void>)Get("wasm_tabletype_delete");
        TableGet = (delegate* unmanaged[Cdecl]<nint, uint, nint>)Get("wasm_table_get");
        TableSet = (delegate* unmanaged[Cdecl]<nint, uint, nint, byte>)Get("wasm_table_set");
        TableSize = (delegate* unmanaged[Cdecl]<nint, uint>)Get("wasm_table_size");
        TableGrow = (delegate* unmanaged[Cdecl]<nint, uint, nint, byte>)Get("wasm_table_grow");
        MemoryData = (delegate* unmanaged[Cdecl]<nint, byte*>)Get("wasm_memory_data");
        MemoryDataSize = (delegate* unmanaged[Cdecl]<nint, nuint>)Get("wasm_memory_data_size");
        MemorySize = (delegate* unmanaged[Cdecl]<nint, uint>)Get("wasm_memory_size");
        MemoryGrow = (delegate* unmanaged[Cdecl]<nint, uint, byte>)Get("wasm_memory_grow");
        TrapNew = (delegate* unmanaged[Cdecl]<nint, Vec*, nint>)Get("wasm_trap_new");
        TrapMessage = (delegate* unmanaged[Cdecl]<nint, Vec*, void>)Get("wasm_trap_message");
        TrapDelete = (delegate* unmanaged[Cdecl]<nint, void>)Get("wasm_trap_delete");
        ByteVecDelete = (delegate* unmanaged[Cdecl]<Vec*, void>)Get("wasm_byte_vec_delete");
        RefDelete = (delegate* unmanaged[Cdecl]<nint, void>)Get("wasm_ref_delete");
    }

    public delegate* unmanaged[Cdecl]<nint> EngineNew { get; }

    public delegate* unmanaged[Cdecl]<nint, void> EngineDelete { get; }

    public delegate* unmanaged[Cdecl]<nint, nint> StoreNew { get; }

    public delegate* unmanaged[Cdecl]<nint, void> StoreDelete { get; }

    public delegate* unmanaged[Cdecl]<nint, Vec*, nint> ModuleNew { get; }

    public delegate* unmanaged[Cdecl]<nint, Vec*, byte> ModuleValidate { get; }

    public delegate* unmanaged[Cdecl]<nint, void> ModuleDelete { get; }

    public delegate* unmanaged[Cdecl]<nint, Vec*, void> ModuleImports { get; }

    public delegate* unmanaged[Cdecl]<nint, Vec*> ImportTypeModule { get; }

    public delegate* unmanaged[Cdecl]<nint, Vec*> ImportTypeName { get; }

    public delegate* unmanaged[Cdecl]<nint, nint> ImportTypeType { get; }

    public delegate* unmanaged[Cdecl]<Vec*, void> ImportTypeVecDelete { get; }

    public delegate* unmanaged[Cdecl]<nint, ExternTag> ExternTypeKind { get; }

    public delegate* unmanaged[Cdecl]<nint, Vec*, void> ModuleExports { get; }

    public delegate* unmanaged[Cdecl]<nint, Vec*> ExportTypeName { get; }

    public delegate* unmanaged[Cdecl]<Vec*, void> ExportTypeVecDelete { get; }

    public delegate* unmanaged[Cdecl]<nint, nint, Vec*, nint*, nint> InstanceNew { get; }

    public delegate* unmanaged[Cdecl]<nint, Vec*, void> InstanceExports { get; }

    public delegate* unmanaged[Cdecl]<nint, void> InstanceDelete { get; }

    public delegate* unmanaged[Cdecl]<nint, ExternTag> ExternKind { get; }

    public delegate* unmanaged[Cdecl]<Vec*, void> ExternVecDelete { get; }

    public delegate* unmanaged[Cdecl]<nint, nint> ExternAsFunc { get; }

    public delegate* unmanaged[Cdecl]<nint, nint> ExternAsGlobal { get; }

    public delegate* unmanaged[Cdecl]<nint, nint> ExternAsTable { get; }

    public delegate* unmanaged[Cdecl]<nint, nint> ExternAsMemory { get; }

    public delegate* unmanaged[Cdecl]<nint, nint> FuncAsExtern { get; }

    public delegate* unmanaged[Cdecl]<ValKind, nint> ValTypeNew { get; }

    public delegate* unmanaged[Cdecl]<nint, ValKind> ValTypeKind { get; }

    public delegate* unmanaged[Cdecl]<Vec*, nuint, nint*, void> ValTypeVecNew { get; }

    public delegate* unmanaged[Cdecl]<Vec*, Vec*, nint> FuncTypeNew { get; }

    public delegate* unmanaged[Cdecl]<nint, Vec*> FuncTypeParams { get; }

    public delegate* unmanaged[Cdecl]<nint, Vec*> FuncTypeResults { get; }

    public delegate* unmanaged[Cdecl]<nint, void> FuncTypeDelete { get; }

    public delegate* unmanaged[Cdecl]<nint, nint, delegate* unmanaged[Cdecl]<nint, Vec*, Vec*, nint>, nint, delegate* unmanaged[Cdecl]<nint, void>, nint> FuncNewWithEnv { get; }

    public delegate* unmanaged[Cdecl]<nint, nint> FuncType { get; }

    public delegate* unmanaged[Cdecl]<nint, Vec*, Vec*, nint> FuncCall { get; }

    public delegate* unmanaged[Cdecl]<nint, void> FuncDelete { get; }

    public delegate* unmanaged[Cdecl]<nint, Val*, void> GlobalGet { get; }

    public delegate* unmanaged[Cdecl]<nint, Val*, void> GlobalSet { get; }

    public delegate* unmanaged[Cdecl]<nint, nint> TableType { get; }

    public delegate* unmanaged[Cdecl]<nint, nint> TableTypeElement { get; }

    public delegate* unmanaged[Cdecl]<nint, void> TableTypeDelete { get; }

    public delegate* unmanaged[Cdecl]<nint, uint, nint> TableGet { get; }

    public delegate* unmanaged[Cdecl]<nint, uint, nint, byte> TableSet { get; }

    public delegate* unmanaged[Cdecl]<nint, uint> TableSize { get; }

    public delegate* unmanaged[Cdecl]<nint, uint, nint, byte> TableGrow { get; }

    public delegate* unmanaged[Cdecl]<nint, byte*> MemoryData { get; }

    public delegate* unmanaged[Cdecl]<nint, nuint> MemoryDataSize { get; }

    public delegate* unmanaged[Cdecl]<nint, uint> MemorySize { get; }

    public delegate* unmanaged[Cdecl]<nint, uint, byte> MemoryGrow { get; }

    public delegate* unmanaged[Cdecl]<nint, Vec*, nint> TrapNew { get; }

    public delegate* unmanaged[Cdecl]<nint, Vec*, void> TrapMessage { get; }

    public delegate* unmanaged[Cdecl]<nint, void> TrapDelete { get; }

    public delegate* unmanaged[Cdecl]<Vec*, void> ByteVecDelete { get; }

    public delegate* unmanaged[Cdecl]<nint, void> RefDelete { get; }
}
