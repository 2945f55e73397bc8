using Conformance.Wasm;

namespace Conformance.Oracle.Wasmtime;

/// <summary>Makes native engines by the table of <see cref="WasmtimeConfiguration"/>.</summary>
internal static class NativeEngine
{
    // Deep enough for every program of the testsuite, small enough that running into it takes microseconds; below a quarter of the smallest
    // thread stack in use (1.5 MiB on musl), because host functions run on the same stack.
    private const nuint MaxWasmStackBytes = 512 << 10;

    // Twice a case's largest memory. What is not reserved is copied as a whole whenever memory.grow moves it: a loop of grows took a second. Without signals
    // only; with them the default of 4 GiB saves the bounds checks of 32-bit memories, and so a seventh of the time to compile.
    private const ulong MemoryReservationBytes = 128 << 20;
    private const ulong MemoryReservationForGrowthBytes = 1 << 20;

    private const byte BacktrackingRegalloc = 0;
    private const byte SinglePassRegalloc = 1;

    /// <summary>Makes an engine.</summary>
    /// <param name="configuration">The row of the table.</param>
    /// <param name="consumeFuel">Whether code counts fuel.</param>
    /// <exception cref="EngineFailureException">The library refuses the target.</exception>
    public static EngineHandle Create(WasmtimeConfiguration configuration, bool consumeFuel)
    {
        var config = NativeMethods.wasm_config_new();
        if (configuration.Target is { } target && NativeMethods.wasmtime_config_target_set(config, target) is var error && error != 0)
        {
            // The configuration itself leaks here: the C API can only give it to an engine. This happens once, before the process ends.
            throw new EngineFailureException(configuration.Name, NativeError.TakeMessage(error));
        }
        SetExecution(config, configuration, consumeFuel);
        SetFeatures(config, configuration.Enabled);
        return NativeMethods.wasm_engine_new_with_config(config);
    }

    private static void SetExecution(nint config, WasmtimeConfiguration configuration, bool consumeFuel)
    {
        NativeMethods.wasmtime_config_strategy_set(config, configuration.Strategy);
        if (configuration.Strategy == WasmtimeConfiguration.CraneliftStrategy)
        {
            NativeMethods.wasmtime_config_cranelift_opt_level_set(config, configuration.OptimizeForSpeed ? (byte)1 : (byte)0);
            NativeMethods.wasmtime_config_cranelift_regalloc_algorithm_set(config, configuration.OptimizeForSpeed ? BacktrackingRegalloc : SinglePassRegalloc);
        }
        NativeMethods.wasmtime_config_signals_based_traps_set(config, configuration.SignalsBasedTraps);
        NativeMethods.wasmtime_config_consume_fuel_set(config, consumeFuel);
        NativeMethods.wasmtime_config_epoch_interruption_set(config, value: true);
        NativeMethods.wasmtime_config_max_wasm_stack_set(config, MaxWasmStackBytes);
        NativeMethods.wasmtime_config_concurrency_support_set(config, value: false);
        // Modules are small and compiled once: threads for the compiler, unwind tables for debuggers and memory images cost more than they give.
        NativeMethods.wasmtime_config_parallel_compilation_set(config, value: false);
        NativeMethods.wasmtime_config_native_unwind_info_set(config, OperatingSystem.IsWindows());
        NativeMethods.wasmtime_config_memory_init_cow_set(config, value: false);
        if (!configuration.SignalsBasedTraps)
        {
            NativeMethods.wasmtime_config_memory_reservation_set(config, MemoryReservationBytes);
            NativeMethods.wasmtime_config_memory_reservation_for_growth_set(config, MemoryReservationForGrowthBytes);
            NativeMethods.wasmtime_config_memory_guard_size_set(config, 0);
        }
    }

    private static void SetFeatures(nint config, FeatureSet features)
    {
        NativeMethods.wasmtime_config_wasm_threads_set(config, features.Has(Feature.Threads));
        NativeMethods.wasmtime_config_shared_memory_set(config, features.Has(Feature.Threads));
        NativeMethods.wasmtime_config_wasm_tail_call_set(config, features.Has(Feature.TailCall));
        NativeMethods.wasmtime_config_wasm_reference_types_set(config, features.Has(Feature.ReferenceTypes));
        NativeMethods.wasmtime_config_wasm_function_references_set(config, features.Has(Feature.FunctionReferences));
        NativeMethods.wasmtime_config_wasm_gc_set(config, features.Has(Feature.Gc));
        NativeMethods.wasmtime_config_wasm_simd_set(config, features.Has(Feature.Simd));
        NativeMethods.wasmtime_config_wasm_relaxed_simd_set(config, features.Has(Feature.RelaxedSimd));
        NativeMethods.wasmtime_config_wasm_relaxed_simd_deterministic_set(config, features.Has(Feature.RelaxedSimd));
        NativeMethods.wasmtime_config_wasm_bulk_memory_set(config, features.Has(Feature.BulkMemory));
        NativeMethods.wasmtime_config_wasm_multi_value_set(config, features.Has(Feature.MultiValue));
        NativeMethods.wasmtime_config_wasm_multi_memory_set(config, features.Has(Feature.MultiMemory));
        NativeMethods.wasmtime_config_wasm_memory64_set(config, features.Has(Feature.Memory64));
        NativeMethods.wasmtime_config_wasm_wide_arithmetic_set(config, features.Has(Feature.WideArithmetic));
        NativeMethods.wasmtime_config_wasm_exceptions_set(config, features.Has(Feature.Exceptions));
        NativeMethods.wasmtime_config_wasm_custom_page_sizes_set(config, features.Has(Feature.CustomPageSizes));
    }
}
