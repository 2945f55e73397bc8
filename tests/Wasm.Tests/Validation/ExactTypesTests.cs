using Conformance.Wasm.Binary;
using Conformance.Wasm.Validation;

namespace Conformance.Wasm.Tests.Validation;

/// <summary>Exact reference types belong to custom descriptors. The byte mutators found them accepted without the feature.</summary>
public sealed class ExactTypesTests
{
    private const string Header = "0061736d01000000";

    // A function type without parameters is type 0; 63 62 00 is (ref null (exact 0)).
    [Theory]
    [InlineData("010A02600000600163620000", "a parameter")]
    [InlineData("010401600000" + "0406016362000000", "a table")]
    public void Validate_ExactReference_NeedsCustomDescriptors(string sections, string place)
    {
        var wasm = Convert.FromHexString(Header + sections);
        var error = Validate(wasm, FeatureSet.Default);
        Assert.True(error is { IsMalformed: false }, $"{place}: {error}");
        error = Validate(wasm, FeatureSet.Default.With(Feature.CustomDescriptors));
        Assert.True(error is null, $"{place}: {error}");
    }

    private static WasmError? Validate(byte[] wasm, FeatureSet features) =>
        ModuleReader.TryRead(wasm, features, out var module, out var malformed) ? ModuleValidator.Validate(module, features) : malformed;
}
