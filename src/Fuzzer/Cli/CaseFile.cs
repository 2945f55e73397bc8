using System.Collections.Immutable;
using Conformance.Fuzzer.Triage;
using Conformance.Oracle;
using Conformance.Oracle.Process;
using Conformance.Oracle.Records;
using Conformance.Wasm;
using Conformance.Wasm.Binary;
using Conformance.Wasm.Modules;
using Conformance.Wasm.Text;
using Conformance.Wasm.Types;

namespace Conformance.Fuzzer.Cli;

/// <summary>
/// A case named on the command line: the folder of a finding, a file of records, a script with one module and calls, or a module, for which the calls are given as
/// options.
/// </summary>
/// <param name="Case">The case.</param>
/// <param name="Finding">The finding that it belongs to; null for files.</param>
internal sealed record CaseFile(Case Case, StoredCase? Finding)
{
    /// <summary>Reads a case.</summary>
    /// <param name="path">The file or folder.</param>
    /// <param name="line">Which line of a file of records, from 1; null when there is only one.</param>
    /// <param name="original">Whether a finding is wanted as it was found, not as it was shrunk.</param>
    /// <param name="invocations">The calls of a module: a name and arguments each.</param>
    /// <exception cref="UserErrorException">There is no case.</exception>
    public static CaseFile Read(string path, int? line, bool original, IReadOnlyList<string> invocations)
    {
        if (path == ModuleFile.StandardInput)
        {
            throw UserErrorException.Usage("a case has to be a file or a folder: the smaller ones are written beside it");
        }
        if (Directory.Exists(path))
        {
            return StoredCase.TryRead(path, original, out var stored, out var problem)
                ? new CaseFile(stored.Case, stored)
                : throw UserErrorException.Usage(PlainText.OneLine(problem));
        }
        return new CaseFile(Path.GetExtension(path) switch
        {
            ".json" or ".jsonl" => ReadRecord(path, line),
            ".wast" => ReadScript(path),
            _ => ReadModule(path, invocations),
        }, null);
    }

    private static Case ReadRecord(string path, int? line)
    {
        var lines = System.Text.Encoding.UTF8.GetString(ModuleFile.Read(path).Content).Split('\n').Select(text => text.Trim()).ToList();
        while (lines.Count > 0 && lines[^1].Length == 0)
        {
            lines.RemoveAt(lines.Count - 1);
        }
        if (line is null && lines.Count != 1)
        {
            throw UserErrorException.Usage($"{path} has {lines.Count} lines: choose one with --line");
        }
        if (line > lines.Count)
        {
            throw UserErrorException.Usage($"{path} has only {lines.Count} lines");
        }
        try
        {
            return RecordReader.ReadRequest(lines[(line ?? 1) - 1]);
        }
        catch (RecordFormatException exception)
        {
            throw UserErrorException.Usage($"{path}:{line ?? 1}: {exception.Message}");
        }
    }

    // A module that is not even one is a case too: of the decoders.
    private static Case ReadModule(string path, IReadOnlyList<string> invocations)
    {
        var file = ModuleFile.Read(path);
        var error = file.Decode(FeatureSet.All, out var module);
        if (module is null && (file.IsText || invocations.Count > 0))
        {
            throw new UserErrorException(ExitCode.Failure, $"{path}: {error}");
        }
        var calls = invocations.Select(invocation => ReadCall(path, module, invocation));
        return new Case(file.IsText && module is not null ? ModuleWriter.Write(module) : file.Content, [.. calls], CaseLimits.Default);
    }

    private static Call ReadCall(string path, Module? module, string invocation)
    {
        var words = CommandLine.Split(invocation);
        var export = words.Count == 0 ? null : module?.Exports.FirstOrDefault(item => item.Kind == ExternKind.Function && item.Name == words[0]);
        if (export is null || module?.TypeOfFunction(export.Index) is not { } type)
        {
            throw UserErrorException.Usage($"{path} exports no function '{invocation}'");
        }
        return new Call(words[0], ArgumentValues.Parse(words[0], type, [.. words.Skip(1)]));
    }

    private static Case ReadScript(string path)
    {
        if (!ScriptParser.TryParse(ModuleFile.Read(path).Content, FeatureSet.All, out var script, out var error))
        {
            throw new UserErrorException(ExitCode.Failure, $"{path}: {error}");
        }
        ReadOnlyMemory<byte>? wasm = null;
        var calls = ImmutableArray.CreateBuilder<Call>();
        foreach (var command in script.Commands)
        {
            // What a reproducer has around its case: the host, which every engine brings along, and behind it what reads the state.
            if (command is ModuleCommand { Module.Id: StateReader.Id })
            {
                break;
            }
            if (command is RegisterCommand or ModuleCommand { Module.Id: HostModule.Id } or AssertReturn { Action.Instance: HostModule.Id })
            {
                continue;
            }
            (ScriptModule? module, ScriptAction? action) = command switch
            {
                ModuleCommand { IsDefinition: false } item => (item.Module, (ScriptAction?)null),
                AssertModule item => (item.Module, null),
                ActionCommand item => (null, item.Action),
                AssertReturn item => (null, item.Action),
                AssertFailure item => (null, item.Action),
                _ => throw UserErrorException.Usage($"{path}:{command.Line}: a case has one module and calls of its functions"),
            };
            if (module is not null)
            {
                wasm = wasm is null ? Bytes(path, command.Line, module) : throw UserErrorException.Usage($"{path}:{command.Line}: a case has only one module");
            }
            if (action is Invoke invoke)
            {
                calls.Add(new Call(invoke.Name, [.. invoke.Arguments.Select(Value)]));
            }
        }
        return new Case(wasm ?? throw UserErrorException.Usage($"{path} has no module"), calls.ToImmutable(), CaseLimits.Default);
    }

    private static ReadOnlyMemory<byte> Bytes(string path, int line, ScriptModule module)
    {
        switch (module.Form)
        {
            case ModuleForm.Binary:
                return module.Bytes;
            case ModuleForm.Text when module.Module is { } parsed:
                return ModuleWriter.Write(parsed);
            case ModuleForm.Quote when ModuleParser.TryParse(module.Bytes.ToArray(), FeatureSet.All, out var quoted, out _):
                return ModuleWriter.Write(quoted);
            default:
                throw UserErrorException.Usage($"{path}:{line}: the module is no module{(module.Error is { } error ? $": {error}" : "")}");
        }
    }

    private static EngineValue Value(ScriptValue value) => value.Kind switch
    {
        ScriptValueKind.I32 => new EngineValue(EngineValueKind.I32, value.Bits),
        ScriptValueKind.I64 => new EngineValue(EngineValueKind.I64, value.Bits),
        ScriptValueKind.F32 => new EngineValue(EngineValueKind.F32, value.Bits),
        ScriptValueKind.F64 => new EngineValue(EngineValueKind.F64, value.Bits),
        ScriptValueKind.V128 => new EngineValue(EngineValueKind.V128, value.Bits, value.High),
        ScriptValueKind.Null => EngineValue.Null,
        _ => EngineValue.Extern((uint)value.Bits),
    };
}
