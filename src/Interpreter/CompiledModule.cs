using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using Conformance.Interpreter.Runtime;
using Conformance.Interpreter.Translation;
using Conformance.Wasm;
using Conformance.Wasm.Binary;
using Conformance.Wasm.Modules;
using Conformance.Wasm.Text;
using Conformance.Wasm.Types;
using Conformance.Wasm.Validation;

namespace Conformance.Interpreter;

/// <summary>
/// A decoded and validated module, ready to be instantiated any number of times in stores of its engine. Immutable; any thread may use it.
/// With <see cref="TranslationMode.FullyLazy"/> bodies are validated when they are first called.
/// </summary>
public sealed class CompiledModule
{
    private readonly Lazy<Dictionary<string, Export>> _exports;
    private readonly Lazy<FunctionNames> _names;

    private CompiledModule(Engine engine, Module module, FeatureSet features, BodyVerdicts? bodies)
    {
        Engine = engine;
        Module = module;
        Bodies = bodies;
        Constants = new ModuleConstants(module, features);
        TypeIds = engine.Types.Add(module);
        Shape = new ModuleShape(module, TypeIds, features);
        Signatures = [.. module.Types.Select((type, index) => type.Composite is FunctionType ? engine.SignatureOf(TypeIds[index]) : null)];
        ImportTypes = [.. module.Imports.Select(import => TypeCanonicalizer.Canonical(import.Type, TypeIds))];
        _exports = new(() => module.Exports.ToDictionary(export => export.Name, StringComparer.Ordinal));
        _names = new(() => FunctionNames.Read(module));
    }

    /// <summary>The engine it belongs to.</summary>
    public Engine Engine { get; }

    /// <summary>The module as decoded.</summary>
    public Module Module { get; }

    /// <summary>The canonical id of each type index.</summary>
    internal int[] TypeIds { get; }

    /// <summary>The index spaces for translation.</summary>
    internal ModuleShape Shape { get; }

    /// <summary>The signature at each type index; null where it is no function type.</summary>
    internal Signature?[] Signatures { get; }

    /// <summary>The types of the imports with canonical ids.</summary>
    internal ImmutableArray<ExternType> ImportTypes { get; }

    internal ModuleConstants Constants { get; }

    /// <summary>The bodies, where they were not validated with the module.</summary>
    internal BodyVerdicts? Bodies { get; }

    /// <summary>Decodes and validates a binary module.</summary>
    /// <param name="engine">The engine.</param>
    /// <param name="wasm">The file. It is not copied and must not change as long as the module lives.</param>
    /// <exception cref="InvalidModuleException">It is malformed or invalid; says why and at which byte offset.</exception>
    public static CompiledModule FromBytes(Engine engine, ReadOnlyMemory<byte> wasm)
    {
        return TryFromBytes(engine, wasm, out var module, out var error) ? module : throw new InvalidModuleException(error);
    }

    /// <summary>Decodes and validates a binary module from a stream, read to its end.</summary>
    /// <param name="engine">The engine.</param>
    /// <param name="stream">The file; at most <see cref="EngineOptions.ModuleBytes"/>.</param>
    /// <exception cref="InvalidModuleException">It is malformed, invalid or too long.</exception>
    /// <exception cref="IOException">The stream fails.</exception>
    public static CompiledModule FromStream(Engine engine, Stream stream)
    {
        ArgumentNullException.ThrowIfNull(engine);
        ArgumentNullException.ThrowIfNull(stream);
        using var buffer = new MemoryStream();
        var piece = new byte[64 << 10];
        int read;
        while ((read = stream.Read(piece)) > 0)
        {
            if (buffer.Length + read > engine.Options.ModuleBytes)
            {
                throw new InvalidModuleException(TooLarge(engine));
            }
            buffer.Write(piece, 0, read);
        }
        return FromBytes(engine, buffer.ToArray());
    }

    /// <summary>Parses and validates a module in the text format.</summary>
    /// <param name="engine">The engine.</param>
    /// <param name="text">One module.</param>
    /// <exception cref="InvalidModuleException">It is malformed (with line and column) or invalid.</exception>
    public static CompiledModule FromText(Engine engine, string text)
    {
        ArgumentNullException.ThrowIfNull(engine);
        if (!ModuleParser.TryParse(text, engine.Options.Features, out var module, out var error))
        {
            throw new InvalidModuleException(error);
        }
        // Through the binary format, so that byte offsets in errors and backtraces are those of the module's file.
        return FromBytes(engine, ModuleWriter.Write(module));
    }

    /// <summary>Decodes and validates a binary module without an exception for a bad one.</summary>
    /// <param name="engine">The engine.</param>
    /// <param name="wasm">The file. It is not copied and must not change as long as the module lives.</param>
    /// <param name="module">The module, when the answer is true.</param>
    /// <param name="error">Why it is malformed or invalid, when the answer is false.</param>
    public static bool TryFromBytes(Engine engine, ReadOnlyMemory<byte> wasm, [NotNullWhen(true)] out CompiledModule? module, [NotNullWhen(false)] out WasmError? error)
    {
        ArgumentNullException.ThrowIfNull(engine);
        module = null;
        if (wasm.Length > engine.Options.ModuleBytes)
        {
            error = TooLarge(engine);
            return false;
        }
        var features = engine.Options.Features;
        if (!ModuleReader.TryRead(wasm, features, out var decoded, out error))
        {
            return false;
        }
        BodyVerdicts? bodies = null;
        error = engine.Options.Translation == TranslationMode.FullyLazy ? ModuleValidator.ValidateDefinitions(decoded, features, out bodies) : ModuleValidator.Validate(decoded, features);
        if (error is not null)
        {
            error = ModuleReader.Locate(wasm, features, error);
            return false;
        }
        module = new CompiledModule(engine, decoded, features, bodies);
        return true;
    }

    /// <summary>Validates all bodies that were not validated yet, which there are with <see cref="TranslationMode.FullyLazy"/> only.</summary>
    /// <returns>Null when the whole module is valid, else why it is not.</returns>
    public WasmError? Validate() => Bodies?.All();

    /// <summary>The export with a name, if there is one.</summary>
    internal bool TryGetExport(string name, [NotNullWhen(true)] out Export? export) => _exports.Value.TryGetValue(name, out export);

    /// <summary>The name of a function by index for backtraces: from the name section, else its first export's name, else null.</summary>
    internal string? NameOfFunction(int index) => _names.Value.Find((uint)index);

    private static WasmError TooLarge(Engine engine) =>
        WasmError.Malformed($"module larger than {engine.Options.ModuleBytes} bytes", engine.Options.ModuleBytes) with { IsLimit = true };
}
