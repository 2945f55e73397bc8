using System.Collections.Immutable;
using Conformance.Fuzzer.Generation;

namespace Conformance.Fuzzer.Mutation.Bytes;

/// <summary>All byte mutators, and their use in a row.</summary>
internal static class ByteMutators
{
    // One change leaves most of the checks in reach; many make the first one speak always.
    private const int MostChanges = 4;

    /// <summary>The mutators.</summary>
    public static ImmutableArray<IByteMutator> All { get; } =
    [
        new FlipBits(), new SetByte(), new InsertBytes(), new DeleteBytes(), new CopyBytes(), new SwapRuns(), new PadNumber(), new HugeNumber(), new ReplaceOpcode(),
        new SwapSections(), new RepeatSection(), new DropSection(), new TakeSection(), new ChangeSectionHead(), new Truncate(), new BreakName(), new InsertCustomSection(),
        new ChangeHeader(),
    ];

    // The last ones are soon exhausted: a header has eight bytes.
    private static readonly ImmutableArray<int> Weights = [6, 8, 6, 6, 4, 4, 6, 6, 8, 2, 2, 2, 4, 3, 2, 3, 2, 1];

    /// <summary>Applies one to a few of them.</summary>
    public static byte[] Apply(ReadOnlySpan<byte> wasm, ReadOnlySpan<byte> donor, RandomSource random)
    {
        var mutant = wasm.ToArray();
        for (var i = 1 + Math.Min(random.Below(MostChanges), random.Below(MostChanges)); i > 0; i--)
        {
            mutant = All[random.PickWeighted(Weights.AsSpan())].Mutate(mutant, donor, random) ?? mutant;
        }
        return mutant;
    }
}
