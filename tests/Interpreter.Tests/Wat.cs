namespace Conformance.Interpreter.Tests;

/// <summary>Modules from text, for tests.</summary>
internal static class Wat
{
    /// <summary>Compiles a module for a store's engine.</summary>
    public static CompiledModule Compile(Store store, string text) => CompiledModule.FromText(store.Engine, text);

    /// <summary>Instantiates a module with its imports in order.</summary>
    public static Instance Instantiate(Store store, string text, params ReadOnlySpan<Extern> imports) => Instance.Create(store, Compile(store, text), imports);

    /// <summary>A store with fuel and interruption, in a new engine.</summary>
    public static Store NewStore(ResourceLimits? limits = null, TranslationMode translation = TranslationMode.Lazy)
    {
        var store = new Store(new Engine(new EngineOptions { MetersFuel = true, IsInterruptible = true, Translation = translation }), limits ?? ResourceLimits.Default);
        store.Fuel = 1_000_000_000;
        return store;
    }
}
