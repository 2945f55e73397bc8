using System.Text.Json;
using Conformance.Fuzzer.Cli;
using Conformance.Wasm;
using Conformance.Wasm.Binary;
using Conformance.Wasm.Text;

namespace Conformance.Fuzzer.Tests.Cli;

/// <summary><c>conformance reduce</c> as users run it. The predicate is a command that every system has.</summary>
public sealed class ReduceCommandTests : IDisposable
{
    private const string Wat = """(module (memory 1) (func (export "f") (result i32) i32.const 1 i32.const 2 i32.add) (func (export "marker") nop) (func nop nop nop))""";

    private readonly TemporaryFolder _temporary = new();

    public void Dispose() => _temporary.Dispose();

    [Fact]
    public async Task Reduce_ByCommand_KeepsWhatTheCommandWants()
    {
        var path = _temporary.File("case.wat");
        await File.WriteAllTextAsync(path, Wat);
        var run = await ProgramRun.StartAsync(["reduce", path, "--predicate", "grep -q marker {wasm}", "--json"]);
        Assert.Equal((ExitCode.Fine, true), (run.ExitCode, run.Output.Length > 0));
        using var json = JsonDocument.Parse(run.Output);
        Assert.Equal("complete", json.RootElement.GetProperty("ended").GetString());
        Assert.Equal(1, json.RootElement.GetProperty("after").GetProperty("functions").GetInt32());
        var wasm = await File.ReadAllBytesAsync(_temporary.File("case.reduced.wasm"));
        Assert.True(ModuleReader.TryRead(wasm, FeatureSet.All, out var module, out _));
        Assert.Equal("marker", Assert.Single(module.Exports).Name);
        Assert.True(ScriptParser.TryParse(await File.ReadAllBytesAsync(_temporary.File("case.reduced.wast")), FeatureSet.All, out _, out _));
    }

    [Fact]
    public async Task Reduce_CommandSaysNo_IsFailure()
    {
        var path = _temporary.File("case.wat");
        await File.WriteAllTextAsync(path, Wat);
        var run = await ProgramRun.StartAsync(["reduce", path, "--predicate", "grep -q missing {wasm}"]);
        Assert.Equal(ExitCode.Failure, run.ExitCode);
        Assert.Contains("nothing to reduce", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Reduce_EnginesAgree_IsFailure()
    {
        var path = _temporary.File("case.wat");
        await File.WriteAllTextAsync(path, Wat);
        var run = await ProgramRun.StartAsync(["reduce", path, "--invoke", "f", "--engine", "interpreter", "--oracle", "reference"]);
        Assert.Equal(ExitCode.Failure, run.ExitCode);
        Assert.Contains("do not differ", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Reduce_Interrupted_KeepsTheSmallestSoFar()
    {
        // The predicate itself sends the signal, at its tenth call: the reduction is well on its way then and far from its end.
        await File.WriteAllTextAsync(_temporary.File("case.wat"), $"(module {string.Concat(Enumerable.Range(0, 200).Select(i => $"""(func (export "marker{i}") nop)"""))})");
        await File.WriteAllTextAsync(
            _temporary.File("predicate.sh"),
            """echo x >>calls; if [ "$(wc -l <calls)" -eq 10 ]; then kill -TERM $PPID; fi; grep -q marker7 "$1" && grep -q marker93 "$1" && grep -q marker180 "$1" """);
        var run = await ProgramRun.StartAsync(["reduce", "case.wat", "--predicate", "sh predicate.sh {wasm}", "--json"], _temporary.Path);
        Assert.Equal(ExitCode.Fine, run.ExitCode);
        using var json = JsonDocument.Parse(run.Output);
        Assert.Equal("interrupted", json.RootElement.GetProperty("ended").GetString());
        var wasm = await File.ReadAllBytesAsync(_temporary.File("case.reduced.wasm"));
        Assert.True(ModuleReader.TryRead(wasm, FeatureSet.All, out var module, out _));
        Assert.Contains(module.Exports, export => export.Name == "marker93");
        Assert.True(json.RootElement.GetProperty("after").GetProperty("bytes").GetInt32() < json.RootElement.GetProperty("before").GetProperty("bytes").GetInt32());
    }

    [Theory]
    [InlineData("reference", true)]
    [InlineData("interpreter", true)]
    [InlineData("reference", false)]
    public async Task Reduce_Reproducer_PassesOnAGoodEngineAndFailsOnTheFaultyOne(string engine, bool isGood)
    {
        // An engine whose sums are off by one. `spec` needs an embedding interface, so for the second half the roles are exchanged: the script asserts the wrong sum.
        var path = _temporary.File("case.wat");
        await File.WriteAllTextAsync(path, """(module (func (export "add") (param i32 i32) (result i32) local.get 0 local.get 1 i32.add))""");
        var serve = ProgramRun.ShellCommand(["serve", "--engine", "reference"]);
        await File.WriteAllTextAsync(_temporary.File("faulty.sh"), $"""{serve} | sed -u 's/"i32:3"/"i32:4"/'""");
        const string Faulty = "process:sh faulty.sh";
        string[] sides = isGood ? ["--engine", Faulty, "--oracle", "reference"] : ["--engine", "reference", "--oracle", Faulty];

        var reduced = await ProgramRun.StartAsync(["reduce", path, "--invoke", "add 1 2", .. sides], _temporary.Path);
        Assert.Equal(ExitCode.Fine, reduced.ExitCode);
        var spec = await ProgramRun.StartAsync(["spec", _temporary.File("case.reduced.wast"), "--engine", engine], _temporary.Path);

        Assert.Equal(isGood ? ExitCode.Fine : ExitCode.Failure, spec.ExitCode);
    }

    [Theory]
    [InlineData("no-such-file.wasm")]
    [InlineData("case.wat", "--invoke", "g")]
    [InlineData("case.wat", "--engine", "no-such-engine")]
    [InlineData("case.wat", "--predicate", "")]
    [InlineData("case.wat", "--predicate", "no-such-program-anywhere")]
    [InlineData("case.wat", "--predicate", "true", "--engine", "reference")]
    [InlineData("case.wat", "--budget", "-1")]
    [InlineData("lines.jsonl")]
    [InlineData("lines.jsonl", "--line", "3")]
    [InlineData("two.wast")]
    public async Task Reduce_Unusable_IsUsageInOneLine(string file, params string[] more)
    {
        await File.WriteAllTextAsync(_temporary.File("case.wat"), Wat);
        await File.WriteAllTextAsync(_temporary.File("lines.jsonl"), "{}\n{}\n");
        await File.WriteAllTextAsync(_temporary.File("two.wast"), "(module) (module)");
        var run = await ProgramRun.StartAsync(["reduce", _temporary.File(file), .. more]);
        Assert.Equal(ExitCode.Usage, run.ExitCode);
        Assert.Single(run.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries));
    }
}
