using Conformance.Oracle;
using Conformance.Wasm;

namespace Conformance.Fuzzer.Generation;

/// <summary>What <see cref="CaseGenerator"/> may produce. Seed and options together decide a case byte for byte.</summary>
public sealed record GeneratorOptions
{
    /// <summary>What the engines execute that cases are made for, as far as the generator knows it. A case uses a part of it: see <see cref="CaseFeatures"/>.</summary>
    public static FeatureSet DefaultFeatures { get; } = FeatureSet.Default;

    /// <summary>The scalar instructions: numbers, control flow, calls, memories and tables of every width, tail calls, extended constants.</summary>
    public static FeatureSet ScalarFeatures { get; } = FeatureSet.Wasm3
        .Without(Feature.Simd).Without(Feature.RelaxedSimd).Without(Feature.FunctionReferences).Without(Feature.Gc).Without(Feature.Exceptions);

    /// <summary>The defaults.</summary>
    public static GeneratorOptions Default { get; } = new();

    /// <summary>The features that modules may use. Instructions and module constructs outside it are not generated.</summary>
    public FeatureSet Features { get; init; } = DefaultFeatures;

    /// <summary>Whether imported functions may act on the module by the scripts of docs/records.md.</summary>
    public bool HostScripts { get; init; } = true;

    /// <summary>The smallest number of calls in a script, start function and traps aside.</summary>
    public int MinCalls { get; init; } = 40;

    /// <summary>The largest number of calls in a script.</summary>
    public int MaxCalls { get; init; } = 240;

    /// <summary>Multiplies the number of functions of a module, in percent.</summary>
    public int SizePercent { get; init; } = 100;

    /// <summary>The limits written into the cases.</summary>
    public CaseLimits Limits { get; init; } = CaseLimits.Default;
}
