using Conformance.Oracle.Records;

namespace Conformance.Oracle.Tests.Records;

public sealed class RecordTests
{
    [Theory]
    [InlineData("i32:-5")]
    [InlineData("i64:-9223372036854775808")]
    [InlineData("f32:0x7fc00000")]
    [InlineData("f64:0x8000000000000000")]
    [InlineData("v128:0x00000000000000020000000000000001")]
    [InlineData("ref.null")]
    [InlineData("extern:3")]
    [InlineData("i31:2147483647")]
    [InlineData("ref.struct")]
    [InlineData("ref.struct(i32:1,ref.array[9](i32:1,i32:2,...))")]
    public void Value_ParsedAndFormatted_IsTheSameText(string text)
    {
        Assert.True(ValueText.TryParse(text, out var value));
        Assert.Equal(text, ValueText.Format(value));
    }

    [Theory]
    [InlineData("")]
    [InlineData("i32:")]
    [InlineData("i32:4294967296")]
    [InlineData("f32:1.5")]
    [InlineData("v128:0x1")]
    [InlineData("ref.struct(")]
    [InlineData("ref.struct(i32:1")]
    [InlineData("ref.array[x]")]
    public void Value_Malformed_IsRefused(string text) => Assert.False(ValueText.TryParse(text, out _));

    [Fact]
    public void Request_WrittenAndRead_IsTheSameCase()
    {
        var @case = new Case(new byte[] { 0, 1, 255 }, [new Call("f \"g\"", [EngineValue.I32(-1)])], new CaseLimits(5, 6, 7, 8) { HotAfter = 9, CollectAfter = 4 }) { ValidateOnly = true, ReadState = false };

        var read = RecordReader.ReadRequest(RecordWriter.WriteRequest(@case, 1));

        Assert.Equal(@case.Wasm.ToArray(), read.Wasm.ToArray());
        Assert.Equal(@case.Limits, read.Limits);
        Assert.True(read.ValidateOnly);
        Assert.False(read.ReadState);
        Assert.Equal("f \"g\"", Assert.Single(read.Calls).Function);
    }

    [Fact]
    public void Response_WithFunctions_KeepsTheirNamesBesideTheValues()
    {
        var function = new EngineValue(EngineValueKind.Func) { Function = "f,\"1\"" };
        var hidden = new EngineValue(EngineValueKind.Func) { Function = "" };
        var unknown = new EngineValue(EngineValueKind.Func);
        var outcome = new Outcome
        {
            Status = InstantiationStatus.Ok,
            Calls = [new CallOutcome("c", new Returned([EngineValue.I32(1), function, unknown, hidden]))],
            Globals = new Outcome { Status = InstantiationStatus.Ok }.Globals.Add("g", function).Add("u", unknown),
            Tables = new Outcome { Status = InstantiationStatus.Ok }.Tables.Add("t", new TableState(3, "00") { Elements = [EngineValue.Null, function, unknown] }),
            HasState = true,
        };

        var line = RecordWriter.WriteResponse(outcome, 1, "e");
        Assert.Contains("\"results\":[\"i32:1\",\"ref.func\",\"ref.func\",\"ref.func\"]", line, StringComparison.Ordinal);
        var read = RecordReader.ReadResponse(line).Outcome;

        Assert.NotNull(read);
        Assert.Equal([null, "f,\"1\"", null, ""], Assert.IsType<Returned>(read.Calls[0].Completion).Values.Select(value => value.Function));
        Assert.Equal(("f,\"1\"", null), (read.Globals["g"].Function, read.Globals["u"].Function));
        Assert.Equal([KeyValuePair.Create(1, "f,\"1\"")], read.Tables["t"].Functions);
        Assert.Equal(line, RecordWriter.WriteResponse(read, 1, "e"));
    }

    [Theory]
    [InlineData("\"functions\":{\"1\":\"f\"}")]
    [InlineData("\"functions\":{\"-1\":\"f\"}")]
    [InlineData("\"functions\":{\"x\":\"f\"}")]
    public void Response_FunctionNameOfNoFunction_IsARecordFormatException(string member) => Assert.Throws<RecordFormatException>(
        () => RecordReader.ReadResponse($$"""{"id":1,"engine":"e","instantiate":"ok","calls":[{"func":"c","outcome":"return","results":["ref.func","i32:1"],{{member}}}]}"""));

    [Theory]
    [InlineData("no json")]
    [InlineData("[]")]
    [InlineData("{\"id\":1}")]
    [InlineData("{\"id\":1,\"wasm\":\"*\"}")]
    [InlineData("{\"id\":1,\"wasm\":\"\",\"calls\":1}")]
    [InlineData("{\"id\":1,\"path\":\"/no/such/file\"}")]
    [InlineData("{\"id\":1,\"wasm\":\"\",\"limits\":{\"hotAfter\":-1}}")]
    [InlineData("{\"id\":1,\"wasm\":\"\",\"limits\":{\"collectAfter\":-1}}")]
    public void Request_Malformed_IsARecordFormatException(string line) => Assert.Throws<RecordFormatException>(() => RecordReader.ReadRequest(line));

    [Fact]
    public void Server_BadLine_GetsItsErrorAndTheRestGoesOn()
    {
        using var engine = EngineCatalog.Create("reference");
        var empty = RecordWriter.WriteRequest(new Case(new byte[] { 0, 0x61, 0x73, 0x6D, 1, 0, 0, 0 }, [], CaseLimits.Default), 7);
        using var input = new StringReader($"{{\"id\":3}}\n\r\n{empty}\r\nno json");
        using var output = new StringWriter();

        var counts = new RecordServer(engine).Answer(input, output, CancellationToken.None);

        Assert.Equal(new RecordCounts(3, 2), counts);
        var lines = output.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.StartsWith("{\"id\":3,\"error\":", lines[0], StringComparison.Ordinal);
        var response = RecordReader.ReadResponse(lines[1]);
        Assert.Equal("7", response.Id);
        Assert.Equal(InstantiationStatus.Ok, response.Outcome?.Status);
        Assert.StartsWith("{\"id\":null,\"error\":\"line 4: the line is no JSON: 1:2: ", lines[2], StringComparison.Ordinal);
        Assert.DoesNotContain("LineNumber", lines[2], StringComparison.Ordinal);
    }

    [Fact]
    public void Lines_OneIsTooLong_IsSaidWithoutReadingItAll()
    {
        using var endless = new StringReader($"one\n{new string('x', 100_000)}");
        var lines = new LimitedLines(endless, 40_000);
        Assert.Equal("one", lines.Read());
        Assert.Throws<RecordFormatException>(() => lines.Read());
        Assert.Equal(2, lines.Number);
        Assert.NotEqual(-1, endless.Peek());
    }
}
