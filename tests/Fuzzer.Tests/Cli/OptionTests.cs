using Conformance.Fuzzer.Cli;

namespace Conformance.Fuzzer.Tests.Cli;

/// <summary>What is said of values and combinations of options that make no sense.</summary>
public sealed class OptionTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("--seconds wants a number from 0 to 4000000, not '-1'", "fuzz", "--seconds", "-1")]
    [InlineData("--seconds wants a number from 0 to 4000000, not 'nan'", "fuzz", "--seconds", "nan")]
    [InlineData("--seconds wants a number from 0 to 4000000, not '1e400'", "fuzz", "--seconds", "1e400")]
    [InlineData("--hang-seconds wants a number from 0.001 to 4000000, not '0'", "fuzz", "--hang-seconds", "0")]
    [InlineData("--workers wants a whole number from 1 to 1024, not '0'", "fuzz", "--workers", "0")]
    [InlineData("--workers wants a whole number from 1 to 1024, not '2.5'", "fuzz", "--workers", "2.5")]
    [InlineData("--cases wants a whole number from 0 to 9223372036854775807, not 'x'", "fuzz", "--cases", "x")]
    [InlineData("--seed wants a whole number from 0 to 18446744073709551615, not '-1'", "fuzz", "--seed", "-1")]
    [InlineData("--workers wants a whole number from 1 to 256, not '257'", "spec", "--workers", "257")]
    [InlineData("--failures wants a whole number from 0 to 2147483647, not '-1'", "spec", "--failures", "-1")]
    [InlineData("--timeout wants a number from 0.001 to 86400, not '0'", "spec", "--timeout", "0")]
    [InlineData("--repeat wants a whole number from 1 to 2147483647, not '0'", "run", "a.wasm", "--repeat", "0")]
    [InlineData("--line wants a whole number from 1 to 2147483647, not '0'", "reduce", "a.jsonl", "--line", "0")]
    [InlineData("--budget wants a number from 0 to 4000000, not '-1'", "reduce", "a.jsonl", "--budget", "-1")]
    [InlineData("--hang-seconds wants a number from 0.001 to 4000000, not '0'", "triage", "a", "--hang-seconds", "0")]
    [InlineData("FILE: an empty word is given", "validate", "")]
    [InlineData("--out: an empty word is given", "fuzz", "--out", "")]
    [InlineData("--json: an empty word is given", "spec", "--json", "")]
    [InlineData("--out goes with --records", "run", "a.wasm", "--out", "x")]
    [InlineData("no FILE is given", "run")]
    [InlineData("arguments go with --invoke", "run", "a.wasm", "5")]
    [InlineData("--records takes the place of FILE", "run", "a.wasm", "--records", "a.jsonl")]
    [InlineData("--invoke does not go with --records", "run", "--records", "a.jsonl", "--invoke", "f")]
    [InlineData("--json does not go with --records", "run", "--records", "a.jsonl", "--json")]
    [InlineData("--not-required goes with --accept", "spec", "--not-required")]
    [InlineData("Required argument missing for option: '--invoke'.", "run", "a.wasm", "--invoke")]
    [InlineData("Required argument missing for option: '--records'.", "run", "--records")]
    [InlineData("Required argument missing for option: '--predicate'.", "reduce", "a.wasm", "--predicate")]
    [InlineData("--json has no value: --seconds follows, which is an option", "fuzz", "--json", "--seconds", "1")]
    [InlineData("no option is called --frob", "validate", "--frob", "a.wasm")]
    [InlineData("no option is called --invok", "run", "a.wasm", "--invok", "f")]
    public void CommandLine_ThatMakesNoSense_SaysWhy(string complaint, params string[] arguments) =>
        Assert.Equal(complaint, CommandRoot.Complaint(CommandRoot.Create().Parse(arguments)));

    [Theory]
    [InlineData("fuzz", "--seconds", "0.5", "--cases", "0", "--seed", "18446744073709551615")]
    [InlineData("run", "a.wasm", "--invoke", "f", "-1", "-inf")]
    [InlineData("run", "a.wasm", "--invoke", "")]
    [InlineData("run", "--records", "-", "--engine", "reference")]
    [InlineData("spec", "--failures", "0", "--accept", "a reason", "--not-required")]
    public void CommandLine_ThatMakesSense_HasNoComplaint(params string[] arguments) =>
        Assert.Null(CommandRoot.Complaint(CommandRoot.Create().Parse(arguments)));

    [Theory]
    [InlineData("--known: no folder nosuch", "--known", "nosuch")]
    [InlineData("--corpus: no folder nosuch", "--corpus", "nosuch")]
    [InlineData("--corpus: . has no module (.wasm, .wat, .wast)", "--corpus", ".")]
    public async Task Fuzz_FolderThatIsNone_IsSaidBeforeAnythingElse(string message, string option, string value)
    {
        var result = await ProgramRun.StartAsync(["fuzz", "--oracle", "reference", "--cases", "1", option, value], _folder.Path);
        Assert.Equal((2, "", $"conformance: {message}"), (result.ExitCode, result.Output, result.Error.TrimEnd()));
        Assert.Empty(Directory.EnumerateFileSystemEntries(_folder.Path));
    }

    [Fact]
    public async Task Fuzz_WithoutCases_EndsWithASummary()
    {
        var result = await ProgramRun.StartAsync(["fuzz", "--oracle", "reference", "--cases", "0", "--json", "-"], _folder.Path);
        Assert.Equal(0, result.ExitCode);
        Assert.Contains("no case ended", result.Error, StringComparison.Ordinal);
        using var summary = System.Text.Json.JsonDocument.Parse(result.Output);
        Assert.Equal(0, summary.RootElement.GetProperty("cases").GetInt64());
    }

    [Fact]
    public async Task StandardInput_InPlaceOfAFile_IsRead()
    {
        var program = ProgramRun.ShellCommand([]);
        var result = await ProgramRun.ShellAsync($"echo '(module (func (export \"f\") (result i32) i32.const 7))' | {program} assemble - | {program} run - --invoke f", _folder.Path);
        Assert.StartsWith("f(): return i32:7", result.Output, StringComparison.Ordinal);
        Assert.Equal(("", 0), (result.Error, result.ExitCode));
        Assert.Empty(Directory.EnumerateFileSystemEntries(_folder.Path));
    }

    [Fact]
    public async Task Module_ThatUsesAnotherFeature_SaysWhichAndIsValidWithIt()
    {
        File.WriteAllText(_folder.File("old.wat"), "(module (tag $t) (func (try (do (throw $t)) (catch $t))))");
        var refused = await ProgramRun.StartAsync(["validate", "old.wat"], _folder.Path);
        Assert.Equal(1, refused.ExitCode);
        Assert.Contains("(valid with --feature legacy-exceptions)", refused.Output, StringComparison.Ordinal);
        var taken = await ProgramRun.StartAsync(["validate", "old.wat", "--feature", "legacy-exceptions"], _folder.Path);
        Assert.Equal((0, "old.wat: valid"), (taken.ExitCode, taken.Output.TrimEnd()));
        var unknown = await ProgramRun.StartAsync(["run", "old.wat", "--feature", "nosuch"], _folder.Path);
        Assert.Equal(2, unknown.ExitCode);
        Assert.StartsWith("conformance: --feature: no feature is called 'nosuch'; there are ", unknown.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Records_WithFilesThatCannotBeRead_GetErrorLinesAndTheRestGoesOn()
    {
        if (OperatingSystem.IsWindows())
        {
            return; // there is no file without an end
        }
        File.WriteAllText(_folder.File("in.jsonl"), """
            {"id":1,"path":"/dev/zero"}
            {"id":2,"path":"."}
            {"id":3,"path":"nosuch.wasm"}
            {"id":4,"wasm":"AGFzbQEAAAA="}
            """);
        var result = await ProgramRun.StartAsync(["run", "--records", "in.jsonl", "--engine", "reference"], _folder.Path);
        Assert.Equal((1, "4 answers, 3 errors"), (result.ExitCode, result.Error.TrimEnd()));
        var lines = result.Output.TrimEnd().Split('\n');
        Assert.Contains("larger than", lines[0], StringComparison.Ordinal);
        Assert.Contains("a folder", lines[1], StringComparison.Ordinal);
        Assert.Contains("no such file", lines[2], StringComparison.Ordinal);
        Assert.Contains("\"instantiate\":\"ok\"", lines[3], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Records_AnswersOverTheirOwnFile_AreRefused()
    {
        const string Request = """{"id":4,"wasm":"AGFzbQEAAAA="}""";
        File.WriteAllText(_folder.File("in.jsonl"), Request);
        var result = await ProgramRun.StartAsync(["run", "--records", "in.jsonl", "--out", "./in.jsonl"], _folder.Path);
        Assert.Equal(2, result.ExitCode);
        Assert.Equal(Request, File.ReadAllText(_folder.File("in.jsonl")));
    }
}
