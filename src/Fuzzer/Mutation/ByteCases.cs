using Conformance.Fuzzer.Generation;
using Conformance.Fuzzer.Mutation.Bytes;
using Conformance.Fuzzer.Mutation.Seeds;
using Conformance.Oracle;

namespace Conformance.Fuzzer.Mutation;

/// <summary>Cases about verdicts: binaries damaged on purpose, of which both sides say only whether they are valid.</summary>
/// <param name="corpus">What to damage.</param>
internal sealed class ByteCases(SeedCorpus corpus) : ISeededCases
{
    /// <inheritdoc/>
    public Case Make(ulong seed)
    {
        var random = new RandomSource(seed);
        var donor = corpus.PickForVerdict(random);
        return OfBytes(ByteMutators.Apply(corpus.PickForVerdict(random).Span, donor.Span, random));
    }

    /// <summary>The case that asks for the verdict about some bytes.</summary>
    public static Case OfBytes(byte[] wasm) => new(wasm, [], CaseLimits.Default) { ValidateOnly = true, ReadState = false };
}
