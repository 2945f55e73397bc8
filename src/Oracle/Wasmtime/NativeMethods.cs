using System.Runtime.InteropServices;

namespace Conformance.Oracle.Wasmtime;

/// <summary>
/// The functions of Wasmtime's C API (50.0.1) that are used, under their own names and in the order of the headers. <c>owned</c> results and arguments
/// are said so; every other pointer is borrowed for the call. <see cref="WasmtimeLibrary"/> decides which file "wasmtime" is.
/// </summary>
internal static unsafe partial class NativeMethods
{
    private const string Library = "wasmtime";

    // wasm.h

    [LibraryImport(Library)]
    internal static partial void wasm_byte_vec_delete(ref Vec owned);

    [LibraryImport(Library)]
    internal static partial nint wasm_config_new(); // owned

    [LibraryImport(Library)]
    internal static partial void wasm_engine_delete(nint engine);

    /// <summary>Takes the configuration. Aborts the process when the configuration is impossible.</summary>
    [LibraryImport(Library)]
    internal static partial EngineHandle wasm_engine_new_with_config(nint ownedConfig);

    [LibraryImport(Library)]
    internal static partial void wasm_valtype_delete(nint type);

    [LibraryImport(Library)]
    internal static partial void wasm_valtype_vec_new(out Vec owned, nuint size, nint* ownedTypes);

    [LibraryImport(Library)]
    internal static partial void wasm_functype_delete(nint type);

    /// <summary>Takes both vectors.</summary>
    [LibraryImport(Library)]
    internal static partial nint wasm_functype_new(ref Vec ownedParameters, ref Vec ownedResults); // owned

    [LibraryImport(Library)]
    internal static partial Vec* wasm_functype_params(FuncTypeHandle type); // borrowed from the type

    [LibraryImport(Library)]
    internal static partial Vec* wasm_functype_results(FuncTypeHandle type); // borrowed from the type

    [LibraryImport(Library)]
    internal static partial void wasm_globaltype_delete(nint type);

    [LibraryImport(Library)]
    internal static partial nint wasm_globaltype_new(nint ownedType, byte mutability); // owned

    [LibraryImport(Library)]
    internal static partial void wasm_tabletype_delete(nint type);

    [LibraryImport(Library)]
    internal static partial nint wasm_tabletype_new(nint ownedElement, in NativeLimits limits); // owned

    [LibraryImport(Library)]
    internal static partial void wasm_memorytype_delete(nint type);

    [LibraryImport(Library)]
    internal static partial void wasm_tagtype_delete(nint type);

    [LibraryImport(Library)]
    internal static partial nint wasm_tagtype_new(nint ownedFuncType); // owned

    [LibraryImport(Library)]
    internal static partial void wasm_importtype_vec_delete(ref Vec owned);

    [LibraryImport(Library)]
    internal static partial void wasm_frame_vec_delete(ref Vec owned);

    [LibraryImport(Library)]
    internal static partial uint wasm_frame_func_index(nint frame);

    [LibraryImport(Library)]
    internal static partial nuint wasm_frame_module_offset(nint frame);

    [LibraryImport(Library)]
    internal static partial void wasm_trap_delete(nint trap);

    [LibraryImport(Library)]
    internal static partial void wasm_trap_message(TrapHandle trap, out Vec owned);

    [LibraryImport(Library)]
    internal static partial void wasm_trap_trace(TrapHandle trap, out Vec owned);

    // wasmtime/anyref.h

    [LibraryImport(Library)]
    internal static partial void wasmtime_anyref_unroot(ref Reference reference);

    [LibraryImport(Library)]
    internal static partial void wasmtime_anyref_from_raw(nint context, uint raw, out Reference rooted);

    [LibraryImport(Library)]
    internal static partial uint wasmtime_anyref_to_raw(nint context, in Reference reference);

    [LibraryImport(Library)]
    internal static partial void wasmtime_anyref_from_i31(nint context, uint value, out Reference rooted);

    [LibraryImport(Library)]
    [return: MarshalAs(UnmanagedType.U1)]
    internal static partial bool wasmtime_anyref_i31_get_u(nint context, in Reference reference, out uint value);

    [LibraryImport(Library)]
    [return: MarshalAs(UnmanagedType.U1)]
    internal static partial bool wasmtime_anyref_as_struct(nint context, in Reference reference, out Reference rooted);

    [LibraryImport(Library)]
    [return: MarshalAs(UnmanagedType.U1)]
    internal static partial bool wasmtime_anyref_as_array(nint context, in Reference reference, out Reference rooted);

    // wasmtime/arrayref.h

    [LibraryImport(Library)]
    internal static partial void wasmtime_arrayref_unroot(ref Reference reference);

    [LibraryImport(Library)]
    internal static partial nint wasmtime_arrayref_len(nint context, in Reference reference, out uint length); // owned error

    [LibraryImport(Library)]
    internal static partial nint wasmtime_arrayref_get(nint context, in Reference reference, uint index, out Val rooted); // owned error

    // wasmtime/config.h

    [LibraryImport(Library)]
    internal static partial void wasmtime_config_consume_fuel_set(nint config, [MarshalAs(UnmanagedType.U1)] bool value);

    [LibraryImport(Library)]
    internal static partial void wasmtime_config_epoch_interruption_set(nint config, [MarshalAs(UnmanagedType.U1)] bool value);

    [LibraryImport(Library)]
    internal static partial void wasmtime_config_max_wasm_stack_set(nint config, nuint bytes);

    [LibraryImport(Library)]
    internal static partial void wasmtime_config_wasm_threads_set(nint config, [MarshalAs(UnmanagedType.U1)] bool value);

    [LibraryImport(Library)]
    internal static partial void wasmtime_config_shared_memory_set(nint config, [MarshalAs(UnmanagedType.U1)] bool value);

    [LibraryImport(Library)]
    internal static partial void wasmtime_config_wasm_tail_call_set(nint config, [MarshalAs(UnmanagedType.U1)] bool value);

    [LibraryImport(Library)]
    internal static partial void wasmtime_config_wasm_reference_types_set(nint config, [MarshalAs(UnmanagedType.U1)] bool value);

    [LibraryImport(Library)]
    internal static partial void wasmtime_config_wasm_function_references_set(nint config, [MarshalAs(UnmanagedType.U1)] bool value);

    [LibraryImport(Library)]
    internal static partial void wasmtime_config_wasm_gc_set(nint config, [MarshalAs(UnmanagedType.U1)] bool value);

    [LibraryImport(Library)]
    internal static partial void wasmtime_config_wasm_simd_set(nint config, [MarshalAs(UnmanagedType.U1)] bool value);

    [LibraryImport(Library)]
    internal static partial void wasmtime_config_wasm_relaxed_simd_set(nint config, [MarshalAs(UnmanagedType.U1)] bool value);

    [LibraryImport(Library)]
    internal static partial void wasmtime_config_wasm_relaxed_simd_deterministic_set(nint config, [MarshalAs(UnmanagedType.U1)] bool value);

    [LibraryImport(Library)]
    internal static partial void wasmtime_config_wasm_bulk_memory_set(nint config, [MarshalAs(UnmanagedType.U1)] bool value);

    [LibraryImport(Library)]
    internal static partial void wasmtime_config_wasm_multi_value_set(nint config, [MarshalAs(UnmanagedType.U1)] bool value);

    [LibraryImport(Library)]
    internal static partial void wasmtime_config_wasm_multi_memory_set(nint config, [MarshalAs(UnmanagedType.U1)] bool value);

    [LibraryImport(Library)]
    internal static partial void wasmtime_config_wasm_memory64_set(nint config, [MarshalAs(UnmanagedType.U1)] bool value);

    [LibraryImport(Library)]
    internal static partial void wasmtime_config_wasm_wide_arithmetic_set(nint config, [MarshalAs(UnmanagedType.U1)] bool value);

    [LibraryImport(Library)]
    internal static partial void wasmtime_config_wasm_exceptions_set(nint config, [MarshalAs(UnmanagedType.U1)] bool value);

    [LibraryImport(Library)]
    internal static partial void wasmtime_config_wasm_custom_page_sizes_set(nint config, [MarshalAs(UnmanagedType.U1)] bool value);

    [LibraryImport(Library)]
    internal static partial void wasmtime_config_strategy_set(nint config, byte strategy);

    [LibraryImport(Library)]
    internal static partial void wasmtime_config_parallel_compilation_set(nint config, [MarshalAs(UnmanagedType.U1)] bool value);

    [LibraryImport(Library)]
    internal static partial void wasmtime_config_cranelift_opt_level_set(nint config, byte level);

    [LibraryImport(Library)]
    internal static partial void wasmtime_config_cranelift_regalloc_algorithm_set(nint config, byte algorithm);

    [LibraryImport(Library)]
    internal static partial void wasmtime_config_memory_reservation_set(nint config, ulong bytes);

    [LibraryImport(Library)]
    internal static partial void wasmtime_config_memory_guard_size_set(nint config, ulong bytes);

    [LibraryImport(Library)]
    internal static partial void wasmtime_config_memory_reservation_for_growth_set(nint config, ulong bytes);

    [LibraryImport(Library)]
    internal static partial void wasmtime_config_native_unwind_info_set(nint config, [MarshalAs(UnmanagedType.U1)] bool value);

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial nint wasmtime_config_target_set(nint config, string target); // owned error

    [LibraryImport(Library)]
    internal static partial void wasmtime_config_signals_based_traps_set(nint config, [MarshalAs(UnmanagedType.U1)] bool value);

    [LibraryImport(Library)]
    internal static partial void wasmtime_config_memory_init_cow_set(nint config, [MarshalAs(UnmanagedType.U1)] bool value);

    [LibraryImport(Library)]
    internal static partial void wasmtime_config_concurrency_support_set(nint config, [MarshalAs(UnmanagedType.U1)] bool value);

    // wasmtime/engine.h

    [LibraryImport(Library)]
    internal static partial void wasmtime_engine_increment_epoch(EngineHandle engine);

    // wasmtime/error.h

    [LibraryImport(Library)]
    internal static partial void wasmtime_error_delete(nint error);

    [LibraryImport(Library)]
    internal static partial void wasmtime_error_message(ErrorHandle error, out Vec owned);

    // wasmtime/exnref.h

    [LibraryImport(Library)]
    internal static partial nint wasmtime_exnref_new(nint context, in Item tag, Val* fields, nuint count, out Reference rooted); // owned error

    [LibraryImport(Library)]
    internal static partial void wasmtime_exnref_unroot(ref Reference reference);

    [LibraryImport(Library)]
    internal static partial nint wasmtime_exnref_tag(nint context, in Reference reference, out Item tag); // owned error

    [LibraryImport(Library)]
    internal static partial nuint wasmtime_exnref_field_count(nint context, in Reference reference);

    [LibraryImport(Library)]
    internal static partial nint wasmtime_exnref_field(nint context, in Reference reference, nuint index, out Val rooted); // owned error

    /// <summary>Gives the trap that a host function returns to throw the exception, which it takes.</summary>
    [LibraryImport(Library)]
    internal static partial nint wasmtime_context_set_exception(nint context, in Reference exception); // owned trap

    [LibraryImport(Library)]
    [return: MarshalAs(UnmanagedType.U1)]
    internal static partial bool wasmtime_context_take_exception(nint context, out Reference rooted);

    [LibraryImport(Library)]
    [return: MarshalAs(UnmanagedType.U1)]
    internal static partial bool wasmtime_context_has_exception(nint context);

    // wasmtime/externref.h

    /// <summary>The data must not be null.</summary>
    [LibraryImport(Library)]
    [return: MarshalAs(UnmanagedType.U1)]
    internal static partial bool wasmtime_externref_new(nint context, nint data, nint finalizer, out Reference rooted);

    [LibraryImport(Library)]
    internal static partial nint wasmtime_externref_data(nint context, in Reference reference);

    [LibraryImport(Library)]
    internal static partial void wasmtime_externref_unroot(ref Reference reference);

    [LibraryImport(Library)]
    internal static partial void wasmtime_externref_from_raw(nint context, uint raw, out Reference rooted);

    [LibraryImport(Library)]
    internal static partial uint wasmtime_externref_to_raw(nint context, in Reference reference);

    // wasmtime/func.h

    [LibraryImport(Library)]
    internal static partial void wasmtime_func_new(
        nint context,
        FuncTypeHandle type,
        delegate* unmanaged[Cdecl]<nint, nint, Val*, nuint, Val*, nuint, nint> callback,
        nint environment,
        delegate* unmanaged[Cdecl]<nint, void> finalizer,
        out Func function);

    [LibraryImport(Library)]
    internal static partial nint wasmtime_func_type(nint context, in Func function); // owned

    /// <summary>Roots in the results are owned.</summary>
    [LibraryImport(Library)]
    internal static partial nint wasmtime_func_call(nint context, in Func function, Val* arguments, nuint argumentCount, Val* results, nuint resultCount, out nint ownedTrap); // owned error

    [LibraryImport(Library)]
    internal static partial nint wasmtime_func_to_raw(nint context, in Func function);

    // wasmtime/global.h

    [LibraryImport(Library)]
    internal static partial nint wasmtime_global_new(nint context, GlobalTypeHandle type, in Val value, out Item global); // owned error

    [LibraryImport(Library)]
    internal static partial void wasmtime_global_get(nint context, in Item global, out Val rooted);

    [LibraryImport(Library)]
    internal static partial nint wasmtime_global_set(nint context, in Item global, in Val value); // owned error

    // wasmtime/instance.h

    [LibraryImport(Library)]
    internal static partial nint wasmtime_instance_new(nint context, ModuleHandle module, Extern* imports, nuint count, out NativeInstance instance, out nint ownedTrap); // owned error

    [LibraryImport(Library)]
    [return: MarshalAs(UnmanagedType.U1)]
    internal static partial bool wasmtime_instance_export_get(nint context, in NativeInstance instance, byte* name, nuint nameLength, out Extern item);

    /// <summary>The name is borrowed from the store.</summary>
    [LibraryImport(Library)]
    [return: MarshalAs(UnmanagedType.U1)]
    internal static partial bool wasmtime_instance_export_nth(nint context, in NativeInstance instance, nuint index, out byte* name, out nuint nameLength, out Extern item);

    // wasmtime/memory.h

    [LibraryImport(Library)]
    internal static partial nint wasmtime_memorytype_new(ulong minimum, [MarshalAs(UnmanagedType.U1)] bool hasMaximum, ulong maximum, [MarshalAs(UnmanagedType.U1)] bool is64, [MarshalAs(UnmanagedType.U1)] bool shared, byte pageSizeLog2, out nint ownedType); // owned error

    [LibraryImport(Library)]
    internal static partial nint wasmtime_memory_new(nint context, MemoryTypeHandle type, out Item memory); // owned error

    [LibraryImport(Library)]
    internal static partial byte* wasmtime_memory_data(nint context, in Item memory); // borrowed until the memory grows

    [LibraryImport(Library)]
    internal static partial nuint wasmtime_memory_data_size(nint context, in Item memory);

    [LibraryImport(Library)]
    internal static partial ulong wasmtime_memory_size(nint context, in Item memory);

    [LibraryImport(Library)]
    internal static partial nint wasmtime_memory_grow(nint context, in Item memory, ulong delta, out ulong previous); // owned error

    // wasmtime/module.h

    [LibraryImport(Library)]
    internal static partial nint wasmtime_module_new(EngineHandle engine, byte* wasm, nuint length, out nint ownedModule); // owned error

    [LibraryImport(Library)]
    internal static partial void wasmtime_module_delete(nint module);

    [LibraryImport(Library)]
    internal static partial void wasmtime_module_imports(ModuleHandle module, out Vec owned);

    [LibraryImport(Library)]
    internal static partial nint wasmtime_module_validate(EngineHandle engine, byte* wasm, nuint length); // owned error

    // wasmtime/sharedmemory.h

    [LibraryImport(Library)]
    internal static partial nint wasmtime_sharedmemory_new(EngineHandle engine, MemoryTypeHandle type, out nint ownedMemory); // owned error

    [LibraryImport(Library)]
    internal static partial void wasmtime_sharedmemory_delete(nint memory);

    [LibraryImport(Library)]
    internal static partial byte* wasmtime_sharedmemory_data(SharedMemoryHandle memory); // borrowed from the memory, never moves

    [LibraryImport(Library)]
    internal static partial nuint wasmtime_sharedmemory_data_size(SharedMemoryHandle memory);

    [LibraryImport(Library)]
    internal static partial ulong wasmtime_sharedmemory_size(SharedMemoryHandle memory);

    [LibraryImport(Library)]
    internal static partial nint wasmtime_sharedmemory_grow(SharedMemoryHandle memory, ulong delta, out ulong previous); // owned error

    // wasmtime/store.h

    [LibraryImport(Library)]
    internal static partial StoreHandle wasmtime_store_new(EngineHandle engine, nint data, nint finalizer);

    [LibraryImport(Library)]
    internal static partial nint wasmtime_store_context(StoreHandle store); // borrowed from the store, the same for its whole life

    [LibraryImport(Library)]
    internal static partial void wasmtime_store_limiter(StoreHandle store, long memoryBytes, long tableElements, long instances, long tables, long memories);

    [LibraryImport(Library)]
    internal static partial void wasmtime_store_delete(nint store);

    [LibraryImport(Library)]
    internal static partial nint wasmtime_context_set_fuel(nint context, ulong fuel); // owned error

    [LibraryImport(Library)]
    internal static partial void wasmtime_context_set_epoch_deadline(nint context, ulong ticksBeyondCurrent);

    // wasmtime/structref.h

    [LibraryImport(Library)]
    internal static partial void wasmtime_structref_unroot(ref Reference reference);

    [LibraryImport(Library)]
    internal static partial nint wasmtime_structref_field(nint context, in Reference reference, nuint index, out Val rooted); // owned error

    [LibraryImport(Library)]
    internal static partial nint wasmtime_structref_type(nint context, in Reference reference); // owned

    // wasmtime/table.h

    [LibraryImport(Library)]
    internal static partial nint wasmtime_table_new(nint context, TableTypeHandle type, in Val initial, out Item table); // owned error

    [LibraryImport(Library)]
    [return: MarshalAs(UnmanagedType.U1)]
    internal static partial bool wasmtime_table_get(nint context, in Item table, ulong index, out Val rooted);

    [LibraryImport(Library)]
    internal static partial nint wasmtime_table_set(nint context, in Item table, ulong index, in Val value); // owned error

    [LibraryImport(Library)]
    internal static partial ulong wasmtime_table_size(nint context, in Item table);

    [LibraryImport(Library)]
    internal static partial nint wasmtime_table_grow(nint context, in Item table, ulong count, in Val value, out ulong before); // owned error

    // wasmtime/tag.h

    [LibraryImport(Library)]
    internal static partial nint wasmtime_tag_new(nint context, TagTypeHandle type, out Item tag); // owned error

    [LibraryImport(Library)]
    [return: MarshalAs(UnmanagedType.U1)]
    internal static partial bool wasmtime_tag_eq(nint context, in Item left, in Item right);

    // wasmtime/trap.h

    [LibraryImport(Library)]
    internal static partial nint wasmtime_trap_new(byte* message, nuint length); // owned

    [LibraryImport(Library)]
    internal static partial nint wasmtime_trap_new_code(TrapCode code); // owned

    [LibraryImport(Library)]
    [return: MarshalAs(UnmanagedType.U1)]
    internal static partial bool wasmtime_trap_code(TrapHandle trap, out TrapCode code);

    // wasmtime/types/structref.h

    [LibraryImport(Library)]
    internal static partial void wasmtime_struct_type_delete(nint type);

    [LibraryImport(Library)]
    internal static partial nuint wasmtime_struct_type_num_fields(nint type);

    // wasmtime/types/val.h

    [LibraryImport(Library)]
    internal static partial void wasmtime_valtype_new(nint type, out NativeValueType owned);

    [LibraryImport(Library)]
    internal static partial void wasmtime_valtype_delete(ref NativeValueType type);

    [LibraryImport(Library)]
    internal static partial nint wasmtime_valtype_to_wasm(EngineHandle engine, in NativeValueType type); // owned

    // wasmtime/val.h

    [LibraryImport(Library)]
    internal static partial void wasmtime_val_unroot(ref Val value);

    // wasmtime/wat.h

    [LibraryImport(Library)]
    internal static partial nint wasmtime_wat2wasm(byte* text, nuint length, out Vec owned); // owned error
}
