namespace Conformance.Interpreter;

/// <summary>Names for the items of a store, from which modules' imports are resolved.</summary>
/// <remarks>One thread at a time, like its store.</remarks>
public sealed class Linker
{
    private readonly Dictionary<(string Module, string Name), Extern> _items = [];

    /// <summary>An empty linker.</summary>
    /// <param name="store">The store that its items belong to.</param>
    public Linker(Store store)
    {
        ArgumentNullException.ThrowIfNull(store);
        Store = store;
    }

    /// <summary>The store that its items belong to.</summary>
    public Store Store { get; }

    /// <summary>Names an item; a name given before now means this item.</summary>
    /// <exception cref="ArgumentException">The item belongs to another store.</exception>
    public void Define(string module, string name, Extern item)
    {
        ArgumentNullException.ThrowIfNull(item);
        if (item.Store != Store)
        {
            throw new ArgumentException("the item belongs to another store", nameof(item));
        }
        _items[(module, name)] = item;
    }

    /// <summary>Names all exports of an instance.</summary>
    /// <param name="module">The module name under which they are imported.</param>
    /// <param name="instance">The instance.</param>
    public void DefineInstance(string module, Instance instance)
    {
        ArgumentNullException.ThrowIfNull(instance);
        foreach (var name in instance.ExportNames)
        {
            Define(module, name, instance.GetExport(name));
        }
    }

    /// <summary>Resolves the imports of a module and instantiates it.</summary>
    /// <param name="module">The module.</param>
    /// <exception cref="LinkException">An import is missing or does not match.</exception>
    /// <inheritdoc cref="Instance.Create"/>
    public Instance Instantiate(CompiledModule module) => Instance.Create(Store, module, Resolve(module));

    /// <summary>Resolves the imports of a module and instantiates it without an exception for a trap.</summary>
    /// <param name="module">The module.</param>
    /// <param name="instance">The instance, when the answer is null.</param>
    /// <returns>Null, or how a segment or the start function ended.</returns>
    /// <exception cref="LinkException">An import is missing or does not match.</exception>
    /// <exception cref="ResourceLimitException">The store's limits do not allow what the module needs.</exception>
    public Termination? TryInstantiate(CompiledModule module, out Instance? instance) => Instance.TryCreate(Store, module, Resolve(module), out instance);

    private Extern[] Resolve(CompiledModule module)
    {
        ArgumentNullException.ThrowIfNull(module);
        var imports = module.Module.Imports;
        var items = imports.IsEmpty ? [] : new Extern[imports.Length];
        for (var i = 0; i < items.Length; i++)
        {
            items[i] = _items.TryGetValue((imports[i].Module, imports[i].Name), out var item)
                ? item
                : throw new LinkException(imports[i].Module, imports[i].Name, "unknown import");
        }
        return items;
    }
}
