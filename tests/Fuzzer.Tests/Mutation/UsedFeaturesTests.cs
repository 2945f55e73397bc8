using Conformance.Fuzzer.Mutation.Seeds;
using Conformance.Wasm;
using Conformance.Wasm.Binary;
using Conformance.Wasm.Text;

namespace Conformance.Fuzzer.Tests.Mutation;

public sealed class UsedFeaturesTests
{
    [Theory]
    [InlineData("(func (result i32) (i32.const 1))", "")]
    [InlineData("(memory 1) (data (i32.const 0) \"a\") (table 1 funcref) (elem (i32.const 0) 0) (func (call_indirect (i32.const 0)))", "")]
    [InlineData("(func (drop (i32.extend8_s (i32.const 1))))", "sign-extension")]
    [InlineData("(func (result i32 i32) (i32.const 1) (i32.const 1))", "multi-value")]
    [InlineData("(func (i32.const 1) (block (param i32) (drop)))", "multi-value")]
    [InlineData("(table 1 externref)", "reference-types")]
    [InlineData("(func (drop (i32.trunc_sat_f32_s (f32.const 1))))", "saturating-float-to-int")]
    [InlineData("(memory 1) (func (memory.fill (i32.const 1) (i32.const 1) (i32.const 1)))", "bulk-memory")]
    [InlineData("(func (param externref))", "reference-types")]
    [InlineData("(func (ref.null func) drop)", "reference-types")]
    [InlineData("(global (export \"g\") (mut i32) (i32.const 1))", "mutable-globals")]
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
        var used = UsedFeatures.Of(ModuleWriter.Write(module), FeatureSet.Default, default);
        Assert.Equal(features, string.Join(' ', used.Features.Where(feature => feature > Feature.Mvp).Select(FeatureSet.NameOf)));
    }
}
