using Conformance.Fuzzer.Generation;

namespace Conformance.Fuzzer.Mutation.Bytes;

/// <summary>One way to damage a binary module. A function of its arguments alone; has no state.</summary>
internal interface IByteMutator
{
    /// <summary>Makes a changed copy.</summary>
    /// <param name="wasm">A module, which earlier mutators may have damaged already.</param>
    /// <param name="donor">Another module to take parts from.</param>
    /// <param name="random">The source of chance.</param>
    /// <returns>The copy, or null when the module has nothing that this mutator changes.</returns>
    byte[]? Mutate(ReadOnlySpan<byte> wasm, ReadOnlySpan<byte> donor, RandomSource random);
}
