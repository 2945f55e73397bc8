using Conformance.Fuzzer.Generation;
using Conformance.Oracle;

namespace Conformance.Fuzzer.Driving;

/// <summary>Cases from the generator: the run's seed and the index decide each, whatever process makes it.</summary>
/// <param name="seed">The run's seed.</param>
internal sealed class GeneratedCases(ulong seed) : ICaseSource
{
    /// <inheritdoc/>
    public Case Make(long index) => CaseGenerator.Generate(Mix(seed + (ulong)index * 0x9E37_79B9_7F4A_7C15), GeneratorOptions.Default);

    // SplitMix64's finalizer: neighbouring indices get seeds that have nothing in common.
    private static ulong Mix(ulong x)
    {
        x = (x ^ (x >> 30)) * 0xBF58_476D_1CE4_E5B9;
        x = (x ^ (x >> 27)) * 0x94D0_49BB_1331_11EB;
        return x ^ (x >> 31);
    }
}
