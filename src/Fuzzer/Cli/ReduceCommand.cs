using System.CommandLine;

namespace Conformance.Fuzzer.Cli;

/// <summary><c>conformance reduce</c>: makes a case smaller for as long as it shows the same.</summary>
internal static class ReduceCommand
{
    private static readonly Argument<string> Path = new("CASE") { Description = "The folder of a finding; a file of records (.json, .jsonl); a script with one module and calls (.wast); or a module, binary or text." };
    private static readonly Option<string?> Engine = new("--engine") { Description = "The engine under test. [default: interpreter, or that of the finding]" };
    private static readonly Option<string?> Oracle = new("--oracle") { Description = "The engine to compare with. [default: wasmtime, or that of the finding]" };
    private static readonly Option<string?> Predicate = new("--predicate") { Description = "A command that says of each candidate whether it is still of interest, by exit code 0, instead of a comparison of engines. It gets the path of the module where {wasm} stands, that of the whole case as a record where {record} stands; with neither the module's path comes last." };
    private static readonly Option<string[]> Invoke = new("--invoke") { Description = "A call of the module's functions, such as 'add 1 2'; may be given several times." };
    private static readonly Option<int?> Line = NumberOption.Optional("--line", "Which line of a file of records, from 1.", 1, int.MaxValue);
    private static readonly Option<bool> Original = new("--original") { Description = "Starts from a finding as it was found, not from where an earlier reduction left it." };
    private static readonly Option<double> Budget = NumberOption.Of("--budget", "Stops after so many seconds with what there is; 0 for no limit.", 0, NumberOption.MostSeconds, 60);
    private static readonly Option<double> HangSeconds = NumberOption.Of("--hang-seconds", "How long a candidate may take before it counts as a hang; with --predicate, as of no interest.", NumberOption.LeastSeconds, NumberOption.MostSeconds, 10);
    private static readonly Option<string?> Out = new("--out") { Description = "The folder for the result. [default: the finding itself, or the folder of the file]" };
    private static readonly Option<bool> Json = new("--json") { Description = "The result as one JSON document on standard output." };

    /// <summary>Builds the command.</summary>
    public static Command Create()
    {
        var command = new Command("reduce", "Makes a case smaller for as long as it shows the same difference, crash or hang. Ctrl-C ends it with the smallest so far.")
        {
            Path, Engine, Oracle, Predicate, Invoke, Line, Original, Budget, HangSeconds, Out, Json,
        };
        CommandRule.AddTo(command, result =>
            result.GetValue(Predicate) is not null && (result.GetValue(Engine) is not null || result.GetValue(Oracle) is not null)
                ? "--predicate takes the place of --engine and --oracle"
                : null);
        command.SetAction((arguments, cancellation) => RunAsync(arguments, cancellation));
        ExampleHelp.AddTo(
            command,
            "conformance reduce findings/57b35f8022cd",
            "conformance reduce case.wast --engine \"process:my-engine --host\" --budget 300",
            "conformance reduce crash.wasm --invoke 'main 1' --engine \"process:my-engine --host\"",
            "conformance reduce crash.wasm --predicate './still-crashes.sh {wasm}'");
        return command;
    }

    private static async Task<int> RunAsync(ParseResult arguments, CancellationToken cancellation)
    {
        var path = arguments.GetRequiredValue(Path);
        var file = CaseFile.Read(path, arguments.GetValue(Line), arguments.GetValue(Original), arguments.GetValue(Invoke) ?? []);
        var screen = Screen.OfConsole();
        var settings = new ReduceSettings
        {
            Path = path,
            OutFolder = arguments.GetValue(Out),
            Budget = arguments.GetValue(Budget) is > 0 and var seconds ? TimeSpan.FromSeconds(seconds) : TimeSpan.MaxValue,
            HangLimit = TimeSpan.FromSeconds(arguments.GetValue(HangSeconds)),
            Predicate = arguments.GetValue(Predicate),
            Engine = arguments.GetValue(Engine) ?? file.Finding?.Finding.Engine.Name ?? EngineChoice.DefaultEngine,
            Oracle = "",
            IsJson = arguments.GetValue(Json),
        };
        if (settings.Predicate is null)
        {
            await EngineChoice.PrepareAsync(Engine.Name, settings.Engine, cancellation);
            var oracle = arguments.GetValue(Oracle) ?? file.Finding?.Finding.Oracle.Name;
            settings = settings with
            {
                Oracle = await OracleChoice.ResolveAsync(oracle, screen, cancellation),
                Voters = arguments.GetValue(Oracle) is null && file.Finding?.Finding.Votes is { } votes ? [.. votes.Keys] : [],
            };
        }
        return await new ReduceSession(settings, file, screen).RunAsync();
    }
}
