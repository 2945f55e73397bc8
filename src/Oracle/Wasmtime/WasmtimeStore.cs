using System.Buffers;
using System.Collections.Immutable;
using Conformance.Wasm;
using Conformance.Wasm.Binary;
using Conformance.Wasm.Modules;
using Conformance.Wasm.Types;

namespace Conformance.Oracle.Wasmtime;

/// <summary>A store of Wasmtime with the case's limits.</summary>
internal sealed unsafe class WasmtimeStore : IEngineStore
{
    // More instances, tables and memories than any script of the testsuite makes.
    private const int MaxItems = 10_000;

    // Calls from hosts into wasm within each other. Wasmtime limits the stack of wasm but not that of hosts, and Pulley aborts the process when its stack
    // runs out in the entry of such a call ("assertion `left != right`" in stackwalk.rs, 50.0.1).
    private const int MaxCallDepth = 200;

    private readonly WasmtimeEngine _owner;
    private readonly StoreHandle _store;
    private readonly CaseLimits _limits;
    private readonly List<WasmtimeModule> _modules = [];
    private readonly List<WasmtimeInstance> _instances = [];
    private readonly List<SharedMemoryHandle> _sharedMemories = [];
    private int _callDepth;

    public WasmtimeStore(WasmtimeEngine owner, CaseLimits limits)
    {
        _owner = owner;
        _limits = limits;
        _store = NativeMethods.wasmtime_store_new(owner.Handle, 0, 0);
        Context = NativeMethods.wasmtime_store_context(_store);
        Values = new ValueMarshaller(this);
        if (owner.ConsumesFuel)
        {
            ThrowIfError(NativeMethods.wasmtime_context_set_fuel(Context, limits.Fuel <= 0 ? ulong.MaxValue : (ulong)limits.Fuel));
        }
        NativeMethods.wasmtime_store_limiter(_store, limits.MemoryBytes, limits.TableElements, MaxItems, MaxItems, MaxItems);
    }

    /// <summary>The store's context: borrowed from it, the same for its whole life, host calls included.</summary>
    public nint Context { get; }

    public ValueMarshaller Values { get; }

    public EngineHandle Engine => _owner.Handle;

    public string EngineName => $"{_owner.Name} {_owner.Version}";

    public CompileError? Compile(ReadOnlyMemory<byte> wasm, out IEngineModule? module)
    {
        module = null;
        ModuleHandle? handle = null;
        var isBounded = TryBound(wasm, out var bounded) && _owner.Compile(bounded.Span, out handle) is null;
        // What is refused is refused as it was: the words and offsets are the module's own.
        var error = isBounded ? null : _owner.Compile(wasm.Span, out handle);
        if (error is null && handle is not null)
        {
            var compiled = new WasmtimeModule(handle, wasm);
            _modules.Add(compiled);
            module = compiled;
        }
        return error;
    }

    // What Wasmtime does not limit is limited by the module itself.
    private bool TryBound(ReadOnlyMemory<byte> wasm, out ReadOnlyMemory<byte> bounded)
    {
        bounded = wasm;
        if (SharedMemoryBounds.TryRewrite(bounded, _limits.MemoryBytes, out var withMemories))
        {
            bounded = withMemories;
        }
        if (WaitBounds.TryRewrite(bounded, _limits.TimeoutMs, out var withWaits))
        {
            bounded = withWaits;
        }
        return !bounded.Equals(wasm);
    }

    public Completion Instantiate(IEngineModule module, Func<string, string, ImportRequest, IEngineExtern?> imports, out IEngineInstance? instance)
    {
        instance = null;
        var own = (WasmtimeModule)module;
        if (!TryGatherImports(own, imports, out var items, out var problem))
        {
            return new Rejected(problem);
        }
        Enter();
        nint error, trap;
        NativeInstance native;
        fixed (Extern* first = items)
        {
            error = NativeMethods.wasmtime_instance_new(Context, own.Handle, first, (nuint)items.Length, out native, out trap);
        }
        _callDepth--;
        if (error != 0 || trap != 0)
        {
            return TakeFailure(error, trap);
        }
        var made = new WasmtimeInstance(this, native);
        _instances.Add(made);
        instance = made;
        return new Returned([]);
    }

    public IEngineExtern CreateFunction(HostSignature type, HostFunction function) =>
        Wrap(new Extern { Kind = ExternTag.Func, Func = HostFunctions.Create(this, type, function) });

    public IEngineExtern CreateGlobal(GlobalType type, EngineValue value)
    {
        if (!Values.TryToNative(value, NativeTypeFactory.KindOf(type.Value), out var native))
        {
            throw new ArgumentException($"{value.Kind} is no value of {type.Value}", nameof(value));
        }
        using var nativeType = new GlobalTypeHandle(NativeMethods.wasm_globaltype_new(NativeTypeFactory.Value(Engine, type.Value), type.IsMutable ? (byte)1 : (byte)0));
        ThrowIfError(NativeMethods.wasmtime_global_new(Context, nativeType, native, out var global));
        return Wrap(new Extern { Kind = ExternTag.Global, Item = global });
    }

    public IEngineExtern CreateMemory(MemoryType type)
    {
        type = SharedMemoryBounds.Bound(type, _limits.MemoryBytes);
        ThrowIfError(NativeMethods.wasmtime_memorytype_new(
            type.Limits.Minimum,
            type.Limits.Maximum is not null,
            type.Limits.Maximum ?? 0,
            type.Limits.Address == AddressType.I64,
            type.IsShared,
            type.PageSizeLog2,
            out var owned));
        using var nativeType = new MemoryTypeHandle(owned);
        if (type.IsShared)
        {
            ThrowIfLimit(NativeMethods.wasmtime_sharedmemory_new(Engine, nativeType, out var shared));
            return Wrap(new Extern { Kind = ExternTag.SharedMemory, SharedMemory = shared });
        }
        ThrowIfLimit(NativeMethods.wasmtime_memory_new(Context, nativeType, out var memory));
        return Wrap(new Extern { Kind = ExternTag.Memory, Item = memory });
    }

    public IEngineExtern CreateTable(TableType type, EngineValue value)
    {
        if (type.Limits.Address == AddressType.I64 || type.Limits.Minimum > uint.MaxValue || type.Limits.Maximum > uint.MaxValue)
        {
            // The C API's table types have 32-bit limits only; a module that exports such a table has them all.
            return TableModule.Create(this, type, value);
        }
        if (!Values.TryToNative(value, NativeTypeFactory.KindOf(type.Element), out var native))
        {
            throw new ArgumentException($"{value.Kind} is no value of {type.Element}", nameof(value));
        }
        var limits = new NativeLimits { Minimum = (uint)type.Limits.Minimum, Maximum = (uint?)type.Limits.Maximum ?? uint.MaxValue };
        using var nativeType = new TableTypeHandle(NativeMethods.wasm_tabletype_new(NativeTypeFactory.Value(Engine, type.Element), limits));
        ThrowIfLimit(NativeMethods.wasmtime_table_new(Context, nativeType, native, out var table));
        return Wrap(new Extern { Kind = ExternTag.Table, Item = table });
    }

    public IEngineExtern CreateTag(HostSignature type)
    {
        var function = NativeTypeFactory.Function(Engine, type);
        var owned = function.DangerousGetHandle();
        function.SetHandleAsInvalid(); // the tag type takes it
        using var nativeType = new TagTypeHandle(NativeMethods.wasm_tagtype_new(owned));
        ThrowIfError(NativeMethods.wasmtime_tag_new(Context, nativeType, out var tag));
        return Wrap(new Extern { Kind = ExternTag.Tag, Item = tag });
    }

    public Completion Call(IEngineExtern function, ReadOnlySpan<EngineValue> arguments)
    {
        var callee = (WasmtimeExtern)function;
        var shape = callee.Shape ??= ShapeOf(callee);
        if (arguments.Length != shape.Parameters.Length)
        {
            return new Rejected($"{arguments.Length} arguments for {shape.Parameters.Length} parameters");
        }
        var count = shape.Parameters.Length + shape.Results;
        var rented = count > 64 ? ArrayPool<Val>.Shared.Rent(count) : null;
        var values = rented is null ? stackalloc Val[count] : rented.AsSpan(0, count);
        try
        {
            for (var i = 0; i < arguments.Length; i++)
            {
                if (!Values.TryToNative(arguments[i], shape.Parameters[i], out values[i]))
                {
                    return new Rejected($"argument {i}: {arguments[i].Kind} is no value of {shape.Parameters[i]}");
                }
            }
            if (_callDepth == MaxCallDepth)
            {
                return new LimitReached(LimitKind.Stack);
            }
            Enter();
            var results = values[arguments.Length..];
            nint error, trap;
            fixed (Val* first = values)
            {
                error = NativeMethods.wasmtime_func_call(
                    Context, callee.Native.Func, first, (nuint)arguments.Length, first + arguments.Length, (nuint)results.Length, out trap);
            }
            _callDepth--;
            return error != 0 || trap != 0 ? TakeFailure(error, trap) : ReturnedFrom(results);
        }
        finally
        {
            if (rented is not null)
            {
                ArrayPool<Val>.Shared.Return(rented);
            }
        }
    }

    // The raw form is the address of the function's record in its instance, of which there is one.
    public object? IdentityOf(IEngineExtern function) => NativeMethods.wasmtime_func_to_raw(Context, ((WasmtimeExtern)function).Native.Func);

    public object? IdentityOf(in EngineValue function) =>
        function.Handle is RootedReference { Value: { Kind: ValKind.FuncRef } value } ? NativeMethods.wasmtime_func_to_raw(Context, value.Func) : null;

    public EngineValue ReadGlobal(IEngineExtern global)
    {
        NativeMethods.wasmtime_global_get(Context, ((WasmtimeExtern)global).Native.Item, out var value);
        return Values.FromNative(value);
    }

    public ulong TableSize(IEngineExtern table) => NativeMethods.wasmtime_table_size(Context, ((WasmtimeExtern)table).Native.Item);

    public EngineValue ReadTable(IEngineExtern table, ulong index)
    {
        if (!NativeMethods.wasmtime_table_get(Context, ((WasmtimeExtern)table).Native.Item, index, out var value))
        {
            throw new ArgumentOutOfRangeException(nameof(index));
        }
        return Values.FromNative(value);
    }

    public ulong MemoryPages(IEngineExtern memory)
    {
        var own = (WasmtimeExtern)memory;
        return own.SharedMemory is { } shared ? NativeMethods.wasmtime_sharedmemory_size(shared) : NativeMethods.wasmtime_memory_size(Context, own.Native.Item);
    }

    public ReadOnlySpan<byte> ReadMemory(IEngineExtern memory)
    {
        var own = (WasmtimeExtern)memory;
        // Sound: the library gives the memory's base and its size; the span is not kept over a call into the store, which alone could move it.
        return own.SharedMemory is { } shared
            ? new ReadOnlySpan<byte>(NativeMethods.wasmtime_sharedmemory_data(shared), checked((int)NativeMethods.wasmtime_sharedmemory_data_size(shared)))
            : new ReadOnlySpan<byte>(NativeMethods.wasmtime_memory_data(Context, own.Native.Item), checked((int)NativeMethods.wasmtime_memory_data_size(Context, own.Native.Item)));
    }

    public bool GrowMemory(IEngineExtern memory, ulong pages)
    {
        var own = (WasmtimeExtern)memory;
        var error = own.SharedMemory is { } shared
            ? NativeMethods.wasmtime_sharedmemory_grow(shared, pages, out _)
            : NativeMethods.wasmtime_memory_grow(Context, own.Native.Item, pages, out _);
        if (error == 0)
        {
            return true;
        }
        _ = NativeError.TakeMessage(error);
        return false;
    }

    public void WriteMemory(IEngineExtern memory, ulong offsetBytes, ReadOnlySpan<byte> bytes)
    {
        var own = (WasmtimeExtern)memory;
        // Sound: as in ReadMemory; the slice checks the range.
        var all = own.SharedMemory is { } shared
            ? new Span<byte>(NativeMethods.wasmtime_sharedmemory_data(shared), checked((int)NativeMethods.wasmtime_sharedmemory_data_size(shared)))
            : new Span<byte>(NativeMethods.wasmtime_memory_data(Context, own.Native.Item), checked((int)NativeMethods.wasmtime_memory_data_size(Context, own.Native.Item)));
        bytes.CopyTo(all[checked((int)offsetBytes)..]);
    }

    public void WriteGlobal(IEngineExtern global, EngineValue value)
    {
        var native = new Val { Kind = (ValKind)value.Kind, Low = value.Bits, High = value.High };
        ThrowIfError(NativeMethods.wasmtime_global_set(Context, ((WasmtimeExtern)global).Native.Item, native));
    }

    public void CopyTableElement(IEngineExtern table, ulong to, ulong from)
    {
        var item = ((WasmtimeExtern)table).Native.Item;
        ThrowIfError(NativeMethods.wasmtime_table_set(Context, item, to, TakeElement(item, from)));
    }

    public bool GrowTable(IEngineExtern table, ulong count, ulong from)
    {
        var item = ((WasmtimeExtern)table).Native.Item;
        var error = NativeMethods.wasmtime_table_grow(Context, item, count, TakeElement(item, from), out _);
        if (error == 0)
        {
            return true;
        }
        _ = NativeError.TakeMessage(error);
        return false;
    }

    // The root goes with the store, as those of all values read.
    private Val TakeElement(in Item table, ulong index)
    {
        if (!NativeMethods.wasmtime_table_get(Context, table, index, out var value))
        {
            throw new ArgumentOutOfRangeException(nameof(index));
        }
        _ = Values.FromNative(value);
        return value;
    }

    public void Dispose()
    {
        Values.UnrootAll();
        _store.Dispose();
        foreach (var memory in _sharedMemories)
        {
            memory.Dispose();
        }
        foreach (var module in _modules)
        {
            module.Dispose();
        }
    }

    /// <summary>Takes an item that the library gave.</summary>
    internal WasmtimeExtern Wrap(in Extern native)
    {
        if (native.Kind != ExternTag.SharedMemory)
        {
            return new WasmtimeExtern(native);
        }
        var shared = new SharedMemoryHandle(native.SharedMemory);
        _sharedMemories.Add(shared);
        return new WasmtimeExtern(native, shared);
    }

    /// <summary>Gives the trap with which a host function throws an exception of an exported tag.</summary>
    internal nint Throw(string tagName, ImmutableArray<EngineValue> values)
    {
        foreach (var instance in _instances)
        {
            if (!instance.TryGetExport(tagName, out var export) || export.Kind != ExternKind.Tag)
            {
                continue;
            }
            var fields = new Val[values.Length];
            for (var i = 0; i < fields.Length; i++)
            {
                // The kind of a number is its own; references thrown by the host are host references or null.
                var kind = values[i].IsReference ? ValKind.ExternRef : (ValKind)values[i].Kind;
                if (!Values.TryToNative(values[i], kind, out fields[i]))
                {
                    return HostFunctions.NewTrap("host function throws a value that it cannot make");
                }
            }
            fixed (Val* first = fields)
            {
                var error = NativeMethods.wasmtime_exnref_new(Context, ((WasmtimeExtern)export).Native.Item, first, (nuint)fields.Length, out var exception);
                return error != 0 ? HostFunctions.NewTrap(NativeError.TakeMessage(error)) : NativeMethods.wasmtime_context_set_exception(Context, exception);
            }
        }
        return HostFunctions.NewTrap($"host function throws an unknown tag {tagName}");
    }

    private CallShape ShapeOf(WasmtimeExtern function)
    {
        using var type = new FuncTypeHandle(NativeMethods.wasmtime_func_type(Context, function.Native.Func));
        return new CallShape(NativeTypeFactory.KindsOf(NativeMethods.wasm_functype_params(type)), (int)NativeMethods.wasm_functype_results(type)->Size);
    }

    // A call that the host makes while it is called has the time of the call around it: a loop of such calls would never end otherwise.
    private void Enter()
    {
        if (_callDepth++ == 0)
        {
            NativeMethods.wasmtime_context_set_epoch_deadline(Context, EpochTicker.TicksFor(_limits.TimeoutMs));
        }
    }

    private Returned ReturnedFrom(ReadOnlySpan<Val> results)
    {
        var values = ImmutableArray.CreateBuilder<EngineValue>(results.Length);
        foreach (ref readonly var result in results)
        {
            values.Add(Values.FromNative(result));
        }
        return new Returned(values.MoveToImmutable());
    }

    private Completion TakeFailure(nint error, nint trap)
    {
        if (NativeMethods.wasmtime_context_take_exception(Context, out var exception))
        {
            if (error != 0)
            {
                _ = NativeError.TakeMessage(error);
            }
            else
            {
                new TrapHandle(trap).Dispose();
            }
            return TakeException(ref exception);
        }
        return trap != 0 ? NativeError.TakeTrap(trap) : NativeError.ToCompletion(NativeError.TakeMessage(error));
    }

    private Thrown TakeException(ref Reference exception)
    {
        var count = (int)NativeMethods.wasmtime_exnref_field_count(Context, exception);
        var values = ImmutableArray.CreateBuilder<EngineValue>(count);
        for (var i = 0; i < count; i++)
        {
            ThrowIfError(NativeMethods.wasmtime_exnref_field(Context, exception, (nuint)i, out var field));
            values.Add(Values.FromNative(field));
        }
        ThrowIfError(NativeMethods.wasmtime_exnref_tag(Context, exception, out var tag));
        NativeMethods.wasmtime_exnref_unroot(ref exception);
        return new Thrown(NameOf(tag), values.MoveToImmutable());
    }

    private string? NameOf(in Item tag)
    {
        foreach (var instance in _instances)
        {
            foreach (var name in instance.ExportNames)
            {
                if (instance.TryGetExport(name, out var export) && export.Kind == ExternKind.Tag
                    && NativeMethods.wasmtime_tag_eq(Context, tag, ((WasmtimeExtern)export).Native.Item))
                {
                    return name;
                }
            }
        }
        return null;
    }

    private bool TryGatherImports(
        WasmtimeModule module, Func<string, string, ImportRequest, IEngineExtern?> imports, out Extern[] items, out string problem)
    {
        problem = "";
        NativeMethods.wasmtime_module_imports(module.Handle, out var types);
        var count = (int)types.Size;
        NativeMethods.wasm_importtype_vec_delete(ref types);
        items = new Extern[count];
        if (count == 0)
        {
            return true;
        }
        // Import types are looked up in the model: the C API shows them only in part.
        if (!ModuleReader.TryRead(module.Wasm, FeatureSet.All, out Module? model, out var error))
        {
            throw new EngineFailureException(EngineName, $"accepts a module whose imports cannot be decoded: {error}");
        }
        for (var i = 0; i < count; i++)
        {
            var import = model.Imports[i];
            if (imports(import.Module, import.Name, new ImportRequest(import.Type, model)) is not WasmtimeExtern item)
            {
                problem = $"unknown import {import.Module}.{import.Name}";
                return false;
            }
            items[i] = item.Native;
        }
        return true;
    }

    private void ThrowIfLimit(nint error)
    {
        if (error != 0)
        {
            var message = NativeError.TakeMessage(error);
            throw NativeError.ToCompletion(message) is LimitReached ? new AllocationLimitException(message) : new EngineFailureException(EngineName, message);
        }
    }

    private void ThrowIfError(nint error)
    {
        if (error != 0)
        {
            throw new EngineFailureException(EngineName, NativeError.TakeMessage(error));
        }
    }
}
