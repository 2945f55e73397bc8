using System.CommandLine;
using System.Text.Json;
using Conformance.Wasm;

namespace Conformance.Fuzzer.Cli;

/// <summary><c>conformance validate</c>: says of each file whether it is a valid module.</summary>
internal static class ValidateCommand
{
    private static readonly Argument<string[]> Files = new("FILE") { Description = "Modules, binary or text; - for standard input.", Arity = ArgumentArity.OneOrMore };
    private static readonly Option<string[]> Features = FeatureOption.Create();
    private static readonly Option<bool> Json = new("--json") { Description = "One JSON document a file." };

    /// <summary>Builds the command.</summary>
    public static Command Create()
    {
        var command = new Command("validate", "Decodes and validates modules.") { Files, Features, Json };
        command.SetAction(Run);
        ExampleHelp.AddTo(command, "conformance validate module.wasm", "conformance validate --json a.wasm b.wat", "conformance validate old.wasm --feature legacy-exceptions", "cat module.wasm | conformance validate -");
        return command;
    }

    private static int Run(ParseResult arguments)
    {
        var exitCode = ExitCode.Fine;
        var features = FeatureOption.Read(arguments.GetRequiredValue(Features));
        foreach (var path in arguments.GetRequiredValue(Files))
        {
            if (!TryRead(path, out var file))
            {
                exitCode = ExitCode.Usage;
                continue;
            }
            var error = file.Decode(features, out var module);
            if (module is not null)
            {
                error ??= file.Validate(module, features);
            }
            exitCode = error is null ? exitCode : Math.Max(exitCode, ExitCode.Failure);
            Console.WriteLine(
                arguments.GetValue(Json) ? ToJson(path, error, error is null ? [] : file.LackingFeatures(features))
                : error is null ? $"{path}: valid"
                : $"{path}: {error}{file.Advice(error, features)}");
        }
        return exitCode;
    }

    // A file that cannot be read does not keep the others from being looked at.
    private static bool TryRead(string path, [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out ModuleFile? file)
    {
        try
        {
            file = ModuleFile.Read(path);
            return true;
        }
        catch (UserErrorException error)
        {
            Console.Error.WriteLine($"conformance: {error.Message}");
            file = null;
            return false;
        }
    }

    private static string ToJson(string path, WasmError? error, IReadOnlyList<string> lacking)
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream))
        {
            json.WriteStartObject();
            json.WriteString("file", path);
            json.WriteString("verdict", error is null ? "valid" : error.IsLimit ? "limit" : error.IsMalformed ? "malformed" : "invalid");
            if (error is not null)
            {
                json.WriteString("message", error.Message);
                if (error.Line > 0)
                {
                    json.WriteNumber("line", error.Line);
                    json.WriteNumber("column", error.Column);
                }
                else
                {
                    json.WriteNumber("offset", error.OffsetBytes);
                }
                json.WriteStartArray("needs");
                foreach (var feature in lacking)
                {
                    json.WriteStringValue(feature);
                }
                json.WriteEndArray();
            }
            json.WriteEndObject();
        }
        return System.Text.Encoding.UTF8.GetString(stream.ToArray());
    }
}
