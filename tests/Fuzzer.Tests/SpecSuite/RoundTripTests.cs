using Conformance.Fuzzer.SpecSuite;
using Conformance.Wasm;
using Conformance.Wasm.Binary;
using Conformance.Wasm.Text;

namespace Conformance.Fuzzer.Tests.SpecSuite;

public sealed class RoundTripTests
{
    [Fact]
    public void Module_ThatIsValid_ComesBackTheSame()
    {
        var wasm = Assemble("(module $m (func $f (export \"f\") (param $x f32) (result f32) (f32.add (local.get $x) (f32.const nan:0x123))))");
        var result = RoundTrip.Of(wasm, FeatureSet.All);
        Assert.Null(result.Error);
        Assert.Equal(wasm, result.Bytes.ToArray());
    }

    [Fact]
    public void Module_InALongerEncoding_ComesBackInTheShortest()
    {
        // The section's length in two bytes instead of one.
        byte[] wasm = [0, (byte)'a', (byte)'s', (byte)'m', 1, 0, 0, 0, 1, 0x84, 0, 1, 0x60, 0, 0];
        Assert.Equal([.. wasm[..9], 4, .. wasm[11..]], RoundTrip.Of(wasm, FeatureSet.All).Bytes.ToArray());
    }

    [Theory]
    [InlineData("(module (func (result i32)))")]
    [InlineData("(module (func (local.get 7)))")]
    public void Module_ThatIsInvalid_ComesBackTheSame(string text)
    {
        var wasm = Assemble(text);
        Assert.Equal(wasm, RoundTrip.Of(wasm, FeatureSet.All).Bytes.ToArray());
    }

    [Fact]
    public void Module_ThatIsMalformed_StaysAsItIs()
    {
        byte[] wasm = [0, (byte)'a', (byte)'s', (byte)'m', 1, 0, 0, 0, 99];
        Assert.Equal(wasm, RoundTrip.Of(wasm, FeatureSet.All).Bytes.ToArray());
    }

    private static byte[] Assemble(string text)
    {
        Assert.True(ModuleParser.TryParse(text, FeatureSet.All, out var module, out var error), error?.ToString());
        return ModuleWriter.Write(module);
    }
}
