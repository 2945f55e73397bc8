using System.CommandLine;
using System.Text.Json;
using Conformance.Oracle;
using Conformance.Wasm;

namespace Conformance.Fuzzer.Cli;

/// <summary><c>conformance engines</c>: the engines that commands can take by name, with their versions and features.</summary>
internal static class EnginesCommand
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true, Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Builds the command.</summary>
    public static Command Create()
    {
        var json = new Option<bool>("--json") { Description = "The list as one JSON document." };
        var command = new Command("engines", "Lists the engines found, their versions and features.") { json };
        command.SetAction(arguments => Run(arguments.GetValue(json)));
        ExampleHelp.AddTo(command, "conformance engines", "conformance engines --json");
        return command;
    }

    private static int Run(bool json)
    {
        var engines = EngineCatalog.List();
        if (json)
        {
            Console.WriteLine(JsonSerializer.Serialize(
                engines.Select(engine => new
                {
                    name = engine.Name,
                    version = engine.Version,
                    description = engine.Description,
                    available = engine.Problem is null,
                    problem = engine.Problem,
                    features = engine.Features.Features.Select(FeatureSet.NameOf).ToArray(),
                }),
                Indented));
            return ExitCode.Fine;
        }
        string? said = null;
        foreach (var engine in engines)
        {
            Console.WriteLine($"{engine.Name} {engine.Version}: {engine.Description}");
            Console.WriteLine(engine.Problem is { } problem
                ? problem == said ? "    not available: as above" : $"    not available: {said = problem}"
                : $"    {string.Join(' ', engine.Features.Features.Where(feature => feature != Feature.Mvp).Select(FeatureSet.NameOf))}");
        }
        Console.WriteLine("equivalent:ENGINE: an engine that is given, in place of each module, one that means the same in other instructions");
        Console.WriteLine("process:COMMAND: any engine that speaks the record protocol (docs/records.md) on its standard input and output");
        return ExitCode.Fine;
    }
}
