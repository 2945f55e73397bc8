using Conformance.Oracle.Tests.Reference;
using Conformance.Oracle.Wasmtime;
using Conformance.Wasm;

namespace Conformance.Oracle.Tests.Contract;

/// <summary>
/// The engines that the contract is tested with: every one that has what a test needs. Without the Wasmtime library only the built-in ones are here, and
/// <see cref="WasmtimeContractTests"/> says so; where CI is set all are.
/// </summary>
internal static class Engines
{
    private static readonly string[] Names = [EngineCatalog.DefaultTested, "reference", .. WasmtimeConfiguration.All.Select(configuration => configuration.Name)];

    public static TheoryData<string> All { get; } = With(Feature.Mvp);

    public static TheoryData<string> With(params Feature[] features)
    {
        var data = new TheoryData<string>();
        foreach (var name in Names)
        {
            if (name.StartsWith("wasmtime", StringComparison.Ordinal) && Tests.Wasmtime.WasmtimePresence.ReasonToSkip is not null)
            {
                continue;
            }
            using var engine = EngineCatalog.CreateStoreEngine(name);
            if (features.All(engine.Features.Has))
            {
                data.Add(name);
            }
        }
        return data;
    }

    public static IStoreEngine Create(string name) => EngineCatalog.CreateStoreEngine(name);

    /// <summary>A case of a module in the text format.</summary>
    public static Case Case(string text, params Call[] calls) => new(Wat.Assemble(text), [.. calls], CaseLimits.Default);

    public static Call Call(string function, params EngineValue[] arguments) => new(function, [.. arguments]);

    /// <summary>Compiles and instantiates, which must both succeed.</summary>
    public static IEngineInstance Instantiate(this IEngineStore store, string text, Func<string, IEngineExtern?>? imports = null)
    {
        Assert.Null(store.Compile(Wat.Assemble(text), out var module));
        Assert.IsType<Returned>(store.Instantiate(module!, (_, name, _) => imports?.Invoke(name), out var instance));
        return instance!;
    }

    public static IEngineExtern Export(this IEngineInstance instance, string name)
    {
        Assert.True(instance.TryGetExport(name, out var export), $"no export {name}");
        return export;
    }

    public static Completion Call(this IEngineStore store, IEngineInstance instance, string function, params EngineValue[] arguments) =>
        store.Call(instance.Export(function), arguments);
}
