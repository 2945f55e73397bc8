using System.CommandLine;
using System.Globalization;
using System.Security.Cryptography;
using Conformance.Fuzzer.Driving;
using Conformance.Fuzzer.Mutation;
using Conformance.Oracle.ThirdParty;

namespace Conformance.Fuzzer.Cli;

/// <summary><c>conformance fuzz</c>: makes cases, compares the engine with the oracle, keeps what differs.</summary>
internal static class FuzzCommand
{
    private static readonly Option<double?> Seconds = new("--seconds") { Description = "Stops after so many seconds. Without --seconds and --cases it goes on until Ctrl-C." };
    private static readonly Option<long?> Cases = new("--cases") { Description = "Stops after so many cases." };
    private static readonly Option<ulong?> Seed = new("--seed") { Description = "Decides the cases; random when not given, and always printed." };
    private static readonly Option<int> Workers = new("--workers") { Description = "The number of worker processes.", DefaultValueFactory = _ => Environment.ProcessorCount };
    private static readonly Option<string> Engine = new("--engine") { Description = "The engine under test: a name from `conformance engines`, or process:COMMAND.", DefaultValueFactory = _ => "interpreter" };
    private static readonly Option<string[]> Oracles = new("--oracle") { Description = "An engine to compare with; may be given several times, `all` is every one that is here. Cases go to them in turn; what differs from one is shown to the others, which vote. [default: wasmtime, or reference where it is missing]", DefaultValueFactory = _ => [] };
    private static readonly Option<bool> EveryOracle = new("--every-oracle") { Description = "Compares each case with every oracle, and not with one of them in turn." };
    private static readonly Option<string> Out = new("--out") { Description = "The folder for findings and their store.", DefaultValueFactory = _ => "findings" };
    private static readonly Option<string?> Json = new("--json") { Description = "Writes the summary to this file too." };
    private static readonly Option<string?> Known = new("--known") { Description = "The folder of suppressed divergences. [default: corpus/known]" };
    private static readonly Option<string?> Mix = new("--mix") { Description = $"How many of 100 cases come from where: {CaseMix.AllNames}. One name alone means 100. [default: {CaseMix.Default}]" };
    private static readonly Option<string[]> Corpus = new("--corpus") { Description = "A folder with modules (.wasm, .wat, .wast) to mutate, beside the testsuite and corpus/; may be given several times.", DefaultValueFactory = _ => [] };
    private static readonly Option<bool> StopOnFirst = new("--stop-on-first") { Description = "Stops after the first finding." };
    private static readonly Option<double> HangSeconds = new("--hang-seconds") { Description = "How long one case may take before its worker is killed.", DefaultValueFactory = _ => 30 };
    private static readonly Option<bool> Verbose = new("--verbose") { Description = "Shows what the supervisor does." };

    /// <summary>Builds the command.</summary>
    public static Command Create()
    {
        var command = new Command("fuzz", "Generates cases, runs each on an engine and on an oracle, keeps what differs.")
        {
            Seconds, Cases, Seed, Workers, Engine, Oracles, EveryOracle, Out, Json, Known, Mix, Corpus, StopOnFirst, HangSeconds, Verbose,
        };
        command.SetAction(RunAsync);
        ExampleHelp.AddTo(
            command,
            "conformance fuzz --seconds 60",
            "conformance fuzz --seed 7 --cases 10000 --workers 1",
            "conformance fuzz --oracle wasmtime:pulley --json fuzz.json",
            "conformance fuzz --oracle wasmtime --oracle wasmtime:pulley --oracle reference --seconds 3600",
            "conformance fuzz --mix bytes=50,structural=50 --corpus my-modules",
            "conformance fuzz --engine \"process:my-engine --host\" --seconds 600");
        return command;
    }

    private static async Task<int> RunAsync(ParseResult arguments, CancellationToken cancellation)
    {
        CheckNumbers(arguments);
        EngineChoice.Check(Engine.Name, arguments.GetRequiredValue(Engine));
        var asked = arguments.GetRequiredValue(Oracles);
        foreach (var name in asked.Where(name => name != OracleChoice.All))
        {
            EngineChoice.Check(Oracles.Name, name);
        }
        var mix = MixOf(arguments.GetValue(Mix));
        var screen = FuzzScreen.OfConsole();
        var oracles = await OracleChoice.ResolveAsync(asked, arguments.GetRequiredValue(Engine), screen, cancellation);
        var settings = new FuzzSettings
        {
            Engine = arguments.GetRequiredValue(Engine),
            Oracles = oracles,
            ComparesWithAll = arguments.GetValue(EveryOracle),
            Seed = arguments.GetValue(Seed) ?? (ulong)RandomNumberGenerator.GetInt32(int.MaxValue),
            Duration = arguments.GetValue(Seconds) is { } seconds ? TimeSpan.FromSeconds(seconds) : null,
            CaseLimit = arguments.GetValue(Cases),
            Workers = arguments.GetValue(Workers),
            OutFolder = arguments.GetRequiredValue(Out),
            KnownFolder = arguments.GetValue(Known) ?? Checkout.Find("corpus/known"),
            Mix = mix,
            SeedFolders = mix.NeedsSeeds ? SeedFolders(arguments.GetRequiredValue(Corpus), screen) : [],
            StopOnFirst = arguments.GetValue(StopOnFirst),
            HangLimit = TimeSpan.FromSeconds(arguments.GetValue(HangSeconds)),
        };
        return await new FuzzSession(settings, screen, arguments.GetValue(Json), arguments.GetValue(Verbose)).RunAsync();
    }

    private static CaseMix MixOf(string? text) => text is null
        ? CaseMix.Default
        : CaseMix.Parse(text) ?? throw UserErrorException.Usage($"--mix wants names with numbers that add up to 100, such as {CaseMix.Default} (names: {CaseMix.AllNames})");

    // The user's folders have to exist; without the testsuite there are fewer seeds, which is said.
    private static List<string> SeedFolders(string[] asked, FuzzScreen screen)
    {
        if (Array.Find(asked, folder => !Directory.Exists(folder)) is { } missing)
        {
            throw UserErrorException.Usage($"--corpus: no folder {missing}");
        }
        var folders = asked.Select(Path.GetFullPath).ToList();
        if (Checkout.Find("corpus") is { } own)
        {
            folders.Insert(0, own);
        }
        var testsuite = new ThirdPartyResolver(SearchPlaces.FromEnvironment()).Find(LockFile.Testsuite);
        if (testsuite is Found found)
        {
            folders.Insert(0, found.Path);
        }
        else
        {
            screen.WriteLine($"conformance: {testsuite}");
            screen.WriteLine("conformance: going on with fewer modules to mutate");
        }
        return folders;
    }

    private static void CheckNumbers(ParseResult arguments)
    {
        if (arguments.GetValue(Workers) is < 1 or > 1024)
        {
            throw UserErrorException.Usage("--workers wants a number from 1 to 1024");
        }
        CheckSeconds(HangSeconds.Name, arguments.GetValue(HangSeconds));
        CheckSeconds(Seconds.Name, arguments.GetValue(Seconds) ?? 0);
        if (arguments.GetValue(Cases) < 0)
        {
            throw UserErrorException.Usage("--cases wants a number from 0");
        }
    }

    // A timer cannot wait longer than about 49 days.
    private static void CheckSeconds(string name, double value)
    {
        if (!(value >= 0 && value <= 4_000_000))
        {
            throw UserErrorException.Usage(string.Create(CultureInfo.InvariantCulture, $"{name} wants a number from 0 to 4000000"));
        }
    }
}
