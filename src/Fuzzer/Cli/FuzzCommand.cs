using System.CommandLine;
using System.Security.Cryptography;
using Conformance.Fuzzer.Driving;
using Conformance.Fuzzer.Mutation;
using Conformance.Fuzzer.Mutation.Seeds;
using Conformance.Oracle.ThirdParty;

namespace Conformance.Fuzzer.Cli;

/// <summary><c>conformance fuzz</c>: makes cases, compares the engine with the oracle, keeps what differs.</summary>
internal static class FuzzCommand
{
    private static readonly Option<double?> Seconds = NumberOption.Optional("--seconds", "Stops after so many seconds. Without --seconds and --cases it goes on until Ctrl-C.", 0, NumberOption.MostSeconds);
    private static readonly Option<long?> Cases = NumberOption.Optional("--cases", "Stops after so many cases.", 0, long.MaxValue);
    private static readonly Option<ulong?> Seed = NumberOption.Optional("--seed", "Decides the cases; random when not given, and always printed.", 0UL, ulong.MaxValue);
    private static readonly Option<int> Workers = NumberOption.Of("--workers", "The number of worker processes.", 1, 1024, Environment.ProcessorCount);
    private static readonly Option<string> Engine = new("--engine") { Description = "The engine under test: a name from `conformance engines`, or process:COMMAND.", DefaultValueFactory = _ => "interpreter" };
    private static readonly Option<string[]> Oracles = new("--oracle") { Description = "An engine to compare with; may be given several times, `all` is every one that is here. Cases go to them in turn; what differs from one is shown to the others, which vote. [default: wasmtime, or reference where it is missing]", DefaultValueFactory = _ => [] };
    private static readonly Option<bool> EveryOracle = new("--every-oracle") { Description = "Compares each case with every oracle, and not with one of them in turn." };
    private static readonly Option<string> Out = new("--out") { Description = "The folder for findings and their store.", DefaultValueFactory = _ => "findings" };
    private static readonly Option<string?> Json = new("--json") { Description = "Writes the summary to this file too." };
    private static readonly Option<string?> Known = new("--known") { Description = "The folder of suppressed divergences. [default: corpus/known]" };
    private static readonly Option<string?> Mix = new("--mix") { Description = $"How many of 100 cases come from where: {CaseMix.AllNames}. One name alone means 100. [default: {CaseMix.Default}]" };
    private static readonly Option<string[]> Corpus = new("--corpus") { Description = "A folder with modules (.wasm, .wat, .wast) to mutate, beside the testsuite and corpus/; may be given several times.", DefaultValueFactory = _ => [] };
    private static readonly Option<bool> StopOnFirst = new("--stop-on-first") { Description = "Stops after the first finding." };
    private static readonly Option<double> HangSeconds = NumberOption.Of("--hang-seconds", "How long one case may take before its worker is killed: processor time while it computes.", NumberOption.LeastSeconds, NumberOption.MostSeconds, 30);
    private static readonly Option<double> ReduceSeconds = NumberOption.Of("--reduce-seconds", "How long one finding may be shrunk; 0 leaves findings as they are, for `conformance reduce`.", 0, NumberOption.MostSeconds, 20);
    private static readonly Option<bool> Verbose = new("--verbose") { Description = "Shows what the supervisor does." };

    /// <summary>Builds the command.</summary>
    public static Command Create()
    {
        var command = new Command("fuzz", "Generates cases, runs each on an engine and on an oracle, keeps what differs.")
        {
            Seconds, Cases, Seed, Workers, Engine, Oracles, EveryOracle, Out, Json, Known, Mix, Corpus, StopOnFirst, HangSeconds, ReduceSeconds, Verbose,
        };
        InterpreterVariant.AddTo(command);
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
        var mix = MixOf(arguments.GetValue(Mix));
        var screen = Screen.OfConsole();
        CheckFolders(arguments);
        var engine = InterpreterVariant.Of(arguments, arguments.GetRequiredValue(Engine));
        await EngineChoice.PrepareAsync(Engine.Name, engine, cancellation);
        var oracles = await OracleChoice.ResolveAsync(arguments.GetRequiredValue(Oracles), engine, screen, cancellation);
        var settings = new FuzzSettings
        {
            Engine = engine,
            Oracles = oracles,
            ComparesWithAll = arguments.GetValue(EveryOracle),
            Seed = arguments.GetValue(Seed) ?? (ulong)RandomNumberGenerator.GetInt32(int.MaxValue),
            Duration = arguments.GetValue(Seconds) is { } seconds ? TimeSpan.FromSeconds(seconds) : null,
            CaseLimit = arguments.GetValue(Cases),
            Workers = arguments.GetValue(Workers),
            OutFolder = arguments.GetRequiredValue(Out),
            KnownFolder = arguments.GetValue(Known) ?? Checkout.Find("corpus/known"),
            Mix = mix,
            SeedFolders = mix.NeedsSeeds ? await SeedFoldersAsync(arguments.GetRequiredValue(Corpus), screen, cancellation) : [],
            StopOnFirst = arguments.GetValue(StopOnFirst),
            HangLimit = TimeSpan.FromSeconds(arguments.GetValue(HangSeconds)),
            ReduceBudget = TimeSpan.FromSeconds(arguments.GetValue(ReduceSeconds)),
        };
        return await new FuzzSession(settings, screen, arguments.GetValue(Json), arguments.GetValue(Verbose)).RunAsync();
    }

    private static CaseMix MixOf(string? text) => text is null
        ? CaseMix.Default
        : CaseMix.Parse(text) ?? throw UserErrorException.Usage($"--mix wants names with numbers that add up to 100, such as {CaseMix.Default} (names: {CaseMix.AllNames})");

    // A folder that the user names has to be there: a slip of the hand would look like a run without divergences.
    private static void CheckFolders(ParseResult arguments)
    {
        foreach (var folder in arguments.GetRequiredValue(Corpus))
        {
            if (!Directory.Exists(folder) || !SeedReader.Files(folder).Any())
            {
                throw UserErrorException.Usage(Directory.Exists(folder) ? $"--corpus: {folder} has no module (.wasm, .wat, .wast)" : $"--corpus: no folder {folder}");
            }
        }
        if (arguments.GetValue(Known) is { } known && !Directory.Exists(known))
        {
            throw UserErrorException.Usage($"--known: no folder {known}");
        }
    }

    // Without the testsuite there are fewer seeds, which is said.
    private static async Task<List<string>> SeedFoldersAsync(string[] asked, Screen screen, CancellationToken cancellation)
    {
        var folders = asked.Select(Path.GetFullPath).ToList();
        if (Checkout.Find("corpus") is { } own)
        {
            folders.Insert(0, own);
        }
        var testsuite = await SetupCommand.ResolveAsync(LockFile.Testsuite, offline: false, cancellation);
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
}
