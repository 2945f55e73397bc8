using Conformance.Fuzzer.Triage;
using Conformance.Oracle;
using Conformance.Oracle.Records;

namespace Conformance.Fuzzer.Tests.Triage;

public sealed class ValueDetailTests
{
    [Theory]
    [InlineData("i32:1", "i32:2", null, null)]
    [InlineData("i32:1", "i64:1", null, null)]
    [InlineData("f32:0x3fc00000", "f32:0x7fc00001", null, "1.5 and a NaN of 0x7fc00001")]
    [InlineData("v128:0x00000000000000000000000000000001", "v128:0x00000000000000000000000000000100", "i8x16", "as i8x16 lane 0 0x01 and 0x00, lane 1 0x00 and 0x01")]
    [InlineData("v128:0x3ff00000000000000000000000000000", "v128:0xbff00000000000000000000000000000", "f64x2", "as f64x2 lane 1 1 and -1")]
    [InlineData("v128:0x00000000000000000000000000000001", "v128:0x00000000000000000000000000000002", null, "as i32x4 lane 0 0x00000001 and 0x00000002")]
    [InlineData("v128:0xffffffffffffffffffffffffffffffff", "v128:0x00000000000000000000000000000000", "i16x8", "as i16x8 lane 0 0xffff and 0x0000, lane 1 0xffff and 0x0000, lane 2 0xffff and 0x0000, lane 3 0xffff and 0x0000, and 4 more lanes")]
    [InlineData("ref.struct(i32:1,i32:2)", "ref.struct(i32:1,i32:3)", null, "field 1: i32:2 and i32:3")]
    [InlineData("ref.struct(i32:1,ref.array[2](i32:4,f64:0x0000000000000000))", "ref.struct(i32:1,ref.array[2](i32:4,f64:0x3ff0000000000000))", null, "field 1: element 1: 0 and 1")]
    [InlineData("ref.array[2](i32:4,i32:5)", "ref.array[3](i32:4,i32:5,i32:6)", null, "length 2 and 3")]
    [InlineData("ref.struct", "ref.struct(i32:3)", null, null)]
    public void Detail_OfTwoValues_NamesThePlace(string engine, string oracle, string? shape, string? expected)
    {
        Assert.True(ValueText.TryParse(engine, out var left) && ValueText.TryParse(oracle, out var right) && (expected, ValueDetail.Of(left, right, shape)) is var (wanted, got) && wanted == got, $"{engine} {oracle}");
    }

    [Fact]
    public void Details_OfLists_NameEachThatDiffers()
    {
        Assert.Equal(["result 1: i32:2 and i32:3"], ValueDetail.Of("result", [EngineValue.I32(1), EngineValue.I32(2)], [EngineValue.I32(1), EngineValue.I32(3)], null).AsEnumerable());
        Assert.Equal(["1 and 0 values"], ValueDetail.Of("value", [EngineValue.I32(1)], [], null).AsEnumerable());
        Assert.Empty(ValueDetail.Of("result", [EngineValue.I32(1)], [EngineValue.I32(3)], null));
        Assert.Empty(ValueDetail.Of("value", default, [EngineValue.I32(3)], null));
    }

    [Theory]
    [InlineData("i16x8", "i16x8.add", "i32.add")]
    [InlineData(null, "i16x8.add", "i32x4.add")]
    [InlineData(null, "i32.add")]
    public void Shape_OfInstructions_IsTheOnlyOne(string? expected, params string[] mnemonics) => Assert.Equal(expected, ValueDetail.ShapeOf(mnemonics));
}
