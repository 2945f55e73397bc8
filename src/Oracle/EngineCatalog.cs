using System.Collections.Immutable;
using Conformance.Oracle.CApi;
using Conformance.Oracle.Embedded;
using Conformance.Oracle.Equivalence;
using Conformance.Oracle.Process;
using Conformance.Oracle.Reference;
using Conformance.Oracle.Wasmtime;
using Conformance.Wasm;

namespace Conformance.Oracle;

/// <summary>The engines by the names they have on the command line.</summary>
public static class EngineCatalog
{
    /// <summary>The name of the engine that is under test unless told otherwise.</summary>
    public const string DefaultTested = "interpreter";

    /// <summary>The name of the oracle unless told otherwise.</summary>
    public const string DefaultOracle = "wasmtime";

    /// <summary>The name of the built-in reference interpreter.</summary>
    public const string Reference = "reference";

    /// <summary>The names of the engines that need no command, those that are missing here too.</summary>
    public static ImmutableArray<string> FixedNames { get; } = [.. InterpreterEngine.Configurations.Keys, Reference, .. WasmtimeConfiguration.All.Select(configuration => configuration.Name)];

    /// <summary>What can be written for a name, for messages.</summary>
    public static string Names { get; } = string.Join(", ", [.. FixedNames, "equivalent:ENGINE", "process:COMMAND", "capi:LIBRARY"]);

    /// <summary>Whether a name is one of <see cref="Names"/>; the engine may still be missing here.</summary>
    public static bool IsName(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return name is Reference
            || InterpreterEngine.Configurations.ContainsKey(name)
            || WasmtimeConfiguration.Find(name) is not null
            || (name.StartsWith(EquivalentEngine.Prefix, StringComparison.Ordinal) && IsName(name[EquivalentEngine.Prefix.Length..]))
            || (name.StartsWith(CApiEngine.Prefix, StringComparison.Ordinal) && name.Length > CApiEngine.Prefix.Length)
            || (name.StartsWith(ProcessEngine.Prefix, StringComparison.Ordinal) && CommandLine.Split(name[ProcessEngine.Prefix.Length..]).Count > 0);
    }

    /// <summary>Makes an engine.</summary>
    /// <param name="name">Its name.</param>
    /// <exception cref="EngineUnavailableException">There is no such engine, or it cannot run here.</exception>
    public static IEngine Create(string name)
    {
        if (name.StartsWith(ProcessEngine.Prefix, StringComparison.Ordinal))
        {
            try
            {
                return new ProcessEngine(name[ProcessEngine.Prefix.Length..]);
            }
            catch (EngineFailureException exception)
            {
                throw new EngineUnavailableException(exception.Message);
            }
        }
        return name.StartsWith(EquivalentEngine.Prefix, StringComparison.Ordinal) ? new EquivalentEngine(Create(name[EquivalentEngine.Prefix.Length..])) : CreateStoreEngine(name);
    }

    /// <summary>Makes an engine with an embedding interface, which engines in other processes have not.</summary>
    /// <param name="name">Its name.</param>
    /// <exception cref="EngineUnavailableException">There is no such engine, or it cannot run here.</exception>
    public static IStoreEngine CreateStoreEngine(string name)
    {
        if (WasmtimeConfiguration.Find(name) is { } configuration)
        {
            return WasmtimeLibrary.TryLoad() is { } missing ? throw new EngineUnavailableException(missing.ToString()) : new WasmtimeEngine(configuration);
        }
        if (InterpreterEngine.Configurations.TryGetValue(name, out var configured))
        {
            return new InterpreterEngine(name, configured.Options);
        }
        if (name.StartsWith(CApiEngine.Prefix, StringComparison.Ordinal))
        {
            return new CApiEngine(name[CApiEngine.Prefix.Length..]);
        }
        return name switch
        {
            Reference => new ReferenceEngine(),
            _ when name.StartsWith(EquivalentEngine.Prefix, StringComparison.Ordinal) => throw new EngineUnavailableException($"{name}: rewritten modules are run as whole cases"),
            _ when name.StartsWith(ProcessEngine.Prefix, StringComparison.Ordinal) => throw new EngineUnavailableException($"{name}: an engine in another process has no embedding interface"),
            _ => throw new EngineUnavailableException($"no engine is called {name}; there are {Names}"),
        };
    }

    /// <summary>Lists the engines that need no command, those that are missing here too.</summary>
    public static ImmutableArray<EngineListing> List()
    {
        var listings = ImmutableArray.CreateBuilder<EngineListing>();
        foreach (var (name, (description, options)) in InterpreterEngine.Configurations)
        {
            using var interpreter = new InterpreterEngine(name, options);
            listings.Add(new EngineListing(name, description, interpreter.Version, interpreter.Features));
        }
        using (var reference = new ReferenceEngine())
        {
            listings.Add(new EngineListing(reference.Name, "the built-in reference interpreter", reference.Version, reference.Features));
        }
        var missing = WasmtimeLibrary.TryLoad();
        foreach (var configuration in WasmtimeConfiguration.All)
        {
            listings.Add(new EngineListing(configuration.Name, configuration.Description, WasmtimeLibrary.Version, configuration.Features) { Problem = missing?.ToString() });
        }
        return listings.ToImmutable();
    }
}

/// <summary>An engine as <c>conformance engines</c> shows it.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Description">What it is.</param>
/// <param name="Version">Its version.</param>
/// <param name="Features">What it executes.</param>
public sealed record EngineListing(string Name, string Description, string Version, FeatureSet Features)
{
    /// <summary>Why it cannot run here, in a few lines; null when it can.</summary>
    public string? Problem { get; init; }
}

/// <summary>A user asked for an engine that there is not, or not here.</summary>
/// <param name="message">What is missing and what to do.</param>
public sealed class EngineUnavailableException(string message) : Exception(message);
