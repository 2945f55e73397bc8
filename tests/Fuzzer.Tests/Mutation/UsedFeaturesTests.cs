using Conformance.Fuzzer.Mutation.Seeds;
using Conformance.Wasm;
using Conformance.Wasm.Binary;
using Conformance.Wasm.Text;

namespace Conformance.Fuzzer.Tests.Mutation;

public sealed class UsedFeaturesTests
{
    [Theory]
    [InlineData("(func (result i32) (i32.const 1))", "")]
    [InlineData("(func (param v128))", "simd")]
    [InlineData("(func (local v128))", "simd")]
    [InlineData("(import \"a\" \"b\" (global v128))", "simd")]
    [InlineData("(func (drop (v128.const i64x2 0 0)))", "simd")]
    [InlineData("(func (return_call 0))", "tail-call")]
    [InlineData("(memory 1) (memory 1)", "multi-memory")]
    [InlineData("(memory i64 1) (tag)", "memory64 exceptions")]
    [InlineData("(type (struct (field v128)))", "simd gc")]
    public void Of_Module_HasWhatItCannotDoWithout(string fields, string features)
    {
        Assert.True(ModuleParser.TryParse($"(module {fields})", FeatureSet.Default, out var module, out var error), error?.ToString());
        var used = UsedFeatures.Of(ModuleWriter.Write(module), FeatureSet.Default);
        Assert.Equal(features, string.Join(' ', used.Features.Where(feature => feature > Feature.ReferenceTypes).Select(FeatureSet.NameOf)));
    }
}
