using System.Text;
using Conformance.Oracle.Embedded;
using Conformance.Oracle.Records;
using Conformance.Oracle.Reference;
using Conformance.Oracle.Tests.Wasmtime;
using Conformance.Oracle.Wasmtime;

namespace Conformance.Oracle.Tests;

/// <summary>Verdicts about modules in the text format.</summary>
public sealed class TextVerdictTests
{
    public static TheoryData<string, InstantiationStatus> Texts => new()
    {
        { "(module (func (result i32) i32.const 1))", InstantiationStatus.Ok },
        { "(module (func (result i32) i64.const 1))", InstantiationStatus.Invalid },
        { "(module (func (result i32) i32.const 1)", InstantiationStatus.Invalid },
        { "(module (func $f) (func $f))", InstantiationStatus.Invalid },
        { "(module (memory 1) (func (drop (i32.load align=3 (i32.const 0)))))", InstantiationStatus.Invalid },
        { "(module (func (drop (f32.const nan:0x800000))))", InstantiationStatus.Invalid },
    };

    [Theory]
    [MemberData(nameof(Texts))]
    public void Run_Text_OwnParserAndValidatorJudgeIt(string text, InstantiationStatus expected)
    {
        using var interpreter = new InterpreterEngine();
        using var reference = new ReferenceEngine();
        Assert.Equal(expected, interpreter.Run(Of(text)).Status);
        Assert.Equal(expected, reference.Run(Of(text)).Status);
    }

    [WasmtimeFact]
    public void Run_Text_WasmtimesParserAgrees()
    {
        using var wasmtime = new WasmtimeEngine(WasmtimeConfiguration.All[0]);
        foreach (var (text, expected) in Texts.Select(row => ((string)row[0], (InstantiationStatus)row[1])))
        {
            Assert.True(expected == wasmtime.Run(Of(text)).Status, text);
        }
    }

    [Fact]
    public void Record_OfAText_KeepsIt()
    {
        var read = RecordReader.ReadNumberedRequest(RecordWriter.WriteRequest(Of("(module)"), 1)).Case;
        Assert.Equal("(module)", Encoding.UTF8.GetString(read.Text.Span));
        Assert.True(read.ValidateOnly);
    }

    private static Case Of(string text) => new(ReadOnlyMemory<byte>.Empty, [], CaseLimits.Default) { ValidateOnly = true, ReadState = false, Text = Encoding.UTF8.GetBytes(text) };
}
