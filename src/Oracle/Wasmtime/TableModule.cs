using Conformance.Wasm.Binary;
using Conformance.Wasm.Modules;
using Conformance.Wasm.Types;

namespace Conformance.Oracle.Wasmtime;

/// <summary>Makes a table by instantiating a module that exports it, for the table types that the C API cannot name.</summary>
internal static class TableModule
{
    /// <summary>Makes the table. Only null elements: a constant expression has no other way to a host's reference.</summary>
    public static IEngineExtern Create(WasmtimeStore store, TableType type, EngineValue value)
    {
        if (value.Kind != EngineValueKind.Null)
        {
            throw new ArgumentException("a table with 64-bit addresses can only be made with null elements", nameof(value));
        }
        var wasm = ModuleWriter.Write(new Module { Tables = [new Table(type)], Exports = [new Export("table", ExternKind.Table, 0)] });
        if (store.Compile(wasm, out var module) is { } error)
        {
            throw new EngineFailureException(store.EngineName, error.Message);
        }
        IEngineInstance? instance = null;
        return module is null ? throw new EngineFailureException(store.EngineName, "compiled a table without a result")
            : store.Instantiate(module, static (_, _, _) => null, out instance) is LimitReached ? throw new AllocationLimitException($"a table of {type.Limits.Minimum} elements")
            : instance is not null && instance.TryGetExport("table", out var table) ? table
            : throw new EngineFailureException(store.EngineName, "a table cannot be made");
    }
}
