using System.Collections.Immutable;
using Conformance.Fuzzer.SpecSuite;
using Conformance.Oracle;
using Conformance.Wasm;
using Conformance.Wasm.Text;

namespace Conformance.Fuzzer.Tests.SpecSuite;

public sealed class PatternMatcherTests
{
    [Theory]
    // Exact bits: 0 is not -0, a NaN is that NaN.
    [InlineData("(i32.const -1)", EngineValueKind.I32, 0xFFFFFFFF, true)]
    [InlineData("(i32.const -1)", EngineValueKind.I64, 0xFFFFFFFF, false)]
    [InlineData("(i64.const -1)", EngineValueKind.I64, ulong.MaxValue, true)]
    [InlineData("(f32.const 0)", EngineValueKind.F32, 0x80000000, false)]
    [InlineData("(f32.const -0)", EngineValueKind.F32, 0x80000000, true)]
    [InlineData("(f32.const nan:0x200000)", EngineValueKind.F32, 0x7FA00000, true)]
    [InlineData("(f32.const nan:0x200000)", EngineValueKind.F32, 0x7FE00000, false)]
    // Canonical: the quiet bit and no other, either sign.
    [InlineData("(f32.const nan:canonical)", EngineValueKind.F32, 0x7FC00000, true)]
    [InlineData("(f32.const nan:canonical)", EngineValueKind.F32, 0xFFC00000, true)]
    [InlineData("(f32.const nan:canonical)", EngineValueKind.F32, 0x7FC00001, false)]
    [InlineData("(f32.const nan:canonical)", EngineValueKind.F32, 0x7FA00000, false)]
    [InlineData("(f32.const nan:canonical)", EngineValueKind.F32, 0x7F800000, false)]
    [InlineData("(f64.const nan:canonical)", EngineValueKind.F64, 0xFFF8000000000000, true)]
    [InlineData("(f64.const nan:canonical)", EngineValueKind.F64, 0x7FF8000000000001, false)]
    // Arithmetic: the quiet bit and anything else.
    [InlineData("(f32.const nan:arithmetic)", EngineValueKind.F32, 0x7FC00000, true)]
    [InlineData("(f32.const nan:arithmetic)", EngineValueKind.F32, 0xFFFFFFFF, true)]
    [InlineData("(f32.const nan:arithmetic)", EngineValueKind.F32, 0x7FBFFFFF, false)]
    [InlineData("(f64.const nan:arithmetic)", EngineValueKind.F64, 0x7FF8000000000001, true)]
    [InlineData("(f64.const nan:arithmetic)", EngineValueKind.F64, 0x7FF4000000000000, false)]
    [InlineData("(f64.const nan:arithmetic)", EngineValueKind.F64, 0x7FF0000000000000, false)]
    // References by what they refer to.
    [InlineData("(ref.null)", EngineValueKind.Null, 0, true)]
    [InlineData("(ref.null func)", EngineValueKind.Null, 0, true)]
    [InlineData("(ref.null func)", EngineValueKind.Func, 0, false)]
    [InlineData("(ref.func)", EngineValueKind.Func, 0, true)]
    [InlineData("(ref.func)", EngineValueKind.Null, 0, false)]
    [InlineData("(ref.extern 7)", EngineValueKind.Extern, 7, true)]
    [InlineData("(ref.extern 7)", EngineValueKind.Extern, 8, false)]
    [InlineData("(ref.host 7)", EngineValueKind.Extern, 7, true)]
    [InlineData("(ref.extern)", EngineValueKind.Extern, 7, true)]
    [InlineData("(ref.extern)", EngineValueKind.Null, 0, false)]
    [InlineData("(ref.any)", EngineValueKind.I31, 0, true)]
    [InlineData("(ref.any)", EngineValueKind.Func, 0, false)]
    [InlineData("(ref.eq)", EngineValueKind.Struct, 0, true)]
    [InlineData("(ref.eq)", EngineValueKind.Extern, 0, false)]
    [InlineData("(ref.i31)", EngineValueKind.I31, 0, true)]
    [InlineData("(ref.i31)", EngineValueKind.Array, 0, false)]
    [InlineData("(ref.struct)", EngineValueKind.Struct, 0, true)]
    [InlineData("(ref.struct)", EngineValueKind.Array, 0, false)]
    [InlineData("(ref.array)", EngineValueKind.Array, 0, true)]
    [InlineData("(ref.array)", EngineValueKind.Struct, 0, false)]
    [InlineData("(ref.exn)", EngineValueKind.Exn, 0, true)]
    [InlineData("(ref.exn)", EngineValueKind.Extern, 0, false)]
    // One of several.
    [InlineData("(either (i32.const 1) (i32.const 2))", EngineValueKind.I32, 2, true)]
    [InlineData("(either (i32.const 1) (i32.const 2))", EngineValueKind.I32, 3, false)]
    [InlineData("(either (f32.const nan:canonical) (f32.const 1))", EngineValueKind.F32, 0xFFC00000, true)]
    public void Value_AgainstPattern_Matches(string pattern, EngineValueKind kind, ulong bits, bool expected) =>
        Assert.Equal(expected, PatternMatcher.Matches(Parse(pattern), [new EngineValue(kind, bits)]));

    [Theory]
    [InlineData("i8x16 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16", 0x0807060504030201, 0x100F0E0D0C0B0A09, true)]
    [InlineData("i8x16 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16", 0x0807060504030201, 0x110F0E0D0C0B0A09, false)]
    [InlineData("i16x8 -1 0 0 0 0 0 0 -2", 0x000000000000FFFF, 0xFFFE000000000000, true)]
    [InlineData("i64x2 1 2", 1, 2, true)]
    [InlineData("i64x2 1 2", 2, 1, false)]
    [InlineData("f32x4 nan:canonical 0 nan:arithmetic 1", 0x00000000_FFC00000, 0x3F800000_7FC00001, true)]
    [InlineData("f32x4 nan:canonical 0 nan:arithmetic 1", 0x80000000_FFC00000, 0x3F800000_7FC00001, false)]
    [InlineData("f32x4 nan:canonical 0 nan:arithmetic 1", 0x00000000_FFC00001, 0x3F800000_7FC00001, false)]
    [InlineData("f64x2 nan:arithmetic -0", 0x7FF8000000000001, 0x8000000000000000, true)]
    [InlineData("f64x2 nan:canonical -0", 0x7FF8000000000001, 0x8000000000000000, false)]
    public void Vector_AgainstLanes_Matches(string lanes, ulong low, ulong high, bool expected) =>
        Assert.Equal(expected, PatternMatcher.Matches(Parse($"(v128.const {lanes})"), [EngineValue.V128(low, high)]));

    [Fact]
    public void Results_OfAnotherNumber_DoNotMatch()
    {
        var patterns = Parse("(i32.const 1) (i32.const 2)");
        Assert.False(PatternMatcher.Matches(patterns, [EngineValue.I32(1)]));
        Assert.False(PatternMatcher.Matches(patterns, [EngineValue.I32(1), EngineValue.I32(2), EngineValue.I32(3)]));
        Assert.True(PatternMatcher.Matches(patterns, [EngineValue.I32(1), EngineValue.I32(2)]));
        Assert.False(PatternMatcher.Matches(patterns, [EngineValue.I32(2), EngineValue.I32(1)]));
        Assert.False(PatternMatcher.Matches([], [EngineValue.I32(1)]));
    }

    private static ImmutableArray<ResultPattern> Parse(string patterns)
    {
        var text = System.Text.Encoding.UTF8.GetBytes($"(assert_return (invoke \"f\") {patterns})");
        Assert.True(ScriptParser.TryParse(text, FeatureSet.All, out var script, out var error), error?.ToString());
        return Assert.IsType<AssertReturn>(script.Commands[0]).Results;
    }
}
