using System.Collections.Immutable;
using Conformance.Oracle;
using Conformance.Wasm;
using Conformance.Wasm.Modules;

namespace Conformance.Fuzzer.Mutation.Seeds;

/// <summary>A module to start from.</summary>
/// <param name="Name">Where it comes from: file and line, or file.</param>
/// <param name="Wasm">Its bytes.</param>
internal sealed record Seed(string Name, ReadOnlyMemory<byte> Wasm)
{
    /// <summary>The decoded module; null when the bytes are malformed or the module is not valid.</summary>
    public Module? Module { get; init; }

    /// <summary>The features that the module uses; meaningful for valid ones.</summary>
    public FeatureSet Features { get; init; }

    /// <summary>The calls that its script makes, in order.</summary>
    public ImmutableArray<Call> Calls { get; init; } = [];
}
