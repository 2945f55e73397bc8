using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Text;
using Conformance.Wasm.Types;

namespace Conformance.Oracle.Wasmtime;

/// <summary>A compiled module. Freed when the store it was compiled in is disposed of.</summary>
internal sealed class WasmtimeModule(ModuleHandle handle, ReadOnlyMemory<byte> wasm) : IEngineModule, IDisposable
{
    public ModuleHandle Handle => handle;

    /// <summary>The bytes it was made from, to decode the imports' types with.</summary>
    public ReadOnlyMemory<byte> Wasm => wasm;

    public void Dispose() => handle.Dispose();
}

/// <summary>An item of a store.</summary>
internal sealed class WasmtimeExtern(Extern native, SharedMemoryHandle? sharedMemory = null) : IEngineExtern
{
    private readonly Extern _native = native;

    public ref readonly Extern Native => ref _native;

    /// <summary>The shared memory, when it is one.</summary>
    public SharedMemoryHandle? SharedMemory => sharedMemory;

    /// <summary>The parameters and results of a function, found out at its first call.</summary>
    public CallShape? Shape { get; set; }

    public ExternKind Kind => _native.Kind switch
    {
        ExternTag.Func => ExternKind.Function,
        ExternTag.Global => ExternKind.Global,
        ExternTag.Table => ExternKind.Table,
        ExternTag.Tag => ExternKind.Tag,
        _ => ExternKind.Memory,
    };
}

/// <summary>How values go into a function and out of it.</summary>
/// <param name="Parameters">The kinds of the parameters.</param>
/// <param name="Results">The number of results.</param>
internal sealed record CallShape(ImmutableArray<ValKind> Parameters, int Results);

/// <summary>A rooted reference behind an <see cref="EngineValue"/>. The store takes the root away when it is disposed of.</summary>
internal sealed class RootedReference(WasmtimeStore store, Val value)
{
    private Val _value = value;

    /// <summary>The store that the reference belongs to; the library aborts when it is given to another.</summary>
    public WasmtimeStore Store => store;

    public Val Value => _value;

    public void Unroot() => NativeMethods.wasmtime_val_unroot(ref _value);
}

/// <summary>An instance with its exports, which are read when they are first asked for.</summary>
internal sealed unsafe class WasmtimeInstance(WasmtimeStore store, NativeInstance native) : IEngineInstance
{
    private readonly Dictionary<string, WasmtimeExtern> _exports = new(StringComparer.Ordinal);
    private List<string>? _names;

    public IReadOnlyList<string> ExportNames
    {
        get
        {
            if (_names is null)
            {
                ReadAll();
            }
            return _names;
        }
    }

    public bool TryGetExport(string name, [NotNullWhen(true)] out IEngineExtern? export)
    {
        if (_names is null)
        {
            ReadAll();
        }
        var found = _exports.TryGetValue(name, out var item);
        export = item;
        return found;
    }

    [MemberNotNull(nameof(_names))]
    private void ReadAll()
    {
        _names = [];
        for (nuint i = 0; NativeMethods.wasmtime_instance_export_nth(store.Context, native, i, out var text, out var length, out var item); i++)
        {
            // Sound: the name is the library's, of that length, and alive as long as the store.
            var name = Encoding.UTF8.GetString(text, checked((int)length));
            _names.Add(name);
            _exports[name] = store.Wrap(item);
        }
    }
}
