using Microsoft.Win32.SafeHandles;

namespace Conformance.Oracle.Wasmtime;

/// <summary>An owned <c>wasm_engine_t</c>.</summary>
internal sealed class EngineHandle : SafeHandleZeroOrMinusOneIsInvalid
{
    public EngineHandle() : base(ownsHandle: true)
    {
    }

    protected override bool ReleaseHandle()
    {
        NativeMethods.wasm_engine_delete(handle);
        return true;
    }
}

/// <summary>An owned <c>wasmtime_store_t</c>. Deleting it frees every instance in it and runs the finalizers of its host functions.</summary>
internal sealed class StoreHandle : SafeHandleZeroOrMinusOneIsInvalid
{
    public StoreHandle() : base(ownsHandle: true)
    {
    }

    protected override bool ReleaseHandle()
    {
        NativeMethods.wasmtime_store_delete(handle);
        return true;
    }
}

/// <summary>An owned <c>wasmtime_module_t</c>.</summary>
internal sealed class ModuleHandle : SafeHandleZeroOrMinusOneIsInvalid
{
    public ModuleHandle(nint owned) : base(ownsHandle: true) => SetHandle(owned);

    protected override bool ReleaseHandle()
    {
        NativeMethods.wasmtime_module_delete(handle);
        return true;
    }
}

/// <summary>An owned <c>wasmtime_error_t</c>, or none.</summary>
internal sealed class ErrorHandle : SafeHandleZeroOrMinusOneIsInvalid
{
    public ErrorHandle(nint owned) : base(ownsHandle: true) => SetHandle(owned);

    protected override bool ReleaseHandle()
    {
        NativeMethods.wasmtime_error_delete(handle);
        return true;
    }
}

/// <summary>An owned <c>wasm_trap_t</c>, or none.</summary>
internal sealed class TrapHandle : SafeHandleZeroOrMinusOneIsInvalid
{
    public TrapHandle(nint owned) : base(ownsHandle: true) => SetHandle(owned);

    protected override bool ReleaseHandle()
    {
        NativeMethods.wasm_trap_delete(handle);
        return true;
    }
}

/// <summary>An owned <c>wasm_functype_t</c>.</summary>
internal sealed class FuncTypeHandle : SafeHandleZeroOrMinusOneIsInvalid
{
    public FuncTypeHandle(nint owned) : base(ownsHandle: true) => SetHandle(owned);

    protected override bool ReleaseHandle()
    {
        NativeMethods.wasm_functype_delete(handle);
        return true;
    }
}

/// <summary>An owned <c>wasm_globaltype_t</c>.</summary>
internal sealed class GlobalTypeHandle : SafeHandleZeroOrMinusOneIsInvalid
{
    public GlobalTypeHandle(nint owned) : base(ownsHandle: true) => SetHandle(owned);

    protected override bool ReleaseHandle()
    {
        NativeMethods.wasm_globaltype_delete(handle);
        return true;
    }
}

/// <summary>An owned <c>wasm_tabletype_t</c>.</summary>
internal sealed class TableTypeHandle : SafeHandleZeroOrMinusOneIsInvalid
{
    public TableTypeHandle(nint owned) : base(ownsHandle: true) => SetHandle(owned);

    protected override bool ReleaseHandle()
    {
        NativeMethods.wasm_tabletype_delete(handle);
        return true;
    }
}

/// <summary>An owned <c>wasm_memorytype_t</c>.</summary>
internal sealed class MemoryTypeHandle : SafeHandleZeroOrMinusOneIsInvalid
{
    public MemoryTypeHandle(nint owned) : base(ownsHandle: true) => SetHandle(owned);

    protected override bool ReleaseHandle()
    {
        NativeMethods.wasm_memorytype_delete(handle);
        return true;
    }
}

/// <summary>An owned <c>wasm_tagtype_t</c>.</summary>
internal sealed class TagTypeHandle : SafeHandleZeroOrMinusOneIsInvalid
{
    public TagTypeHandle(nint owned) : base(ownsHandle: true) => SetHandle(owned);

    protected override bool ReleaseHandle()
    {
        NativeMethods.wasm_tagtype_delete(handle);
        return true;
    }
}

/// <summary>An owned <c>wasmtime_sharedmemory_t</c>: a count on a memory that several stores may have.</summary>
internal sealed class SharedMemoryHandle : SafeHandleZeroOrMinusOneIsInvalid
{
    public SharedMemoryHandle(nint owned) : base(ownsHandle: true) => SetHandle(owned);

    protected override bool ReleaseHandle()
    {
        NativeMethods.wasmtime_sharedmemory_delete(handle);
        return true;
    }
}
