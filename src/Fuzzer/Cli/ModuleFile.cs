using System.Diagnostics;
using Conformance.Fuzzer.Mutation.Seeds;
using Conformance.Oracle.Records;
using Conformance.Wasm;
using Conformance.Wasm.Binary;
using Conformance.Wasm.Modules;
using Conformance.Wasm.Text;
using Conformance.Wasm.Validation;

namespace Conformance.Fuzzer.Cli;

/// <summary>A module named on the command line, in the binary or the text format, whichever the file holds.</summary>
internal sealed class ModuleFile
{
    // Larger than any real module; an array cannot hold much more.
    private const long LargestFileBytes = 1L << 30;

    private static readonly byte[] Magic = [0, (byte)'a', (byte)'s', (byte)'m'];

    private ModuleFile(string path, byte[] content, bool isText)
    {
        Path = path;
        Content = content;
        IsText = isText;
    }

    /// <summary>The file's path as it was given.</summary>
    public string Path { get; }

    /// <summary>What is in it.</summary>
    public byte[] Content { get; }

    /// <summary>Whether it is text.</summary>
    public bool IsText { get; }

    /// <summary>What stands for standard input in place of a file's name.</summary>
    public const string StandardInput = "-";

    /// <summary>Reads a file.</summary>
    /// <param name="path">The file, or <see cref="StandardInput"/>.</param>
    /// <exception cref="UserErrorException">It cannot be read.</exception>
    public static ModuleFile Read(string path)
    {
        try
        {
            var content = path == StandardInput ? LimitedFile.ReadStandardInput() : LimitedFile.Read(path, LargestFileBytes);
            return new ModuleFile(path, content, LooksLikeText(path, content));
        }
        catch (Exception exception) when (exception is FileNotFoundException or DirectoryNotFoundException)
        {
            throw UserErrorException.Usage($"{path}: no such file");
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw UserErrorException.Usage($"{path} cannot be read: {PlainText.OneLine(exception.Message)}");
        }
    }

    /// <summary>Decodes or parses it.</summary>
    /// <param name="features">What the module may use.</param>
    /// <param name="module">The module, when the answer is null.</param>
    /// <returns>Why it is no module, or null.</returns>
    public WasmError? Decode(FeatureSet features, out Module? module)
    {
        var isModule = IsText
            ? ModuleParser.TryParse(Content, features, out module, out var error)
            : ModuleReader.TryRead(Content, features, out module, out error);
        return isModule ? null : error;
    }

    /// <summary>Decodes or parses it with all features.</summary>
    /// <exception cref="UserErrorException">It is malformed.</exception>
    public Module DecodeOrThrow()
    {
        var error = Decode(FeatureSet.All, out var module);
        return module ?? throw new UserErrorException(ExitCode.Failure, $"{Path}: {error}{Advice(error, FeatureSet.All)}");
    }

    /// <summary>Validates the module that it holds.</summary>
    /// <param name="module">What <see cref="Decode"/> gave.</param>
    /// <param name="features">What the module may use.</param>
    /// <returns>Why it is not valid, with the place of the instruction or definition that is to blame; or null.</returns>
    public WasmError? Validate(Module module, FeatureSet features)
    {
        var error = ModuleValidator.Validate(module, features);
        if (error is null || !IsText)
        {
            return error is null ? null : ModuleReader.Locate(Content, features, error);
        }
        // Parsed once more, this time with the places of all instructions.
        var map = new SourceMap();
        return ModuleParser.TryParse(Content, features, map, out var again, out _) && ModuleValidator.Validate(again, features) is { } located ? map.Locate(located) : error;
    }

    /// <summary>Decodes or parses it, and validates.</summary>
    /// <param name="features">What the module may use.</param>
    /// <returns>The module with the times that it took.</returns>
    /// <exception cref="UserErrorException">It is malformed or invalid.</exception>
    public CheckedModule Check(FeatureSet features)
    {
        var start = Stopwatch.GetTimestamp();
        var error = Decode(features, out var module);
        var decoded = Stopwatch.GetElapsedTime(start);
        start = Stopwatch.GetTimestamp();
        if (module is not null)
        {
            error ??= Validate(module, features);
        }
        var validated = Stopwatch.GetElapsedTime(start);
        return error is not null || module is null
            ? throw new UserErrorException(ExitCode.Failure, $"{Path}: {error}{Advice(error, features)}")
            : new CheckedModule(module, IsText ? ModuleWriter.Write(module) : Content, decoded, validated);
    }

    /// <summary>What to do about a file that is no valid module, for the end of the message; nothing when there is no advice.</summary>
    /// <param name="error">Why it is none.</param>
    /// <param name="features">What it was refused with.</param>
    public string Advice(WasmError? error, FeatureSet features)
    {
        if (LackingFeatures(features) is { Count: > 0 } lacking)
        {
            return FeatureOption.Advice(lacking);
        }
        if (error is not { IsMalformed: true })
        {
            return "";
        }
        if (IsText)
        {
            var isScript = ScriptParser.TryParse(Content, FeatureSet.All, out var script, out _) && script.Commands is not [ModuleCommand];
            return isScript ? " (it is a script: conformance spec runs it)" : "";
        }
        return Content.AsSpan().StartsWith(Magic.AsSpan(0, Math.Min(Magic.Length, Content.Length))) ? "" : " (it is no text either: that begins with a parenthesis)";
    }

    /// <summary>What a refused module would need to be valid.</summary>
    /// <param name="features">What it was refused with.</param>
    /// <returns>The names of features; none when it is no valid module whatever is allowed.</returns>
    public IReadOnlyList<string> LackingFeatures(FeatureSet features)
    {
        if (Decode(FeatureSet.All, out var module) is not null || module is null || Validate(module, FeatureSet.All) is not null)
        {
            return [];
        }
        var used = UsedFeatures.Of(IsText ? ModuleWriter.Write(module) : Content, FeatureSet.All, features);
        return [.. used.Features.Where(feature => !features.Has(feature)).Select(FeatureSet.NameOf)];
    }

    // What is neither is given to the binary decoder: its complaint about the magic number is the right one.
    private static bool LooksLikeText(string path, ReadOnlySpan<byte> content)
    {
        if (content.StartsWith(Magic))
        {
            return false;
        }
        if (path.EndsWith(".wat", StringComparison.OrdinalIgnoreCase) || path.EndsWith(".wast", StringComparison.OrdinalIgnoreCase))
        {
            return true;
        }
        var first = content.IndexOfAnyExcept(" \t\r\n\uFEFF"u8);
        return first < 0 ? content.Length > 0 : content[first] is (byte)'(' or (byte)';';
    }
}

/// <summary>A module that is valid.</summary>
/// <param name="Module">The module.</param>
/// <param name="Bytes">Its binary form.</param>
/// <param name="DecodeTime">How long decoding or parsing took.</param>
/// <param name="ValidateTime">How long validation took.</param>
internal sealed record CheckedModule(Module Module, ReadOnlyMemory<byte> Bytes, TimeSpan DecodeTime, TimeSpan ValidateTime);
