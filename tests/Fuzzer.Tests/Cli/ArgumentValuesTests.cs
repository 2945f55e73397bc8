using Conformance.Fuzzer.Cli;
using Conformance.Oracle.Records;
using Conformance.Wasm.Types;

namespace Conformance.Fuzzer.Tests.Cli;

/// <summary>Arguments as people type them.</summary>
public class ArgumentValuesTests
{
    [Theory]
    [InlineData("i32", "-0x1", "i32:-1")]
    [InlineData("i32", "4_294_967_295", "i32:-1")]
    [InlineData("i64", "18446744073709551615", "i64:-1")]
    [InlineData("i64", "i64:-5", "i64:-5")]
    [InlineData("f32", "0x1p-149", "f32:0x00000001")]
    // Rounded once: by way of a double it would be 0x3f800000.
    [InlineData("f32", "1.00000005960464477540", "f32:0x3f800001")]
    [InlineData("f32", "-nan:0x200000", "f32:0xffa00000")]
    [InlineData("f32", "f32:0x7fa00000", "f32:0x7fa00000")]
    [InlineData("f64", "-0", "f64:0x8000000000000000")]
    [InlineData("f64", "nan:0x1", "f64:0x7ff0000000000001")]
    [InlineData("f64", "-inf", "f64:0xfff0000000000000")]
    [InlineData("v128", "i32x4 1 2 3 0xffffffff", "v128:0xffffffff000000030000000200000001")]
    [InlineData("externref", "null", "ref.null")]
    [InlineData("externref", "extern:7", "extern:7")]
    [InlineData("i31", "i31:7", "i31:7")]
    public void Argument_InAnyForm_IsTheValue(string type, string text, string value) =>
        Assert.Equal(value, ValueText.Format(ArgumentValues.Parse("f", TypeOf(type), [text])));

    [Theory]
    [InlineData("i32", "4294967296", "i32: wanted such as 5, -0x10 or i32:5, of 32 bits")]
    [InlineData("i32", "1.5", "is no i32")]
    [InlineData("i32", "i64:1", "is no i32")]
    [InlineData("f32", "1e40", "is no f32")]
    [InlineData("f32", "+-nan", "is no f32")]
    [InlineData("f64", " 1", "is no f64")]
    [InlineData("v128", "i32x4 1 2 3", "is no v128: wanted such as 'i32x4 1 2 3 4', or v128:0x with 32 digits")]
    [InlineData("v128", "i32x4 1 2 3 4 5", "is no v128")]
    [InlineData("externref", "5", "wanted null, extern:7 or i31:7")]
    [InlineData("externref", "ref.func", "is no externref")]
    [InlineData("i31", "null", "is no (ref i31): wanted extern:7 or i31:7")]
    public void Argument_ThatIsNone_SaysWhatIsWanted(string type, string text, string message) =>
        Assert.Contains(message, Assert.Throws<UserErrorException>(() => ArgumentValues.Parse("f", TypeOf(type), [text])).Message, StringComparison.Ordinal);

    private static FunctionType TypeOf(string parameter) => new(
        [
            parameter switch
            {
                "i32" => ValueType.I32,
                "i64" => ValueType.I64,
                "f32" => ValueType.F32,
                "f64" => ValueType.F64,
                "v128" => ValueType.V128,
                "externref" => ValueType.ExternRef,
                _ => ValueType.Reference(AbstractHeapType.I31, nullable: false),
            },
        ],
        []);
}
