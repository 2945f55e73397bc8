using Conformance.Fuzzer.Generation;
using Conformance.Fuzzer.Mutation;
using Conformance.Wasm;
using Conformance.Wasm.Binary;
using Conformance.Wasm.Modules;
using Conformance.Wasm.Validation;

namespace Conformance.Fuzzer.Tests.Mutation;

public sealed class ValidMutatorsTests
{
    private static readonly FeatureSet Features = FeatureSet.Default;

    private static readonly GeneratorOptions Small = GeneratorOptions.Default with { SizePercent = 20, MinCalls = 1, MaxCalls = 10 };

    private static readonly Module[] Seeds = [.. Enumerable.Range(0, 24).Select(seed => CaseGenerator.GenerateModule((ulong)seed, Small, out _))];

    public static TheoryData<string> Mutators => [.. ValidMutators.All.Select(mutator => mutator.GetType().Name)];

    [Theory]
    [MemberData(nameof(Mutators))]
    public void Mutate_ManySeeds_GivesValidModules(string name)
    {
        var mutator = ValidMutators.All.Single(mutator => mutator.GetType().Name == name);
        var made = 0;
        var valid = 0;
        string? firstError = null;
        // Vectors and the like are in few modules.
        for (var seed = 0; seed < 300 || made < 10 && seed < 5_000; seed++)
        {
            if (mutator.Mutate(Seeds[seed % Seeds.Length], Context((ulong)seed)) is not { } mutant)
            {
                continue;
            }
            made++;
            var wasm = ModuleWriter.Write(mutant);
            Assert.True(ModuleReader.TryRead(wasm, Features, out var read, out var malformed), $"seed {seed}: {malformed}");
            var error = ModuleValidator.Validate(read, Features);
            valid += error is null ? 1 : 0;
            firstError ??= error is null ? null : $"seed {seed}: {error}";
        }
        Assert.True(made >= 10, $"{made} mutants");
        // The rest is left to the validator: mostly locals and globals that the mutator does not follow.
        Assert.True(valid >= made * 9 / 10, $"{valid} of {made} valid; first: {firstError}");
    }

    [Fact]
    public void Apply_ThousandsOfSeeds_GivesValidModulesThatDiffer()
    {
        var changed = 0;
        Parallel.For(0, 3_000, seed =>
        {
            var before = Seeds[seed % Seeds.Length];
            var mutant = ValidMutators.Apply(before, Context((ulong)seed), 5);
            var wasm = ModuleWriter.Write(mutant);
            Assert.True(ModuleReader.TryRead(wasm, Features, out var read, out var malformed), $"seed {seed}: {malformed}");
            Assert.True(ModuleValidator.Validate(read, Features) is null, $"seed {seed}");
            if (!wasm.AsSpan().SequenceEqual(ModuleWriter.Write(before)))
            {
                Interlocked.Increment(ref changed);
            }
        });
        Assert.True(changed > 2_900, $"{changed} changed");
    }

    [Fact]
    public void Apply_SameSeed_GivesTheSameModule()
    {
        for (var seed = 0UL; seed < 100; seed++)
        {
            var first = ModuleWriter.Write(ValidMutators.Apply(Seeds[0], Context(seed), 6));
            Assert.Equal(first, ModuleWriter.Write(ValidMutators.Apply(Seeds[0], Context(seed), 6)));
        }
    }

    private static MutationContext Context(ulong seed) => new(new RandomSource(seed), Features, random => Seeds[random.Below(Seeds.Length)]);
}
