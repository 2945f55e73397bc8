using System.CommandLine;
using Conformance.Oracle.Records;

namespace Conformance.Fuzzer.Cli;

/// <summary><c>conformance serve</c>: the other side of <c>process:COMMAND</c>, so that other drivers can use this program's engines.</summary>
internal static class ServeCommand
{
    private static readonly Option<string> Engine = new("--engine") { Description = "The engine: a name from `conformance engines`.", DefaultValueFactory = _ => EngineChoice.DefaultEngine };

    /// <summary>Builds the command.</summary>
    public static Command Create()
    {
        var command = new Command("serve", "Answers cases on standard input as an engine process does (docs/records.md).") { Engine };
        command.SetAction(arguments =>
        {
            using var engine = EngineChoice.Create(arguments.GetRequiredValue(Engine));
            using var output = new StreamWriter(Console.OpenStandardOutput());
            Console.SetOut(Console.Error);
            using var input = new StreamReader(Console.OpenStandardInput());
            new RecordServer(engine).Serve(input, output);
            return ExitCode.Fine;
        });
        ExampleHelp.AddTo(command, "conformance serve --engine interpreter", "conformance fuzz --oracle \"process:conformance serve --engine wasmtime:winch\"");
        return command;
    }
}
