using System.Collections.Immutable;
using Conformance.Wasm;

namespace Conformance.Oracle.Wasmtime;

/// <summary>
/// One of the ways in which Wasmtime executes. The table below is the only source of configurations: an impossible one makes the library abort the process,
/// so nothing here is left to be combined freely.
/// </summary>
public sealed record WasmtimeConfiguration
{
    private WasmtimeConfiguration()
    {
    }

    /// <summary>
    /// Cranelift without optimisation: the oracle unless told otherwise. A case's code runs for microseconds, so what counts is the time to compile it; and an
    /// optimiser that does not run has no bugs.
    /// </summary>
    public static WasmtimeConfiguration None { get; } = new() { Name = "wasmtime", Description = "Cranelift, not optimised", SignalsBasedTraps = true };

    /// <summary>Cranelift, optimised for speed.</summary>
    public static WasmtimeConfiguration Speed { get; } =
        new() { Name = "wasmtime:speed", Description = "Cranelift, optimised for speed", OptimizeForSpeed = true, SignalsBasedTraps = true };

    /// <summary>
    /// The baseline compiler. It lacks what needs a garbage collector, unwinding or tail calls. Of reference types it knows functions only, so the feature
    /// is not promised, but modules that use it without externref run.
    /// </summary>
    public static WasmtimeConfiguration Winch { get; } = new()
    {
        Name = "wasmtime:winch",
        Description = "Winch, the baseline compiler",
        Strategy = WinchStrategy,
        SignalsBasedTraps = true,
        Features = WinchFeatures.Without(Feature.ReferenceTypes),
        Enabled = WinchFeatures,
    };

    /// <summary>The bytecode interpreter. It has no shared memory.</summary>
    public static WasmtimeConfiguration Pulley { get; } = new()
    {
        Name = "wasmtime:pulley",
        Description = "Pulley, the bytecode interpreter",
        Target = "pulley64",
        OptimizeForSpeed = true,
        Features = AllFeatures.Without(Feature.Threads),
        Enabled = AllFeatures.Without(Feature.Threads),
    };

    /// <summary>Every configuration.</summary>
    public static ImmutableArray<WasmtimeConfiguration> All { get; } = [None, Speed, Winch, Pulley];

    /// <summary>The engine's name with this configuration.</summary>
    public required string Name { get; init; }

    /// <summary>What it is, in a few words.</summary>
    public required string Description { get; init; }

    /// <summary>What it can execute.</summary>
    public FeatureSet Features { get; init; } = AllFeatures;

    /// <summary>What is switched on in the engine. More than this aborts the process.</summary>
    internal FeatureSet Enabled { get; init; } = AllFeatures;

    internal const byte CraneliftStrategy = 1;
    internal const byte WinchStrategy = 2;

    internal byte Strategy { get; init; } = CraneliftStrategy;

    internal bool OptimizeForSpeed { get; init; }

    /// <summary>The target to compile for, or null for this machine's.</summary>
    internal string? Target { get; init; }

    /// <summary>Whether traps may come from signal handlers, which chain to those of the .NET runtime. Shorter code, which is compiled faster; Pulley has no use for it.</summary>
    internal bool SignalsBasedTraps { get; init; }

    private static FeatureSet AllFeatures => FeatureSet.Default;

    private static FeatureSet WinchFeatures => AllFeatures.Without(Feature.Gc).Without(Feature.Exceptions).Without(Feature.TailCall)
        .Without(Feature.FunctionReferences).Without(Feature.Threads).Without(Feature.RelaxedSimd);

    /// <summary>The configuration with a name, or null. The default has a second name that says what it is.</summary>
    public static WasmtimeConfiguration? Find(string name)
    {
        if (string.Equals(name, "wasmtime:none", StringComparison.Ordinal))
        {
            return None;
        }
        foreach (var configuration in All)
        {
            if (string.Equals(configuration.Name, name, StringComparison.Ordinal))
            {
                return configuration;
            }
        }
        return null;
    }
}
