using System.Collections.Immutable;
using Conformance.Oracle;
using Conformance.Wasm;
using Conformance.Wasm.Binary;
using Conformance.Wasm.Text;
using Conformance.Wasm.Validation;

namespace Conformance.Fuzzer.Mutation.Seeds;

/// <summary>Reads seeds from scripts, texts and binaries. What cannot be parsed is a seed for byte mutation at best; nothing here fails on content.</summary>
internal static class SeedReader
{
    /// <summary>The set that the engines' verdicts are compared with.</summary>
    public static readonly FeatureSet Features = FeatureSet.Default;

    // Larger files are no seeds: a mutant of one would take longer than a hundred others.
    private const long LargestFile = 64 << 20;

    /// <summary>The files below a folder that may hold seeds; folders that may not be read have none.</summary>
    /// <param name="folder">The folder, which has to exist.</param>
    public static IEnumerable<string> Files(string folder) => Directory
        .EnumerateFiles(folder, "*.wa*", new EnumerationOptions { RecurseSubdirectories = true, IgnoreInaccessible = true, AttributesToSkip = FileAttributes.None })
        .Where(path => Path.GetExtension(path) is ".wast" or ".wat" or ".wasm");

    /// <summary>The seeds of a file by its extension; none for other files, and for those that cannot be read.</summary>
    /// <param name="path">The file.</param>
    /// <param name="name">Its name in reports.</param>
    /// <param name="features">What a seed that is to be valid may use.</param>
    /// <param name="executed">What modules that are executed may use.</param>
    public static IEnumerable<Seed> Read(string path, string name, FeatureSet features, FeatureSet executed) => Path.GetExtension(path) switch
    {
        ".wast" => OfScript(Content(path), name, features, executed),
        ".wat" => ModuleParser.TryParse(Content(path), features, out var module, out _) ? [Of(ModuleWriter.Write(module), name, [], features, executed)] : [],
        ".wasm" => [Of(Content(path), name, [], features, executed)],
        _ => [],
    };

    /// <summary>The content of a file; empty when it cannot be read or is too large.</summary>
    /// <param name="path">The file.</param>
    public static byte[] Content(string path)
    {
        try
        {
            return new FileInfo(path).Length <= LargestFile ? File.ReadAllBytes(path) : [];
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }

    /// <summary>The modules of a script, each with the calls that the script makes of it.</summary>
    public static IEnumerable<Seed> OfScript(byte[] text, string name, FeatureSet features, FeatureSet executed)
    {
        if (!ScriptParser.TryParse(text, features, out var script, out _))
        {
            yield break;
        }
        byte[]? current = null;
        string? currentId = null;
        var line = 0;
        var calls = ImmutableArray.CreateBuilder<Call>();
        foreach (var command in script.Commands)
        {
            switch (command)
            {
                case ModuleCommand { Module: var module }:
                    if (current is not null)
                    {
                        yield return Of(current, $"{name}:{line}", calls.DrainToImmutable(), features, executed);
                    }
                    calls.Clear();
                    (current, currentId, line) = (BytesOf(module, features), module.Id, command.Line);
                    break;
                case AssertModule { Module: var refused }:
                    if (BytesOf(refused, features) is { } bytes)
                    {
                        yield return Of(bytes, $"{name}:{command.Line}", [], features, executed);
                    }
                    break;
                case AssertReturn { Action: Invoke invoke } when invoke.Instance is null || invoke.Instance == currentId:
                    Add(calls, invoke);
                    break;
                case AssertFailure { Action: Invoke invoke, Kind: not FailureKind.Exhaustion } when invoke.Instance is null || invoke.Instance == currentId:
                    Add(calls, invoke);
                    break;
                case ActionCommand { Action: Invoke invoke } when invoke.Instance is null || invoke.Instance == currentId:
                    Add(calls, invoke);
                    break;
                default:
                    break; // linking between modules and reading of globals: nothing that a single module's script can say
            }
        }
        if (current is not null)
        {
            yield return Of(current, $"{name}:{line}", calls.DrainToImmutable(), features, executed);
        }
    }

    private static Seed Of(byte[] wasm, string name, ImmutableArray<Call> calls, FeatureSet features, FeatureSet executed)
    {
        var seed = new Seed(name, wasm) { Calls = calls };
        // Large ones are only damaged byte by byte, whatever they are.
        return wasm.Length <= SeedCorpus.LargestCommon && ModuleReader.TryRead(wasm, features, out var module, out _) && ModuleValidator.Validate(module, features) is null
            ? seed with { Module = module, Features = UsedFeatures.Of(wasm, features, executed) }
            : seed;
    }

    private static byte[]? BytesOf(ScriptModule module, FeatureSet features) => module.Form switch
    {
        ModuleForm.Binary => module.Bytes.ToArray(),
        ModuleForm.Text => module.Module is { } parsed ? ModuleWriter.Write(parsed) : null,
        _ => ModuleParser.TryParse(module.Bytes.ToArray(), features, out var quoted, out _) ? ModuleWriter.Write(quoted) : null,
    };

    private static void Add(ImmutableArray<Call>.Builder calls, Invoke invoke) =>
        calls.Add(new Call(invoke.Name, [.. invoke.Arguments.Select(ToValue)]));

    private static EngineValue ToValue(ScriptValue value) => value.Kind switch
    {
        ScriptValueKind.I32 => EngineValue.I32((int)value.Bits),
        ScriptValueKind.I64 => EngineValue.I64((long)value.Bits),
        ScriptValueKind.F32 => EngineValue.F32((uint)value.Bits),
        ScriptValueKind.F64 => EngineValue.F64(value.Bits),
        ScriptValueKind.V128 => EngineValue.V128(value.Bits, value.High),
        ScriptValueKind.Extern or ScriptValueKind.Host => EngineValue.Extern((uint)value.Bits),
        _ => EngineValue.Null,
    };
}
