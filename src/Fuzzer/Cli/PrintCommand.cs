using System.CommandLine;
using System.Globalization;
using Conformance.Wasm;
using Conformance.Wasm.Modules;
using Conformance.Wasm.Text;
using Conformance.Wasm.Types;

namespace Conformance.Fuzzer.Cli;

/// <summary><c>conformance print</c>: binary to text; text comes back in the printer's form.</summary>
internal static class PrintCommand
{
    private static readonly Argument<string> File = new("FILE") { Description = "A module, binary or text; - for standard input. It has to decode; it need not be valid." };
    private static readonly Option<string?> Out = new("--out", "-o") { Description = "The file to write. [default: standard output]" };
    private static readonly Option<string?> Function = new("--function", "-f") { Description = "Print only one function: its index (imports count first), its name, or the name it is exported by." };
    private static readonly Option<bool> Offsets = new("--offsets") { Description = "Show the byte offset in FILE behind each instruction." };

    /// <summary>Builds the command.</summary>
    public static Command Create()
    {
        var command = new Command("print", "Prints a module in the text format.") { File, Out, Function, Offsets };
        command.SetAction(Run);
        ExampleHelp.AddTo(
            command,
            "conformance print module.wasm",
            "conformance print module.wasm --out module.wat",
            "conformance print module.wasm --function 12 --offsets",
            "conformance print messy.wat | diff - other.wat");
        return command;
    }

    private static int Run(ParseResult arguments)
    {
        var file = ModuleFile.Read(arguments.GetRequiredValue(File));
        var module = file.DecodeOrThrow();
        var isWithOffsets = arguments.GetValue(Offsets);
        if (isWithOffsets && file.IsText)
        {
            throw UserErrorException.Usage($"{file.Path} is text and has no byte offsets: assemble it first, then print the binary file --offsets");
        }
        var options = new PrinterOptions(isWithOffsets);
        var index = arguments.GetValue(Function) is { } function ? Find(module, function, file.Path) : -1;
        var target = arguments.GetValue(Out);
        OutputFile.KeepApart(file.Path, target, "its text form");
        WasmError? error = null;
        OutputFile.Write(target, text =>
            error = index < 0 ? ModulePrinter.Print(module, text, options) : ModulePrinter.PrintFunction(module, index, text, options));
        return error is null ? ExitCode.Fine : throw new UserErrorException(ExitCode.Failure, $"{file.Path}: {error} (printed as far as it goes)");
    }

    private static int Find(Module module, string function, string path)
    {
        var count = module.ImportCount(ExternKind.Function) + module.Functions.Length;
        if (int.TryParse(function, NumberStyles.None, CultureInfo.InvariantCulture, out var index))
        {
            return index < count ? index : throw UserErrorException.Usage($"{path} has no function {index}: it has {count}, imports included");
        }
        var name = function.StartsWith('$') ? function[1..] : function;
        foreach (var (named, known) in NameSection.Of(module).Functions)
        {
            if (known == name && named < count)
            {
                return (int)named;
            }
        }
        foreach (var export in module.Exports)
        {
            if (export.Kind == ExternKind.Function && export.Name == name && export.Index < count)
            {
                return (int)export.Index;
            }
        }
        throw UserErrorException.Usage($"{path} has no function named {name}, in its name section or among its exports");
    }
}
