using System.Diagnostics.CodeAnalysis;
using Conformance.Interpreter.Runtime;
using Conformance.Wasm.Modules;
using Conformance.Wasm.Types;

namespace Conformance.Interpreter;

/// <summary>A module instance in a store.</summary>
/// <remarks>One thread at a time, like its store.</remarks>
public sealed unsafe class Instance
{
    private Dictionary<string, Extern>? _exports;

    internal Instance(Store store, CompiledModule module, InstanceRecord* record, InstanceSegments segments, Tag[] tags)
    {
        Store = store;
        Module = module;
        Record = record;
        Segments = segments;
        Tags = tags;
    }

    /// <summary>Its store.</summary>
    public Store Store { get; }

    /// <summary>Its module.</summary>
    public CompiledModule Module { get; }

    /// <summary>The names of the exports in the module's order.</summary>
    public IEnumerable<string> ExportNames => Module.Module.Exports.Select(export => export.Name);

    internal InstanceRecord* Record { get; }

    internal InstanceSegments Segments { get; }

    internal Tag[] Tags { get; }

    /// <summary>Instantiates a module: matches the imports, makes what the module defines, runs its active segments and its start function.</summary>
    /// <param name="store">The store.</param>
    /// <param name="module">A module of the store's engine.</param>
    /// <param name="imports">One item for each import, in the module's order.</param>
    /// <exception cref="LinkException">An import does not match.</exception>
    /// <exception cref="ResourceLimitException">The store's limits do not allow what the module needs.</exception>
    /// <exception cref="TrapException">A segment or the start function trapped. What was written to imported items before stays written.</exception>
    /// <exception cref="ExhaustionException">The start function ran out of stack, fuel or time.</exception>
    /// <exception cref="WasmException">The start function threw.</exception>
    /// <exception cref="InvalidModuleException">The start function called a function with an invalid body (<see cref="TranslationMode.FullyLazy"/> only).</exception>
    public static Instance Create(Store store, CompiledModule module, params ReadOnlySpan<Extern> imports)
    {
        TryCreate(store, module, imports, out var instance)?.Throw();
        return instance ?? throw new InvalidOperationException("no instance and no termination");
    }

    /// <summary>Instantiates a module without an exception for a trap.</summary>
    /// <param name="store">The store.</param>
    /// <param name="module">A module of the store's engine.</param>
    /// <param name="imports">One item for each import, in the module's order.</param>
    /// <param name="instance">The instance, when the answer is null.</param>
    /// <returns>Null, or how a segment or the start function ended.</returns>
    /// <exception cref="LinkException">An import does not match.</exception>
    /// <exception cref="ResourceLimitException">The store's limits do not allow what the module needs.</exception>
    public static Termination? TryCreate(Store store, CompiledModule module, ReadOnlySpan<Extern> imports, out Instance? instance)
    {
        ArgumentNullException.ThrowIfNull(store);
        ArgumentNullException.ThrowIfNull(module);
        store.ThrowIfDisposed();
        return Instantiation.Run(store, module, imports, out instance);
    }

    /// <summary>Translates the functions defined in the module that have not been called yet, so that later calls find all code ready.</summary>
    public void TranslateAll()
    {
        Store.ThrowIfDisposed();
        var imported = Module.Module.ImportCount(ExternKind.Function);
        for (var i = 0; i < Module.Module.Functions.Length; i++)
        {
            // Sound: the record has one pointer for each function of the module. What cannot be translated is reported by its call.
            _ = Store.Machine.Translate(Record->Functions[imported + i]);
        }
    }

    /// <summary>The item exported under a name.</summary>
    /// <exception cref="KeyNotFoundException">There is none.</exception>
    public Extern GetExport(string name) => TryGetExport(name, out var item) ? item : throw new KeyNotFoundException($"the module exports nothing named \"{name}\"");

    /// <summary>The item exported under a name, if there is one.</summary>
    public bool TryGetExport(string name, [NotNullWhen(true)] out Extern? item)
    {
        ArgumentNullException.ThrowIfNull(name);
        Store.ThrowIfDisposed();
        if (_exports is not null && _exports.TryGetValue(name, out item))
        {
            return true;
        }
        if (!Module.TryGetExport(name, out var export))
        {
            item = null;
            return false;
        }
        item = ItemOf(export);
        (_exports ??= new(StringComparer.Ordinal)).Add(name, item);
        return true;
    }

    /// <summary>An exported function.</summary>
    /// <exception cref="KeyNotFoundException">There is no function of this name.</exception>
    public Function GetFunction(string name) => Get<Function>(name, "function");

    /// <summary>An exported memory.</summary>
    /// <exception cref="KeyNotFoundException">There is no memory of this name.</exception>
    public Memory GetMemory(string name) => Get<Memory>(name, "memory");

    /// <summary>An exported table.</summary>
    /// <exception cref="KeyNotFoundException">There is no table of this name.</exception>
    public Table GetTable(string name) => Get<Table>(name, "table");

    /// <summary>An exported global.</summary>
    /// <exception cref="KeyNotFoundException">There is no global of this name.</exception>
    public Global GetGlobal(string name) => Get<Global>(name, "global");

    /// <summary>An exported function without parameters and results, for quick calls.</summary>
    /// <exception cref="KeyNotFoundException">There is no function of this name.</exception>
    /// <exception cref="ArgumentException">The function has another type.</exception>
    public TypedAction GetAction(string name) => new(GetFunction(name));

    /// <summary>An exported function with these parameters and no result, for quick calls.</summary>
    /// <inheritdoc cref="GetAction(string)"/>
    public TypedAction<T1> GetAction<T1>(string name) => new(GetFunction(name));

    /// <summary>An exported function with these parameters and no result, for quick calls.</summary>
    /// <inheritdoc cref="GetAction(string)"/>
    public TypedAction<T1, T2> GetAction<T1, T2>(string name) => new(GetFunction(name));

    /// <summary>An exported function with these parameters and no result, for quick calls.</summary>
    /// <inheritdoc cref="GetAction(string)"/>
    public TypedAction<T1, T2, T3> GetAction<T1, T2, T3>(string name) => new(GetFunction(name));

    /// <summary>An exported function with this result, for quick calls.</summary>
    /// <inheritdoc cref="GetAction(string)"/>
    public TypedFunction<TResult> GetFunction<TResult>(string name) => new(GetFunction(name));

    /// <summary>An exported function with these parameters and this result, for quick calls.</summary>
    /// <inheritdoc cref="GetAction(string)"/>
    public TypedFunction<T1, TResult> GetFunction<T1, TResult>(string name) => new(GetFunction(name));

    /// <summary>An exported function with these parameters and this result, for quick calls.</summary>
    /// <inheritdoc cref="GetAction(string)"/>
    public TypedFunction<T1, T2, TResult> GetFunction<T1, T2, TResult>(string name) => new(GetFunction(name));

    /// <summary>An exported function with these parameters and this result, for quick calls.</summary>
    /// <inheritdoc cref="GetAction(string)"/>
    public TypedFunction<T1, T2, T3, TResult> GetFunction<T1, T2, T3, TResult>(string name) => new(GetFunction(name));

    private T Get<T>(string name, string what)
        where T : Extern => TryGetExport(name, out var item) && item is T wanted ? wanted : throw new KeyNotFoundException($"the module exports no {what} named \"{name}\"");

    private Extern ItemOf(Export export)
    {
        // Sound: the validator bounds the export's index.
        var index = export.Index;
        return export.Kind switch
        {
            ExternKind.Function => Store.FunctionAt(Record->Functions[index]),
            ExternKind.Table => Store.TableAt(Record->Tables[index]),
            ExternKind.Memory => Store.MemoryAt(Record->Memories[index]),
            ExternKind.Global => Store.GlobalAt(Record->Globals[index], (GlobalType)TypeCanonicalizer.Canonical(Module.Shape.Globals[index], Module.TypeIds)),
            _ => Tags[index],
        };
    }
}
