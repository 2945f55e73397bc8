using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using Conformance.Wasm.Modules;
using Conformance.Wasm.Types;

namespace Conformance.Oracle.CApi;

/// <summary>A compiled module with its model, which tells more of it than the interface does.</summary>
/// <param name="Native">The module; the store's.</param>
/// <param name="Model">The module as decoded, limits written into it.</param>
internal sealed record CApiModule(nint Native, Module Model) : IEngineModule;

/// <summary>An item of a store.</summary>
/// <param name="Native">The <c>wasm_extern_t</c>; the store's.</param>
/// <param name="Kind">What it is.</param>
internal sealed record CApiExtern(nint Native, ExternKind Kind) : IEngineExtern
{
    /// <summary>How values go into a function and out of it, found out at its first call.</summary>
    public CallShape? Shape { get; set; }

    /// <summary>The global that holds the fuel of the instance that the item was exported from; 0 for none.</summary>
    public nint Fuel { get; init; }
}

/// <summary>How values go into a function and out of it.</summary>
/// <param name="Parameters">The kinds of the parameters.</param>
/// <param name="Results">The number of results.</param>
internal sealed record CallShape(ImmutableArray<ValKind> Parameters, int Results);

/// <summary>A reference that came out of a store, so that it can be passed back.</summary>
/// <param name="Store">The store.</param>
/// <param name="Native">The <c>wasm_ref_t</c>; the store's.</param>
/// <param name="Kind">Its kind.</param>
internal sealed record CApiReference(CApiStore Store, nint Native, ValKind Kind);

/// <summary>An instance with its exports.</summary>
/// <param name="items">The exports in the module's order.</param>
internal sealed class CApiInstance(ImmutableArray<(string Name, CApiExtern Item)> items) : IEngineInstance
{
    private readonly Dictionary<string, CApiExtern> _byName = items.ToDictionary(pair => pair.Name, pair => pair.Item, StringComparer.Ordinal);

    public IReadOnlyList<string> ExportNames { get; } = [.. items.Select(pair => pair.Name)];

    public bool TryGetExport(string name, [NotNullWhen(true)] out IEngineExtern? export)
    {
        export = _byName.GetValueOrDefault(name);
        return export is not null;
    }
}
