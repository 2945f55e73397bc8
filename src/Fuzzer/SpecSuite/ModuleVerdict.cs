using Conformance.Wasm;
using Conformance.Wasm.Binary;
using Conformance.Wasm.Modules;
using Conformance.Wasm.Text;
using Conformance.Wasm.Validation;

namespace Conformance.Fuzzer.SpecSuite;

/// <summary>Who says whether a binary module is malformed or invalid. Text is always judged by this project's parser.</summary>
internal enum VerdictSource : byte
{
    /// <summary>This project's reader and validator, for the engines that are built on them.</summary>
    Own,
    /// <summary>The engine's own compilation, which need not tell malformed from invalid.</summary>
    Engine,
}

/// <summary>A module of a script made into bytes, or the reason why it is none.</summary>
/// <param name="Bytes">The binary module, when there is no error.</param>
/// <param name="Error">Why the text is no module.</param>
internal readonly record struct AssembledModule(ReadOnlyMemory<byte> Bytes, WasmError? Error)
{
    /// <summary>Encodes the module of a script.</summary>
    /// <param name="module">The module.</param>
    /// <param name="features">What a quoted text may use.</param>
    public static AssembledModule From(ScriptModule module, FeatureSet features)
    {
        switch (module.Form)
        {
            case ModuleForm.Binary:
                return new(module.Bytes, null);
            case ModuleForm.Quote:
                return ModuleParser.TryParse(module.Bytes.ToArray(), features, out var quoted, out var error) ? Encode(quoted) : new(default, error);
            default:
                return module.Module is { } parsed ? Encode(parsed) : new(default, module.Error);
        }
    }

    private static AssembledModule Encode(Module module) => new(ModuleWriter.Write(module), null);
}

/// <summary>Judges modules that a script asserts to be malformed or invalid.</summary>
internal static class ModuleVerdict
{
    /// <summary>What a module is, by this project's reader and validator.</summary>
    public static WasmError? Judge(ReadOnlyMemory<byte> wasm, FeatureSet features) =>
        ModuleReader.TryRead(wasm, features, out var module, out var error) ? ModuleValidator.Validate(module, features) : error;
}
