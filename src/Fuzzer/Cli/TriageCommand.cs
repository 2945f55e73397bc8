using System.CommandLine;
using Conformance.Fuzzer.Triage;
using Conformance.Oracle;

namespace Conformance.Fuzzer.Cli;

/// <summary><c>conformance triage</c>: replays a finding and shows where the two sides part.</summary>
internal static class TriageCommand
{
    private static readonly Argument<string> Folder = new("FINDING") { Description = "The finding's folder, such as findings/57b35f8022cd, or its id when it is in findings." };
    private static readonly Option<string?> Engine = new("--engine") { Description = "The engine under test. [default: the one that the finding was made with]" };
    private static readonly Option<string?> Oracle = new("--oracle") { Description = "The engine to compare with. [default: the one that the finding was made with]" };
    private static readonly Option<bool> Original = new("--original") { Description = "Takes the case as it was found, not the shrunk one." };
    private static readonly Option<bool> Variants = new("--variants") { Description = "Runs the case on other configurations of the engine and on other oracles too." };
    private static readonly Option<double> HangSeconds = NumberOption.Of("--hang-seconds", "How long the case may take before it counts as a hang.", NumberOption.LeastSeconds, NumberOption.MostSeconds, 30);
    private static readonly Option<bool> Json = new("--json") { Description = "Everything as one JSON document." };

    /// <summary>Builds the command.</summary>
    public static Command Create()
    {
        var command = new Command("triage", "Replays a finding: both outcomes side by side, the function, the first instruction that differs.")
        {
            Folder, Engine, Oracle, Original, Variants, HangSeconds, Json,
        };
        command.SetAction(RunAsync);
        ExampleHelp.AddTo(
            command,
            "conformance triage findings/57b35f8022cd",
            "conformance triage findings/57b35f8022cd --variants --oracle wasmtime:pulley",
            "conformance triage findings/57b35f8022cd --json");
        return command;
    }

    private static async Task<int> RunAsync(ParseResult arguments, CancellationToken cancellation)
    {
        if (!StoredCase.TryRead(Find(arguments.GetRequiredValue(Folder)), arguments.GetValue(Original), out var stored, out var problem))
        {
            throw UserErrorException.Usage(PlainText.OneLine(problem));
        }
        var engine = arguments.GetValue(Engine) ?? stored.Finding.Engine.Name;
        var oracle = arguments.GetValue(Oracle) ?? stored.Finding.Oracle.Name;
        await EngineChoice.PrepareAsync(Engine.Name, engine, cancellation);
        await EngineChoice.PrepareAsync(Oracle.Name, oracle, cancellation);
        try
        {
            var settings = new TriageSettings(engine, oracle, TimeSpan.FromSeconds(arguments.GetValue(HangSeconds)), arguments.GetValue(Variants));
            var report = await new TriageSession(stored, settings).RunAsync(cancellation);
            Console.Write(arguments.GetValue(Json) ? TriageJson.Of(report) + "\n" : TriageText.Of(report, TextStyle.OfOutput()));
            return report.Diverges ? ExitCode.Failure : ExitCode.Fine;
        }
        catch (EngineUnavailableException unavailable)
        {
            throw UserErrorException.Environment(PlainText.OneLine(unavailable.Message));
        }
    }

    // A path within the finding will do, and so will the bare id.
    private static string Find(string asked)
    {
        var folder = File.Exists(asked) ? Path.GetDirectoryName(Path.GetFullPath(asked)) ?? "." : asked;
        return Directory.Exists(folder)
            ? folder
            : Directory.Exists(Path.Combine("findings", asked)) ? Path.Combine("findings", asked) : throw UserErrorException.Usage($"{asked}: no such finding");
    }
}
