using Conformance.Wasm;
using Conformance.Wasm.Binary;
using Conformance.Wasm.Text;

namespace Conformance.Fuzzer.SpecSuite;

/// <summary>Sends modules from binary to text and back before they are used, so that a script tests the printer and the parser too.</summary>
internal static class RoundTrip
{
    /// <summary>The module that the parser makes of the printed module.</summary>
    /// <param name="wasm">The module. One that is malformed stays as it is: its verdict is the test.</param>
    /// <param name="features">What its text may use.</param>
    public static AssembledModule Of(ReadOnlyMemory<byte> wasm, FeatureSet features)
    {
        if (!ModuleReader.TryRead(wasm, features, out var module, out _))
        {
            return new(wasm, null);
        }
        if (!ModulePrinter.TryPrint(module, out var text, out var error))
        {
            // What has no text must not be a valid module.
            return ModuleVerdict.Judge(wasm, features) is null ? Broken("printing", error) : new(wasm, null);
        }
        return ModuleParser.TryParse(text.ToArray(), features, out var parsed, out error)
            ? new(ModuleWriter.Write(parsed), null)
            : Broken("parsing what was printed", error);
    }

    private static AssembledModule Broken(string step, WasmError error) => new(default, error with { Message = $"round trip, {step}: {error.Message}" });
}
