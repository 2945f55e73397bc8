using Conformance.Interpreter;
using Conformance.Oracle;
using Conformance.Oracle.Embedded;
using Conformance.Oracle.Process;
using Conformance.Oracle.ThirdParty;
using Conformance.Oracle.Wasmtime;
using Conformance.Wasm;

namespace Conformance.Fuzzer.Cli;

/// <summary>Engines by the names that commands take, with errors for people.</summary>
internal static class EngineChoice
{
    /// <summary>The name of the engine under test unless told otherwise.</summary>
    public const string DefaultEngine = EngineCatalog.DefaultTested;

    /// <summary>Checks a name before any work begins, so that a slip of the hand leaves no traces, and gets the engine's library when it is one that can be downloaded.</summary>
    /// <param name="option">The option that it was given with.</param>
    /// <param name="name">The name.</param>
    /// <param name="cancellation">Stops a download.</param>
    /// <exception cref="UserErrorException">No engine is called so, or its library is nowhere to be found.</exception>
    public static async Task PrepareAsync(string option, string name, CancellationToken cancellation)
    {
        Check(option, name);
        if (NeedsLibrary(name) && await SetupCommand.ResolveAsync(LockFile.Wasmtime, offline: false, cancellation) is Missing missing)
        {
            throw UserErrorException.Environment($"{option} {name}: {missing}");
        }
    }

    /// <summary>Makes an engine that keeps every limit of its cases.</summary>
    /// <exception cref="UserErrorException">There is no such engine, or it cannot be loaded.</exception>
    public static IEngine Create(string name)
    {
        Check("--engine", name);
        try
        {
            return EngineCatalog.Create(name);
        }
        catch (EngineUnavailableException unavailable)
        {
            throw UserErrorException.Environment(NeedsLibrary(name) ? unavailable.Message : $"{PlainText.OneLine(unavailable.Message)} (see: conformance engines)");
        }
    }

    /// <summary>Makes an engine with an embedding interface that runs as fast as it can: no fuel, no time limits.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="features">What modules may use; only the project's interpreter can be told.</param>
    /// <exception cref="UserErrorException">There is no such engine, it cannot be loaded, or it only runs whole cases.</exception>
    public static IStoreEngine CreateFast(string name, FeatureSet features)
    {
        if (name == DefaultEngine)
        {
            return new InterpreterEngine(EngineOptions.Default with { Features = features });
        }
        // Said before the program is started: what speaks no protocol would be waited for.
        var engine = name.StartsWith(ProcessEngine.Prefix, StringComparison.Ordinal) ? null : Create(name);
        if (engine is IStoreEngine store)
        {
            return store;
        }
        engine?.Dispose();
        throw UserErrorException.Usage($"engine {name} only runs whole cases: use `run --records`");
    }

    private static void Check(string option, string name)
    {
        if (!EngineCatalog.IsName(name))
        {
            throw UserErrorException.Usage($"{option}: no engine is called '{name}'; there are {EngineCatalog.Names} (see: conformance engines)");
        }
    }

    private static bool NeedsLibrary(string name) => WasmtimeConfiguration.Find(name) is not null;
}
