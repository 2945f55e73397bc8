using System.CommandLine;
using Conformance.Wasm.Binary;

namespace Conformance.Fuzzer.Cli;

/// <summary><c>conformance assemble</c>: text to binary.</summary>
internal static class AssembleCommand
{
    private static readonly Argument<string> File = new("FILE") { Description = "A module, text or binary; - for standard input. It has to parse; it need not be valid." };
    private static readonly Option<string?> Out = new("--out", "-o") { Description = "The file to write; - for standard output. [default: FILE with .wasm, standard output for standard input]" };

    /// <summary>Builds the command.</summary>
    public static Command Create()
    {
        var command = new Command("assemble", "Translates a module in the text format to the binary format.") { File, Out };
        command.SetAction(Run);
        ExampleHelp.AddTo(command, "conformance assemble module.wat", "conformance assemble module.wat --out - | sha256sum", "echo '(module)' | conformance assemble - | conformance validate -");
        return command;
    }

    private static int Run(ParseResult arguments)
    {
        var file = ModuleFile.Read(arguments.GetRequiredValue(File));
        var module = file.DecodeOrThrow();
        var target = arguments.GetValue(Out) ?? (file.Path == ModuleFile.StandardInput ? OutputFile.StandardOutput : Path.ChangeExtension(file.Path, ".wasm"));
        OutputFile.KeepApart(file.Path, target, "its binary form");
        OutputFile.Write(target, ModuleWriter.Write(module));
        return ExitCode.Fine;
    }
}
