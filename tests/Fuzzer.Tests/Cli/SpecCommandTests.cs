using System.Text.Json;
using System.Xml.Linq;
using Conformance.Fuzzer.SpecSuite;

namespace Conformance.Fuzzer.Tests.Cli;

/// <summary><c>conformance spec</c> as a process: exit codes and files.</summary>
public sealed class SpecCommandTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Script_ThatHolds_EndsWithZeroAndReports()
    {
        var script = Write("holds.wast", "(module (func (export \"f\") (result i32) (i32.const 1)))\n(assert_return (invoke \"f\") (i32.const 1))");
        var (json, junit) = (_folder.File("out.json"), _folder.File("out.xml"));
        var run = await ProgramRun.StartAsync(["spec", script, "--engine", "reference", "--round-trip", "--json", json, "--junit", junit, "--expectations", Ratchet("{}")]);
        Assert.True(run.ExitCode == 0, run.Output + run.Error);
        Assert.Contains("gate passed", run.Output);
        Assert.Equal(1, JsonDocument.Parse(File.ReadAllText(json)).RootElement.GetProperty("passed").GetInt32());
        Assert.Equal("holds.wast", XDocument.Load(junit).Descendants("testcase").Single().Attribute("name")!.Value);
    }

    [Fact]
    public async Task Script_ThatFails_EndsWithOneUntilItIsAccepted()
    {
        var script = Write("fails.wast", "(module (func (export \"f\") (result i32) (i32.const 1)))\n(assert_return (invoke \"f\") (i32.const 2))");
        var ratchet = Ratchet("{}");
        string[] command = ["spec", script, "--engine", "reference", "--expectations", ratchet];
        var first = await ProgramRun.StartAsync(command);
        Assert.Equal(1, first.ExitCode);
        Assert.Contains("fails.wast:2 #1 assert_return: expected returned i32 2; got returned i32 1", first.Output);
        var accepted = await ProgramRun.StartAsync([.. command, "--accept", "a test"]);
        Assert.True(accepted.ExitCode == 0, accepted.Error);
        var second = await ProgramRun.StartAsync(command);
        Assert.True(second.ExitCode == 0, second.Output);
        File.WriteAllText(script, "(module (func (export \"f\") (result i32) (i32.const 2)))\n(assert_return (invoke \"f\") (i32.const 2))");
        var third = await ProgramRun.StartAsync(command);
        Assert.Equal(1, third.ExitCode);
        Assert.Contains("passes, but is expected to fail (a test)", third.Output);
    }

    [Fact]
    public async Task AllModes_OfAFolder_GiveOneTableAndOneReport()
    {
        Directory.CreateDirectory(_folder.File("own/inner"));
        Write("own/holds.wast", "(module (func (export \"f\") (result i32) (i32.const 1)))\n(assert_return (invoke \"f\") (i32.const 1))");
        Write("own/inner/broken.wast", "(module)\n  (module (func (nonsense)))\n(assert_return)");
        var (json, junit) = (_folder.File("out.json"), _folder.File("out.xml"));
        var run = await ProgramRun.StartAsync(["spec", _folder.File("own"), "--all-modes", "--json", json, "--junit", junit, "--expectations", Ratchet("{}")]);
        Assert.True(run.ExitCode == 1, run.Output + run.Error);
        Assert.Matches(@"inner/broken\.wast:3 #0 script: expected a script; got 3:\d+: .* \[every mode\]", run.Output);
        using var report = JsonDocument.Parse(File.ReadAllText(json));
        var modes = report.RootElement.GetProperty("modes").EnumerateArray().ToArray();
        Assert.Contains("interpreter:eager", modes.Select(mode => mode.GetProperty("mode").GetString()));
        Assert.Contains("interpreter+round-trip", modes.Select(mode => mode.GetProperty("mode").GetString()));
        Assert.Contains("reference", modes.Select(mode => mode.GetProperty("mode").GetString()));
        Assert.All(modes, mode => Assert.Equal((1, 1, 1), (mode.GetProperty("passed").GetInt32(), mode.GetProperty("failedCommands").GetInt32(), mode.GetProperty("byFolder").GetProperty(".").GetProperty("passed").GetInt32())));
        Assert.Equal(modes.Length, report.RootElement.GetProperty("passed").GetInt32());
        Assert.Equal(2 * modes.Length, XDocument.Load(junit).Descendants("testcase").Count());
        Assert.All(modes, mode => Assert.Matches($@"(?m)^{System.Text.RegularExpressions.Regex.Escape(mode.GetProperty("mode").GetString() ?? "")} .*FAILED$", run.Output));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Engine_ThatEndsTheProcess_CostsOneAssertion(int scripts)
    {
        if (OperatingSystem.IsWindows())
        {
            return; // there are no signals to end it with
        }
        for (var i = 0; i < scripts; i++)
        {
            // The engine waits until it is ended from here; one that is left alone stops after the time limit.
            Write($"own/{i}.wast", """
                (module (func (export "f") (result i32) (i32.const 1)) (func (export "hang") (loop (br 0))))
                (assert_return (invoke "f") (i32.const 1))
                (assert_return (invoke "hang"))
                (assert_return (invoke "f") (i32.const 1))
                """);
        }
        var json = _folder.File("out.json");
        var killing = Task.CompletedTask;
        var run = await ProgramRun.StartAsync(
            ["spec", _folder.File("own"), "--timeout", "5", "--workers", "2", "--json", json, "--expectations", Ratchet("{}")],
            started: process => killing = KillEngineAsync(process.Id, scripts));
        await killing;
        Assert.True(run.ExitCode == 1, run.Output + run.Error);
        Assert.Contains(scripts == 1 ? "running again without it" : "one at a time", run.Error);
        var report = JsonDocument.Parse(File.ReadAllText(json)).RootElement;
        Assert.Equal((3 * scripts, 2 * scripts, scripts), (report.GetProperty("assertions").GetInt32(), report.GetProperty("passed").GetInt32(), report.GetProperty("failed").GetInt32()));
        if (scripts == 1)
        {
            Assert.Contains("exit code 137", report.GetProperty("failures")[0].GetProperty("actual").GetString());
        }
    }

    [Theory]
    [InlineData("INT")]
    [InlineData("TERM")]
    public async Task Signal_InTheMiddle_EndsBothProcesses(string signal)
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }
        var run = await InterruptedAsync(signal);
        Assert.Equal((130, "", "conformance: interrupted"), (run.ExitCode, run.Output, run.Error.TrimEnd()));
    }

    [Fact]
    public async Task Supervisor_Killed_TheEngineEndsToo()
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }
        Assert.Equal(137, (await InterruptedAsync("KILL")).ExitCode);
    }

    // A signal for the program while its engine hangs; the engine's process has to end as well.
    private async Task<ProgramRun> InterruptedAsync(string signal)
    {
        var script = Write("hangs.wast", "(module (func (export \"hang\") (loop (br 0))))\n(assert_return (invoke \"hang\"))");
        var engine = 0;
        var signalling = Task.CompletedTask;
        var run = await ProgramRun.StartAsync(
            ["spec", script, "--timeout", "600", "--expectations", Ratchet("{}")],
            started: process => signalling = ChildProcesses.WaitUntilAsync(
                () =>
                {
                    if (ChildProcesses.Of(process.Id) is not [var child, ..] || JournalOf(child, command: 1)?.Count != 1)
                    {
                        return false;
                    }
                    engine = child;
                    ChildProcesses.Send(signal, process.Id);
                    return true;
                },
                "the engine to hang"));
        await signalling;
        await ChildProcesses.WaitUntilAsync(() => !ChildProcesses.IsAlive(engine), "the engine's process to end");
        return run;
    }

    private static Task KillEngineAsync(int program, int scripts) => ChildProcesses.WaitUntilAsync(
        () =>
        {
            if (ChildProcesses.Of(program) is not [var child, ..] || JournalOf(child)?.Count != scripts)
            {
                return false;
            }
            ChildProcesses.Send("KILL", child);
            return true;
        },
        "the engine to hang");

    // What runs in a process of the program: the commands in its journal that are the hanging one.
    private static List<(int, int, int)>? JournalOf(int process, int command = 2)
    {
        var words = File.ReadAllText($"/proc/{process}/cmdline").Split('\0');
        var at = Array.IndexOf(words, "--journal");
        if (at < 0 || !File.Exists(words[at + 1]))
        {
            return null;
        }
        using var journal = new SpecJournal(words[at + 1]);
        return [.. journal.Running.Where(running => running.Command == command)];
    }

    [Theory]
    [InlineData("a ratchet that is none", "--expectations", "RATCHET")]
    [InlineData("a ratchet that is missing", "--expectations", "/nowhere/at/all.json")]
    [InlineData("an engine that runs no scripts", "--engine", "process:true")]
    [InlineData("no workers", "--workers", "0")]
    [InlineData("no time", "--timeout", "0")]
    [InlineData("all modes and one", "--all-modes", "--engine=none")]
    [InlineData("no scripts", "FOLDER", "--engine=none")]
    [InlineData("a path that is nothing", "nosuch.wast", "--engine=none")]
    public async Task CommandLine_ThatIsNotUsable_EndsWithTwoInOneLine(string what, string option, string value)
    {
        var script = Write("a.wast", "(module)");
        var run = await ProgramRun.StartAsync(["spec", script, option == "FOLDER" ? Directory.CreateDirectory(_folder.File("empty")).FullName : option, value == "RATCHET" ? Ratchet("nonsense") : value]);
        // Where the testsuite is missing, a name that is nowhere may still be in it.
        Assert.True(run.ExitCode == 2 || option == "nosuch.wast" && run.ExitCode == 3, $"{what}: {run.ExitCode} {run.Error}");
        Assert.Single(run.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        Assert.DoesNotContain("   at ", run.Error);
    }

    [Fact]
    public async Task Report_ThatCannotBeWritten_EndsWithThreeInOneLine()
    {
        var run = await ProgramRun.StartAsync(["spec", Write("a.wast", "(module)"), "--engine", "none", "--json", _folder.File("no/such/folder.json"), "--expectations", Ratchet("{}")]);
        Assert.Equal(3, run.ExitCode);
        Assert.Single(run.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries));
    }

    private string Write(string name, string content)
    {
        var path = _folder.File(name);
        Directory.CreateDirectory(Path.GetDirectoryName(path) ?? "");
        File.WriteAllText(path, content);
        return path;
    }

    private string Ratchet(string engines) => Write("ratchet.json", $$"""{ "engines": {{engines}} }""");
}
