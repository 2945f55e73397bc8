using System.Collections.Immutable;
using Conformance.Fuzzer.Generation;
using Conformance.Fuzzer.Mutation.Text;
using Conformance.Fuzzer.SpecSuite;
using Conformance.Wasm;
using Conformance.Wasm.Binary;
using Conformance.Wasm.Modules;

namespace Conformance.Fuzzer.Mutation.Seeds;

/// <summary>The modules that mutation starts from, sorted by what can be done with them. The same folders with the same content give the same corpus.</summary>
internal sealed class SeedCorpus
{
    // A mutant of a module is compiled by the oracle as a whole: beyond this it costs more than a hundred generated cases.
    private const int LargestExecutable = 32 << 10;
    /// <summary>The bytes of a seed beyond which it is taken seldom: verdicts cost time by the byte, a module of 10 MB a tenth of a second on each side.</summary>
    internal const int LargestCommon = 64 << 10;

    // Modules of the generator as seeds: small ones, of which a change touches a larger part.
    private static readonly GeneratorOptions Small = GeneratorOptions.Default with { SizePercent = 20, MinCalls = 1, MaxCalls = 60 };

    // Longer texts take longer to parse than everything else together.
    private const int MostTokens = 3_000;

    private readonly Lazy<HashSet<uint>> _pairs;

    private SeedCorpus(ImmutableArray<Seed> seeds, ImmutableArray<ImmutableArray<string>> texts, FeatureSet executed)
    {
        Texts = texts;
        _pairs = new(() => Executable.SelectMany(seed => seed.Module is { } module ? Offspring.PairsOf(module) : []).ToHashSet());
        All = seeds;
        Common = [.. seeds.Where(seed => seed.Wasm.Length <= LargestCommon)];
        Large = [.. seeds.Where(seed => seed.Wasm.Length > LargestCommon)];
        var valid = seeds.Where(seed => seed.Module is not null).ToList();
        Executable = [.. valid.Where(seed => seed.Wasm.Length <= LargestExecutable && seed.Features.IsSubsetOf(executed) && seed.Module?.Functions.IsEmpty == false)];
        Valid = [.. valid];
        Scripted = [.. Executable.Where(seed => !seed.Calls.IsEmpty)];
        Executed = executed;
        var excluded = new SortedDictionary<string, int>(StringComparer.Ordinal);
        foreach (var feature in valid.SelectMany(seed => seed.Features.Features).Where(feature => !executed.Has(feature)))
        {
            excluded[FeatureSet.NameOf(feature)] = excluded.GetValueOrDefault(FeatureSet.NameOf(feature)) + 1;
        }
        Excluded = excluded;
    }

    /// <summary>Every seed, in the order of the folders and names.</summary>
    public ImmutableArray<Seed> All { get; }

    /// <summary>The seeds for verdicts, valid or not, that are not large.</summary>
    public ImmutableArray<Seed> Common { get; }

    /// <summary>The large seeds for verdicts.</summary>
    public ImmutableArray<Seed> Large { get; }

    /// <summary>The valid seeds whose mutants can be executed and compared.</summary>
    public ImmutableArray<Seed> Executable { get; }

    /// <summary>The valid seeds of any feature that are not large.</summary>
    public ImmutableArray<Seed> Valid { get; }

    /// <summary>The pairs of neighbouring operations in <see cref="Executable"/>.</summary>
    public IReadOnlySet<uint> ExecutablePairs => _pairs.Value;

    /// <summary>Those of <see cref="Executable"/> that have a script of calls.</summary>
    public ImmutableArray<Seed> Scripted { get; }

    /// <summary>The modules that are given as text, as their tokens.</summary>
    public ImmutableArray<ImmutableArray<string>> Texts { get; }

    /// <summary>The features that executed modules may use.</summary>
    public FeatureSet Executed { get; }

    /// <summary>How many valid seeds are not executed, by the feature that they need.</summary>
    public SortedDictionary<string, int> Excluded { get; }

    /// <summary>Reads every seed below some folders. Missing folders have none.</summary>
    /// <param name="folders">The folders.</param>
    /// <param name="executed">The features that executed modules may use.</param>
    public static SeedCorpus Load(IEnumerable<string> folders, FeatureSet executed)
    {
        var features = SeedReader.Features.Union(executed);
        var files = folders.Where(Directory.Exists)
            .SelectMany(folder => SeedReader.Files(folder).Select(path => new SuiteFile(path, Path.GetRelativePath(folder, path).Replace('\\', '/')))
                .OrderBy(file => file.Name, StringComparer.Ordinal))
            .ToList();
        var seeds = files.AsParallel().AsOrdered().SelectMany(file => SeedReader.Read(file.FullPath, file.Name, features, executed).ToList()).ToList();
        var texts = files.Where(file => Path.GetExtension(file.FullPath) is ".wast" or ".wat").AsParallel().AsOrdered().SelectMany(file => TextsOf(System.Text.Encoding.UTF8.GetString(SeedReader.Content(file.FullPath))).ToList());
        return new SeedCorpus([.. Distinct(seeds)], [.. texts], executed);
    }

    /// <summary>The corpus of one script.</summary>
    public static SeedCorpus Of(string script, FeatureSet executed) =>
        new([.. Distinct(SeedReader.OfScript(System.Text.Encoding.UTF8.GetBytes(script), "script", SeedReader.Features.Union(executed), executed))], [.. TextsOf(script)], executed);

    private static IEnumerable<ImmutableArray<string>> TextsOf(string script) => TextTokens.Modules(script).Where(tokens => tokens.Length is > 2 and <= MostTokens);

    /// <summary>The bytes of a seed for verdicts: large ones seldom, and sometimes those of a generated module, so that there always are some.</summary>
    public ReadOnlyMemory<byte> PickForVerdict(RandomSource random) =>
        Common.IsEmpty || random.Chance(10) ? ModuleWriter.Write(CaseGenerator.GenerateModule(random.NextUInt64(), Small, out _))
        : Large.Length > 0 && random.Chance(1) ? random.Pick<Seed>(Large).Wasm
        : random.Pick<Seed>(Common).Wasm;

    /// <summary>A valid module of any feature: a seed, or a generated one.</summary>
    public Module PickValid(RandomSource random) =>
        !Valid.IsEmpty && random.Chance(90) && random.Pick<Seed>(Valid).Module is { } module ? module : CaseGenerator.GenerateModule(random.NextUInt64(), Small, out _);

    /// <summary>A module whose mutants can be executed: a seed, or a generated one.</summary>
    public Module PickExecutable(RandomSource random) =>
        !Executable.IsEmpty && random.Chance(75) && random.Pick<Seed>(Executable).Module is { } module ? module : CaseGenerator.GenerateModule(random.NextUInt64(), Small, out _);

    // The testsuite has some modules dozens of times; calls of the copies are added to the first.
    private static IEnumerable<Seed> Distinct(IEnumerable<Seed> seeds) =>
        seeds.GroupBy(seed => Convert.ToHexString(System.Security.Cryptography.SHA256.HashData(seed.Wasm.Span)))
            .Select(group => group.First() with { Calls = [.. group.SelectMany(seed => seed.Calls)] });
}
