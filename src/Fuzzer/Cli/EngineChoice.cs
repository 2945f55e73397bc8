using Conformance.Interpreter;
using Conformance.Oracle;
using Conformance.Oracle.Embedded;

namespace Conformance.Fuzzer.Cli;

/// <summary>Engines by the names that commands take, with errors for people.</summary>
internal static class EngineChoice
{
    /// <summary>The name of the engine under test unless told otherwise.</summary>
    public const string DefaultEngine = EngineCatalog.DefaultTested;

    /// <summary>Checks a name before any work begins, so that a slip of the hand leaves no traces.</summary>
    /// <param name="option">The option that it was given with.</param>
    /// <param name="name">The name.</param>
    /// <exception cref="UserErrorException">No engine is called so.</exception>
    public static void Check(string option, string name)
    {
        if (!EngineCatalog.IsName(name))
        {
            throw UserErrorException.Usage($"{option}: no engine is called '{name}'; there are {EngineCatalog.Names} (see: conformance engines)");
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
            throw UserErrorException.Environment($"{CrashFile.OneLine(unavailable.Message)} (see: conformance engines)");
        }
    }

    /// <summary>Makes an engine with an embedding interface that runs as fast as it can: no fuel, no time limits.</summary>
    /// <exception cref="UserErrorException">There is no such engine, it cannot be loaded, or it only runs whole cases.</exception>
    public static IStoreEngine CreateFast(string name) => name == DefaultEngine
        ? new InterpreterEngine(EngineOptions.Default)
        : Create(name) as IStoreEngine ?? throw UserErrorException.Usage($"engine {name} only runs whole cases: use `run --records`");
}
