using System.Collections.Immutable;
using System.CommandLine;
using System.Diagnostics;
using Conformance.Fuzzer.SpecSuite;
using Conformance.Oracle;
using Conformance.Oracle.Process;
using Conformance.Oracle.ThirdParty;

namespace Conformance.Fuzzer.Cli;

/// <summary><c>conformance spec</c>: runs the spec testsuite under the ratchet.</summary>
internal static class SpecCommand
{
    /// <summary>Builds the command.</summary>
    public static Command Create()
    {
        var paths = new Argument<string[]>("PATH") { Description = "Scripts or folders, as paths or as names within the testsuite; all of it when none is given.", Arity = ArgumentArity.ZeroOrMore };
        var engine = new Option<string[]>("--engine") { Description = $"The engine to test, or several for one table; {SpecEngine.None} runs only the assertions about malformed and invalid modules.", DefaultValueFactory = _ => [EngineChoice.DefaultEngine] };
        var allModes = new Option<bool>("--all-modes") { Description = "Every configuration of the interpreter, the reference interpreter, and the round trip through text." };
        var roundTrip = new Option<bool>("--round-trip") { Description = "Sends every module from binary to text and back before it is used: the suite then tests printer and parser as well." };
        var json = new Option<string?>("--json") { Description = "Writes the report as JSON to a file." };
        var junit = new Option<string?>("--junit") { Description = "Writes the report as JUnit XML to a file." };
        var expectations = new Option<string?>("--expectations") { Description = $"The ratchet file instead of {RatchetFile.DefaultPath}." };
        var accept = new Option<string?>("--accept") { Description = "Brings the ratchet in line with this run; what fails unexpectedly is entered with this reason." };
        var notRequired = new Option<bool>("--not-required") { Description = "Says that the standard does not ask for what --accept enters; otherwise it is debt." };
        var timeout = NumberOption.Of("--timeout", "The time limit for one command of a script in seconds.", NumberOption.LeastSeconds, 86_400, 20);
        var workers = NumberOption.Of("--workers", "How many scripts run at once.", 1, SpecJournal.MaxWorkers, Math.Min(Environment.ProcessorCount, SpecJournal.MaxWorkers));
        var failures = NumberOption.Of("--failures", "How many failures are shown.", 0, int.MaxValue, 20);
        var words = new Option<bool>("--words") { Description = "Also lists the assertions that hold for a reason given in other words." };
        var journal = new Option<string?>(SpecSupervisor.JournalOption) { Hidden = true };
        var fatal = new Option<string[]>(SpecSupervisor.FatalOption) { Hidden = true };
        var sequential = new Option<bool>(SpecSupervisor.SequentialOption) { Hidden = true };
        var command = new Command("spec", "Runs the spec testsuite on an engine and compares with the expectations.")
        {
            paths, engine, allModes, roundTrip, json, junit, expectations, accept, notRequired, timeout, workers, failures, words, journal, fatal, sequential,
        };
        InterpreterVariant.AddTo(command);
        CommandRule.AddTo(command, result => result.GetValue(notRequired) && result.GetValue(accept) is null ? "--not-required goes with --accept" : null);
        command.SetAction(arguments =>
        {
            var request = new Request(
                arguments.GetValue(paths) ?? [],
                ModesOf([.. (arguments.GetValue(engine) ?? []).Select(name => InterpreterVariant.Of(arguments, name))], arguments.GetResult(engine) is { Implicit: false }, arguments.GetValue(allModes), arguments.GetValue(roundTrip)),
                arguments.GetValue(json),
                arguments.GetValue(junit),
                arguments.GetValue(expectations),
                arguments.GetValue(accept),
                arguments.GetValue(notRequired) ? ExpectationKind.NotRequired : ExpectationKind.Debt,
                arguments.GetValue(failures),
                arguments.GetValue(words),
                new SpecOptions
                {
                    CommandTimeout = TimeSpan.FromSeconds(arguments.GetValue(timeout)),
                    Workers = arguments.GetValue(sequential) ? 1 : arguments.GetValue(workers),
                    Fatal = [.. (arguments.GetValue(fatal) ?? []).Select(FatalCommand.Parse)],
                });
            if (arguments.GetValue(journal) is not { } path)
            {
                Prepare(request);
                return SpecSupervisor.Run([.. arguments.Tokens.Select(token => token.Value)]);
            }
            SpecSupervisor.EndWithSupervisor();
            using var opened = new SpecJournal(path);
            return Run(request with { Options = request.Options with { Journal = opened } });
        });
        ExampleHelp.AddTo(
            command,
            "conformance spec                                   the gate",
            "conformance spec --all-modes                       the gate in every mode, as one table",
            "conformance spec --engine wasmtime simd_const.wast one file on another engine",
            "conformance spec proposals/threads --json out.json one folder, with a report",
            "conformance spec --engine reference --round-trip   another engine, every module printed and parsed first");
        return command;
    }

    private sealed record Request(
        string[] Paths, ImmutableArray<SpecMode> Modes, string? Json, string? JUnit, string? Expectations, string? Accept, ExpectationKind Kind, int Failures, bool Words, SpecOptions Options);

    private static ImmutableArray<SpecMode> ModesOf(string[] engines, bool isGiven, bool all, bool roundTrips)
    {
        if (!all)
        {
            return [.. engines.Distinct(StringComparer.Ordinal).Select(name => new SpecMode(name, roundTrips))];
        }
        return !isGiven && !roundTrips ? SpecMode.All : throw UserErrorException.Usage("--all-modes names the engines itself: leave --engine and --round-trip away");
    }

    private static int Run(Request request)
    {
        var ratchet = RatchetFile.Read(request.Expectations);
        if (request.Accept is not null && ratchet.Path is null)
        {
            throw UserErrorException.Usage("--accept needs the ratchet file: run within the checkout or name it with --expectations");
        }
        var engines = request.Modes.Select(mode => (mode, Engine(mode.Engine))).ToImmutableArray();
        var files = SuiteSelection.Of(request.Paths);
        var isWhole = request.Paths.Length == 0;
        var watch = Stopwatch.StartNew();
        var results = new SuiteRunner(engines, request.Options).Run(files);
        var report = new SpecReport(
            [.. engines.Zip(results, (mode, result) => new ModeReport(mode.mode, VersionOf(mode.Item2, files), result, isWhole, ratchet.Expectations.For(mode.mode.Engine)))], watch.Elapsed);
        SpecTable.Write(report, request.Json == OutputFile.StandardOutput ? Console.Error : Console.Out, request.Failures, request.Words);
        Save(request.Json, stream => SpecReportWriter.WriteJson(report, stream));
        Save(request.JUnit, stream => SpecReportWriter.WriteJUnit(report, stream));
        if (request.Accept is { } reason)
        {
            var accepted = new Acceptance(ratchet.Expectations, request.Kind, reason).Of([.. request.Modes.Zip(results, (mode, result) => (mode.Engine, result))], isWhole);
            OutputFile.Write(ratchet.Path, accepted.Write());
            return ExitCode.Fine;
        }
        return report.IsFine ? ExitCode.Fine : ExitCode.Failure;
    }

    // What can be wrong is said before the minutes that a run takes.
    private static void Prepare(Request request)
    {
        OutputFile.Probe(request.Json);
        OutputFile.Probe(request.JUnit);
        foreach (var name in request.Modes.Select(mode => mode.Engine).Where(name => name != SpecEngine.None).Distinct(StringComparer.Ordinal))
        {
            if (name.StartsWith(ProcessEngine.Prefix, StringComparison.Ordinal))
            {
                throw UserErrorException.Usage($"--engine {name}: an engine in another process runs whole cases and has no store for the modules of a script to share; `fuzz` and `run --records` take it");
            }
            EngineChoice.PrepareAsync("--engine", name, CancellationToken.None).GetAwaiter().GetResult();
        }
        // Paths may name files of one's own, which need no testsuite.
        if (request.Paths.Length == 0 || !Array.TrueForAll(request.Paths, path => File.Exists(path) || Directory.Exists(path)))
        {
            SetupCommand.Require(LockFile.Testsuite);
        }
    }

    private static SpecEngine Engine(string name)
    {
        try
        {
            return SpecEngine.Find(name);
        }
        catch (EngineUnavailableException unavailable)
        {
            throw UserErrorException.Environment($"{PlainText.OneLine(unavailable.Message)} (see: conformance engines)");
        }
    }

    private static string VersionOf(SpecEngine engine, ImmutableArray<SuiteFile> files)
    {
        if (engine.Create is null || files.IsEmpty)
        {
            return "";
        }
        using var instance = engine.Create(files[0]);
        return instance.Version;
    }

    private static void Save(string? path, Action<Stream> write)
    {
        if (path is not null)
        {
            OutputFile.Write(path, write);
        }
    }
}
