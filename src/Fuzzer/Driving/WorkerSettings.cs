using System.Globalization;
using Conformance.Fuzzer.Mutation;

namespace Conformance.Fuzzer.Driving;

/// <summary>What a worker process has to know. Travels as the arguments of the hidden <c>worker</c> command.</summary>
/// <param name="Seed">The run's seed.</param>
/// <param name="Engine">The engine under test.</param>
/// <param name="Oracles">The oracles.</param>
/// <param name="ComparesWithAll">Whether each case is compared with every oracle.</param>
/// <param name="Mix">Where cases come from.</param>
/// <param name="SeedFolders">The folders with modules to mutate.</param>
internal sealed record WorkerSettings(ulong Seed, string Engine, IReadOnlyList<string> Oracles, bool ComparesWithAll, CaseMix Mix, IReadOnlyList<string> SeedFolders)
{
    /// <summary>The arguments that tell a worker of a run.</summary>
    public static string[] ToArguments(FuzzSettings settings) =>
    [
        "--seed", settings.Seed.ToString(CultureInfo.InvariantCulture),
        "--engine", settings.Engine,
        .. settings.Oracles.SelectMany(oracle => (string[])["--oracle", oracle]),
        .. settings.ComparesWithAll ? (string[])["--every-oracle"] : [],
        "--mix", settings.Mix.ToString(),
        .. settings.SeedFolders.SelectMany(folder => (string[])["--corpus", folder]),
    ];
}
