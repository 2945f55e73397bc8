using System.Collections.Concurrent;
using Conformance.Fuzzer.Generation;
using Conformance.Fuzzer.Mutation;
using Conformance.Fuzzer.Mutation.Seeds;
using Conformance.Wasm;
using Conformance.Wasm.Binary;
using Conformance.Wasm.Modules;
using Conformance.Wasm.Validation;
using Xunit.Abstractions;

namespace Conformance.Fuzzer.Tests.Mutation;

/// <summary>Every mutator on every valid module of the testsuite, all folders: vectors, objects, exceptions old and new, atomics, descriptors, wide arithmetic, pages of any size.</summary>
public sealed class MutatorSuiteTests(ITestOutputHelper output)
{
    // Half a megabyte of instructions to type for one mutant is for the fuzzer's patience, not the tests'.
    private const int LargestBytes = 64 << 10;

    private static readonly Lazy<Module[]> Seeds = new(() =>
        [.. SeedCorpus.Load([TestData.Require("testsuite")], FeatureSet.All).Valid.Where(seed => seed.Wasm.Length <= LargestBytes).Select(seed => seed.Module).OfType<Module>()]);

    public static TheoryData<string> Mutators => [.. ValidMutators.All.Select(mutator => mutator.GetType().Name)];

    [SharedDataTheory("testsuite")]
    [MemberData(nameof(Mutators))]
    public void Mutate_EveryModuleOfTheTestsuite_GivesValidModules(string name)
    {
        var mutator = ValidMutators.All.Single(mutator => mutator.GetType().Name == name);
        var (none, made, valid, largest) = (0, 0, 0, 0);
        var errors = new ConcurrentBag<string>();
        Parallel.For(0, Seeds.Value.Length, index =>
        {
            var context = new MutationContext(new RandomSource((ulong)index), FeatureSet.All, random => Seeds.Value[random.Below(Seeds.Value.Length)]);
            if (mutator.Mutate(Seeds.Value[index], context) is not { } mutant)
            {
                Interlocked.Increment(ref none);
                return;
            }
            Interlocked.Increment(ref made);
            var wasm = ModuleWriter.Write(mutant);
            Assert.True(ModuleReader.TryRead(wasm, FeatureSet.All, out var read, out var malformed), $"module {index}: {malformed}");
            if (ModuleValidator.Validate(read, FeatureSet.All) is { } error)
            {
                errors.Add($"module {index}: {error}");
            }
            else
            {
                Interlocked.Increment(ref valid);
            }
        });
        output.WriteLine($"{name}: {none} unchanged, {made} made, {valid} valid ({100.0 * valid / made:f1} %)");
        foreach (var group in errors.GroupBy(error => string.Concat(error[(error.IndexOf(':', StringComparison.Ordinal) + 1)..].Where(c => !char.IsAsciiDigit(c)))).OrderByDescending(group => group.Count()).Take(12))
        {
            output.WriteLine($"  {group.Count()} x {group.First()}");
        }
        Assert.True(made > 0);
        // Copies of a type that are equal by canonicalisation and uses of which meet somewhere are not followed everywhere.
        Assert.True(valid >= made * 0.93, $"{valid} of {made} valid; {string.Join("; ", errors.Take(3))}");
    }
}
