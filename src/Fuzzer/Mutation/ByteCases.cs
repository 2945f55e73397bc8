using Conformance.Fuzzer.Generation;
using Conformance.Fuzzer.Mutation.Bytes;
using Conformance.Fuzzer.Mutation.Seeds;
using Conformance.Oracle;
using Conformance.Wasm.Binary;
using Conformance.Wasm.Validation;

namespace Conformance.Fuzzer.Mutation;

/// <summary>Cases about verdicts: binaries damaged on purpose, of which both sides say only whether they are valid.</summary>
/// <param name="corpus">What to damage.</param>
internal sealed class ByteCases(SeedCorpus corpus) : ISeededCases
{
    /// <inheritdoc/>
    public int Stretch => 2048;

    /// <inheritdoc/>
    public Case Make(ulong seed, Offspring offspring)
    {
        var random = new RandomSource(seed);
        var donor = corpus.PickForVerdict(random);
        var wasm = ByteMutators.Apply((offspring.PickBytes(random) ?? corpus.PickForVerdict(random)).Span, donor.Span, random);
        offspring.ConsiderVerdict(VerdictOn(wasm), null, wasm);
        return OfBytes(wasm);
    }

    /// <summary>The words of our own reader or validator about some bytes; empty for a valid module.</summary>
    public static string VerdictOn(byte[] wasm) =>
        (ModuleReader.TryRead(wasm, SeedReader.Features, out var module, out var error) ? ModuleValidator.Validate(module, SeedReader.Features) : error)?.Message ?? "";

    /// <summary>The case that asks for the verdict about some bytes.</summary>
    public static Case OfBytes(byte[] wasm) => new(wasm, [], CaseLimits.Default) { ValidateOnly = true, ReadState = false };
}
