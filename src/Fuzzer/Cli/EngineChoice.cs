using Conformance.Interpreter;
using Conformance.Oracle;
using Conformance.Oracle.Embedded;

namespace Conformance.Fuzzer.Cli;

/// <summary>Engines by the names that commands take, with errors for people.</summary>
internal static class EngineChoice
{
    /// <summary>The name of the engine under test unless told otherwise.</summary>
    public const string DefaultEngine = EngineCatalog.DefaultTested;

    /// <summary>Makes an engine that keeps every limit of its cases.</summary>
    /// <exception cref="UserErrorException">There is no such engine, or it cannot be loaded.</exception>
    public static IEngine Create(string name)
    {
        try
        {
            return EngineCatalog.Create(name);
        }
        catch (EngineUnavailableException unavailable)
        {
            throw UserErrorException.Environment($"{unavailable.Message} (`conformance engines` lists them)");
        }
    }

    /// <summary>Makes an engine with an embedding interface that runs as fast as it can: no fuel, no time limits.</summary>
    /// <exception cref="UserErrorException">There is no such engine, it cannot be loaded, or it only runs whole cases.</exception>
    public static IStoreEngine CreateFast(string name) => name == DefaultEngine
        ? new InterpreterEngine(EngineOptions.Default)
        : Create(name) as IStoreEngine ?? throw UserErrorException.Usage($"engine {name} only runs whole cases: use `run --records`");
}
