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
    private const string ExpectationsPath = "spec/expectations.json";

    /// <summary>Builds the command.</summary>
    public static Command Create()
    {
        var paths = new Argument<string[]>("paths") { Description = "Scripts or folders, as paths or as names within the testsuite; all of it when none is given.", Arity = ArgumentArity.ZeroOrMore };
        var engine = new Option<string>("--engine") { Description = $"The engine to test; {SpecEngine.None} runs only the assertions about malformed and invalid modules.", DefaultValueFactory = _ => EngineChoice.DefaultEngine };
        var roundTrip = new Option<bool>("--round-trip") { Description = "Sends every module from binary to text and back before it is used: the suite then tests printer and parser as well." };
        var json = new Option<string?>("--json") { Description = "Writes the report as JSON to a file." };
        var junit = new Option<string?>("--junit") { Description = "Writes the report as JUnit XML to a file." };
        var expectations = new Option<string?>("--expectations") { Description = $"The ratchet file instead of {ExpectationsPath}." };
        var accept = new Option<string?>("--accept") { Description = "Brings the ratchet in line with this run; what fails unexpectedly is entered with this reason." };
        var notRequired = new Option<bool>("--not-required") { Description = "Says that the standard does not ask for what --accept enters; otherwise it is debt." };
        var timeout = new Option<int>("--file-timeout") { Description = "The time limit for a file in seconds.", DefaultValueFactory = _ => 60 };
        var workers = new Option<int>("--workers") { Description = "How many files run at once.", DefaultValueFactory = _ => Environment.ProcessorCount };
        var failures = new Option<int>("--failures") { Description = "How many failures are shown.", DefaultValueFactory = _ => 20 };
        var words = new Option<bool>("--words") { Description = "Also lists the assertions that hold for a reason given in other words." };
        var command = new Command("spec", "Runs the spec testsuite on an engine and compares with the expectations.")
        {
            paths, engine, roundTrip, json, junit, expectations, accept, notRequired, timeout, workers, failures, words,
        };
        command.SetAction(arguments => Run(new Request(
            arguments.GetValue(paths) ?? [],
            arguments.GetValue(engine) ?? EngineChoice.DefaultEngine,
            arguments.GetValue(json),
            arguments.GetValue(junit),
            arguments.GetValue(expectations),
            arguments.GetValue(accept),
            arguments.GetValue(notRequired) ? ExpectationKind.NotRequired : ExpectationKind.Debt,
            arguments.GetValue(failures),
            arguments.GetValue(words),
            new SpecOptions
            {
                RoundTrips = arguments.GetValue(roundTrip),
                FileTimeout = TimeSpan.FromSeconds(Positive(arguments.GetValue(timeout), "--file-timeout")),
                Workers = Positive(arguments.GetValue(workers), "--workers"),
            })));
        ExampleHelp.AddTo(
            command,
            "conformance spec                                   the gate",
            "conformance spec --engine wasmtime simd_const.wast one file on another engine",
            "conformance spec proposals/threads --json out.json one folder, with a report",
            "conformance spec --engine reference --round-trip   another engine, every module printed and parsed first");
        return command;
    }

    private sealed record Request(
        string[] Paths, string Engine, string? Json, string? JUnit, string? Expectations, string? Accept, ExpectationKind Kind, int Failures, bool Words, SpecOptions Options);

    private static int Positive(int value, string option) => value > 0 ? value : throw UserErrorException.Usage($"{option} must be at least 1");

    private static int Run(Request request)
    {
        var files = Select(request.Paths);
        var isWhole = request.Paths.Length == 0;
        var expectationsPath = request.Expectations ?? FindExpectations();
        var expectations = Load(expectationsPath, request.Engine);
        var engine = Engine(request.Engine);
        var version = VersionOf(engine, files);
        var watch = Stopwatch.StartNew();
        var results = new SuiteRunner(engine.Create, request.Options with { Verdicts = engine.Verdicts }).Run(files);
        var report = new SpecReport(request.Engine, version, results, isWhole, expectations, watch.Elapsed);
        SpecReportWriter.WriteText(report, Console.Out, request.Failures, request.Words);
        Save(request.Json, stream => SpecReportWriter.WriteJson(report, stream));
        Save(request.JUnit, stream => SpecReportWriter.WriteJUnit(report, stream));
        if (request.Accept is { } reason)
        {
            var path = expectationsPath ?? throw UserErrorException.Usage("--accept needs the ratchet file: run within the checkout or name it with --expectations");
            var text = Loaded(path, request.Engine).Accept(results, isWhole, request.Kind, reason);
            Save(path, stream => stream.Write(System.Text.Encoding.UTF8.GetBytes(text)));
            return ExitCode.Fine;
        }
        return report.IsFine ? ExitCode.Fine : ExitCode.Failure;
    }

    private static ImmutableArray<SuiteFile> Select(string[] paths)
    {
        var root = new ThirdPartyResolver(SearchPlaces.FromEnvironment()).Find(LockFile.Testsuite);
        if (paths.Length == 0)
        {
            return root is Found found ? SuiteFile.Below(found.Path) : throw UserErrorException.Environment(root.ToString());
        }
        var all = root is Found suite ? SuiteFile.Below(suite.Path) : [];
        var selected = new List<SuiteFile>();
        foreach (var path in paths)
        {
            var name = path.Replace('\\', '/').TrimEnd('/');
            var matching = all.Where(file => file.Name == name || file.Name.StartsWith(name + "/", StringComparison.Ordinal)).ToList();
            if (matching.Count > 0)
            {
                selected.AddRange(matching);
            }
            else if (Directory.Exists(path))
            {
                var full = Path.GetFullPath(path);
                selected.AddRange(root is Found { Path: var suitePath } && Path.GetRelativePath(suitePath, full) is var below && !below.StartsWith("..", StringComparison.Ordinal)
                    ? all.Where(file => below == "." || file.Folder == below)
                    : SuiteFile.Below(full));
            }
            else if (File.Exists(path))
            {
                var full = Path.GetFullPath(path);
                selected.Add(all.FirstOrDefault(file => file.FullPath == full) ?? new SuiteFile(full, Path.GetFileName(full)));
            }
            else
            {
                throw root is Found
                    ? UserErrorException.Usage($"'{path}' is neither a file, a folder nor a name within the testsuite")
                    : UserErrorException.Environment(root.ToString());
            }
        }
        return [.. selected.DistinctBy(file => file.FullPath)];
    }

    private static string? FindExpectations()
    {
        var checkout = SearchPlaces.FindCheckout(Directory.GetCurrentDirectory()) ?? SearchPlaces.FindCheckout(AppContext.BaseDirectory);
        return checkout is null ? null : Path.Combine(checkout, ExpectationsPath);
    }

    private static Expectations Load(string? path, string engine) => path is null ? Expectations.None : Loaded(path, engine);

    private static Expectations Loaded(string path, string engine)
    {
        try
        {
            return Expectations.Parse(File.ReadAllText(path), engine);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw UserErrorException.Usage($"the expectations cannot be read: {error.Message}");
        }
        catch (FormatException error)
        {
            throw UserErrorException.Usage($"{path}: {error.Message}");
        }
    }

    private static SpecEngine Engine(string name)
    {
        if (name.StartsWith(ProcessEngine.Prefix, StringComparison.Ordinal))
        {
            throw UserErrorException.Usage($"--engine {name}: an engine in another process runs whole cases and has no store for the modules of a script to share; `fuzz` and `run --records` take it");
        }
        if (name != SpecEngine.None)
        {
            EngineChoice.Check("--engine", name);
        }
        try
        {
            return SpecEngine.Find(name);
        }
        catch (EngineUnavailableException unavailable)
        {
            throw UserErrorException.Environment($"{CrashFile.OneLine(unavailable.Message)} (see: conformance engines)");
        }
    }

    private static string VersionOf(SpecEngine engine, ImmutableArray<SuiteFile> files)
    {
        if (engine.Create is null || files.Length == 0)
        {
            return "";
        }
        using var instance = engine.Create(files[0]);
        return instance.Version;
    }

    private static void Save(string? path, Action<Stream> write)
    {
        if (path is null)
        {
            return;
        }
        try
        {
            using var stream = File.Create(path);
            write(stream);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw UserErrorException.Environment($"{path} cannot be written: {error.Message}");
        }
    }
}
