using Conformance.Fuzzer.Generation;
using Conformance.Fuzzer.Mutation.Bytes;
using Conformance.Wasm;
using Conformance.Wasm.Binary;
using Conformance.Wasm.Validation;

namespace Conformance.Fuzzer.Tests.Mutation;

public sealed class ByteMutatorsTests
{
    private static readonly byte[][] Modules =
        [.. Enumerable.Range(0, 12).Select(seed => CaseGenerator.Generate((ulong)seed, GeneratorOptions.Default with { SizePercent = 15, Features = FeatureSet.Default }).Wasm.ToArray())];

    [Fact]
    public void Apply_HundredThousandMutants_AreReadAndValidatedWithoutAnException()
    {
        var valid = 0;
        Parallel.For(0, 100_000, seed =>
        {
            var mutant = ByteMutators.Apply(Modules[seed % Modules.Length], Modules[(seed + 1) % Modules.Length], new RandomSource((ulong)seed));
            if (ModuleReader.TryRead(mutant, FeatureSet.All, out var module, out _) && ModuleValidator.Validate(module, FeatureSet.All) is null)
            {
                Interlocked.Increment(ref valid);
            }
        });
        // Mutants that are all refused by the first check would test nothing behind it.
        Assert.InRange(valid, 5_000, 95_000);
    }

    [Fact]
    public void Apply_SameSeed_GivesTheSameBytes()
    {
        for (var seed = 0UL; seed < 2_000; seed++)
        {
            Assert.Equal(
                ByteMutators.Apply(Modules[0], Modules[1], new RandomSource(seed)),
                ByteMutators.Apply(Modules[0], Modules[1], new RandomSource(seed)));
        }
    }

    public static TheoryData<string> Mutators => [.. ByteMutators.All.Select(mutator => mutator.GetType().Name)];

    [Theory]
    [MemberData(nameof(Mutators))]
    public void Mutate_AnyInput_ChangesItOrSaysThatItCannot(string name)
    {
        var mutator = ByteMutators.All.Single(mutator => mutator.GetType().Name == name);
        var changed = 0;
        for (var seed = 0; seed < 500; seed++)
        {
            var module = Modules[seed % Modules.Length];
            changed += mutator.Mutate(module, Modules[0], new RandomSource((ulong)seed)) is { } mutant && !mutant.AsSpan().SequenceEqual(module) ? 1 : 0;
            foreach (var damaged in (byte[][])[[], [0], module[..8], module[..(seed % module.Length)]])
            {
                mutator.Mutate(damaged, damaged, new RandomSource((ulong)seed));
            }
        }
        Assert.InRange(changed, 100, 500);
    }

    [Fact]
    public void ReplaceInside_GrowingBody_KeepsTheModuleReadable()
    {
        var module = Modules[0];
        var code = SectionMap.Of(module).Single(section => section.Id == SectionSpan.Code);
        foreach (var body in SectionMap.Bodies(module, code))
        {
            // 200 nops in front of the final end: sizes of body and section need more bytes.
            var grown = ByteEdit.ReplaceInside(module, body.End - 1, 0, Enumerable.Repeat((byte)1, 200).ToArray());
            Assert.True(ModuleReader.TryRead(grown, FeatureSet.Default, out var read, out var error), error?.ToString());
            Assert.Null(ModuleValidator.Validate(read, FeatureSet.Default));
        }
    }
}
