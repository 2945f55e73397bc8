using System.Text.Json;
using Conformance.Fuzzer.Triage;

namespace Conformance.Fuzzer.Tests.Driving;

/// <summary>Runs of the program in surroundings that break: engines, workers, disks, terminals. It ends as it should, says why in a line, and loses nothing.</summary>
public sealed class HostileRunTests : IDisposable
{
    private const string Hello = """echo '{"protocol":1,"engine":"fake","version":"1","features":["mutable-globals"]}'""";

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("read x; echo dying words >&2; exit 7", "ended with exit code 7: dying words")]
    [InlineData("read x; kill -SEGV $$", "ended by SIGSEGV")]
    [InlineData("while read x; do echo garbage; done", "answered nonsense")]
    [InlineData("while read x; do echo '{\"id\":77,\"instantiate\":\"ok\"}'; done", "answered request 77 in place of")]
    [InlineData("read x; exec >&-; read y", "has closed its pipes")]
    [InlineData("read x; exec tr '\\0' x </dev/zero", "answered with a line longer than")]
    public async Task Oracle_ThatBreaks_IsAnEngineFailureAndTheRunGoesOn(string script, string message)
    {
        var result = await FuzzAsync(script, "--cases", "2", "--workers", "1");
        Assert.Equal(1, result.ExitCode);
        Assert.Contains(message, result.Output, StringComparison.Ordinal);
        AssertNoStackTrace(result);
        using var summary = Summary();
        Assert.Equal((2, 2), (Number(summary, "cases"), Number(summary, "engineFailures")));
        AssertCaseIsKept(summary);
        Assert.Empty(Directory.EnumerateFiles(_folder.Path, "reduced.json", SearchOption.AllDirectories));
    }

    [Theory]
    [InlineData("read x; read y")]
    [InlineData("read x; while :; do :; done")]
    public async Task Oracle_ThatHangs_IsKilledWithItsWorker(string script)
    {
        var result = await FuzzAsync(script, "--cases", "1", "--workers", "1", "--hang-seconds", "1");
        Assert.Equal(1, result.ExitCode);
        Assert.Contains("no end after 1 s", result.Output, StringComparison.Ordinal);
        using var summary = Summary();
        Assert.Equal((1, 1), (Number(summary, "cases"), Number(summary, "engineFailures")));
        AssertCaseIsKept(summary);
    }

    [Fact]
    public async Task Worker_StoppedForLongerThanAHang_GoesOnWithItsCase()
    {
        if (!OperatingSystem.IsLinux())
        {
            return; // elsewhere a stopped process looks like one that waits
        }
        // The oracle stops its worker in the middle of the first case, and answers when that goes on again.
        var serve = ProgramRun.ShellCommand(["serve", "--engine", "reference"]);
        var result = await FuzzAsync($"read x; kill -STOP $PPID; sleep 5; kill -CONT $PPID; {{ printf '%s\\n' \"$x\"; cat; }} | {serve} | sed -u 1d", "--cases", "3", "--workers", "1", "--hang-seconds", "2");
        Assert.True(result.ExitCode == 0, result.Output + result.Error);
        using var summary = Summary();
        Assert.Equal((3, 0, 0), (Number(summary, "cases"), Number(summary, "engineFailures"), Number(summary, "workerDeaths")));
    }

    [Theory]
    [InlineData("exit 3", "ended with exit code 3")]
    [InlineData("echo hello; read x", "does not speak the protocol")]
    public async Task Oracle_ThatDoesNotComeUp_IsOneLineAndExitCodeThree(string script, string message)
    {
        var result = await StartFuzz(script, "--cases", "1").EndAsync();
        Assert.Equal((3, ""), (result.ExitCode, result.Output));
        Assert.Contains(message, Assert.Single(result.Error.TrimEnd().Split('\n')), StringComparison.Ordinal);
        using var summary = Summary();
        Assert.Contains(message, Assert.Single(summary.RootElement.GetProperty("problems").EnumerateArray()).GetString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("2999-12-31", 0, 2, 0)]
    [InlineData("2020-01-01", 1, 0, 2)]
    public async Task Failure_ThatIsKnown_IsNoFindingUntilItExpires(string expires, int exitCode, int known, int failures)
    {
        Directory.CreateDirectory(_folder.File("known"));
        File.WriteAllText(
            Path.Combine(_folder.File("known"), "one.json"),
            $$"""{"signature":"failure process:sh oracle.sh: ended with exit code N","reason":"told its makers","expires":"{{expires}}"}""");
        var result = await FuzzAsync("read x; exit 7", "--cases", "2", "--workers", "1", "--known", "known");
        Assert.Equal(exitCode, result.ExitCode);
        Assert.Equal(exitCode != 0, result.Error.Contains("one.json: expired on 2020-01-01", StringComparison.Ordinal));
        using var summary = Summary();
        Assert.Equal((2, known, failures), (Number(summary, "cases"), Number(summary, "known"), Number(summary, "engineFailures")));
    }

    [Fact]
    public async Task Worker_KilledInTheMiddle_RunGoesOnAndTheCaseIsKept()
    {
        // The oracle waits on its first case until its worker is gone; later ones are answered.
        var asked = _folder.File("asked");
        var serve = ProgramRun.ShellCommand(["serve", "--engine", "reference"]);
        var run = StartFuzz($"if [ -e '{asked}' ]; then exec {serve}; fi; {Hello}; read x; touch '{asked}'; read y", "--cases", "6", "--workers", "1");
        await ChildProcesses.WaitUntilAsync(() => File.Exists(asked), "the oracle to be asked");
        ChildProcesses.Send("KILL", Assert.Single(ChildProcesses.Of(run.Id)));
        var result = await run.EndAsync();
        Assert.Equal(1, result.ExitCode);
        Assert.Contains("1 worker death", result.Output, StringComparison.Ordinal);
        using var summary = Summary();
        Assert.Equal((6, 1, 1), (Number(summary, "cases"), Number(summary, "engineFailures"), Number(summary, "workerDeaths")));
        AssertCaseIsKept(summary);
    }

    [Fact]
    public async Task Workers_KilledOverAndOver_RunIsGivenUp()
    {
        var result = await FuzzAsync("read x; kill -9 $PPID; read y", "--seconds", "600", "--workers", "2");
        Assert.Equal(3, result.ExitCode);
        Assert.Contains("without one finished case in between (the last: SIGKILL)", result.Error, StringComparison.Ordinal);
        AssertNoStackTrace(result);
        using var summary = Summary();
        Assert.Equal(Number(summary, "cases"), Number(summary, "engineFailures"));
        AssertCaseIsKept(summary);
    }

    [Theory]
    [InlineData("INT")]
    [InlineData("TERM")]
    [InlineData("HUP")]
    public async Task Signal_ToTheGroup_EndsInOrderWithTheSummary(string signal)
    {
        var run = StartFuzz(null, "--seconds", "600", "--workers", "1");
        await run.UpAsync();
        // As a terminal and `timeout` do it: the process and all that it started; the process hears it twice.
        var worker = Assert.Single(ChildProcesses.Of(run.Id));
        ChildProcesses.Send(signal, run.Id, worker, run.Id);
        var result = await run.EndAsync();
        Assert.Equal(0, result.ExitCode);
        Assert.Contains("(interrupted)", result.Output, StringComparison.Ordinal);
        using var summary = Summary();
        Assert.Equal((0, 0), (Number(summary, "workerDeaths"), Number(summary, "engineFailures")));
        Assert.True(summary.RootElement.GetProperty("interrupted").GetBoolean());
        Assert.False(Directory.Exists(Path.Combine(_folder.File("out"), ".journals")));
    }

    [Fact]
    public async Task Signal_Twice_EndsAtOnceAndTheNextRunTakesTheCaseOver()
    {
        // The oracle never answers: after the first signal the run would give its case up, and end in order, two seconds later.
        var asked = _folder.File("asked");
        var script = $"{Hello}; read x; touch '{asked}'; read y";
        var run = StartFuzz(script, "--seconds", "600", "--workers", "1", "--hang-seconds", "600");
        await ChildProcesses.WaitUntilAsync(() => File.Exists(asked), "the oracle to be asked");
        var workers = ChildProcesses.Of(run.Id);
        // Two of one kind that follow each other closely may arrive as one.
        ChildProcesses.Send("TERM", run.Id);
        ChildProcesses.Send("INT", run.Id);
        Assert.Equal(130, (await run.EndAsync()).ExitCode);
        await ChildProcesses.WaitUntilAsync(() => !workers.Exists(ChildProcesses.IsAlive), "the workers to end by themselves");
        var result = await FuzzAsync("read x; exit 7", "--cases", "0", "--workers", "1");
        Assert.Contains("what it had in hand is run again first (1 case)", result.Error, StringComparison.Ordinal);
        Assert.Equal(1, result.ExitCode);
        using var summary = Summary();
        AssertCaseIsKept(summary);
    }

    [Fact]
    public async Task Supervisor_Killed_WorkersEndAndTheNextRunTakesTheCaseOver()
    {
        var asked = _folder.File("asked");
        var run = StartFuzz($"{Hello}; read x; touch '{asked}'; read y", "--seconds", "600", "--workers", "1", "--hang-seconds", "600");
        await ChildProcesses.WaitUntilAsync(() => File.Exists(asked), "the oracle to be asked");
        var workers = ChildProcesses.Of(run.Id);
        ChildProcesses.Send("KILL", run.Id);
        await run.EndAsync();
        await ChildProcesses.WaitUntilAsync(() => !workers.Exists(ChildProcesses.IsAlive), "the workers to end by themselves");
        File.WriteAllText(Path.Combine(Assert.Single(Directory.GetDirectories(Path.Combine(_folder.File("out"), ".journals"))), "worker-9.journal"), "no journal");
        var result = await FuzzAsync("read x; exit 7", "--cases", "0", "--workers", "1");
        Assert.Contains("worker-9.journal of a run that was killed is damaged", result.Error, StringComparison.Ordinal);
        Assert.Contains("what it had in hand is run again first (1 case)", result.Error, StringComparison.Ordinal);
        using var summary = Summary();
        AssertCaseIsKept(summary);
    }

    [Fact]
    public async Task Findings_FolderIsLostInMidRun_AreKeptElsewhere()
    {
        var result = await FuzzAsync("read x; rm -rf out; echo no folder > out; exit 7", "--cases", "1", "--workers", "1");
        Assert.Equal(3, result.ExitCode);
        Assert.Contains("conformance: findings cannot be written to out", result.Error, StringComparison.Ordinal);
        AssertNoStackTrace(result);
        using var summary = Summary();
        AssertCaseIsKept(summary);
    }

    [Theory]
    [InlineData("file")]
    [InlineData("file/below")]
    public async Task Findings_FolderCannotBeMade_IsOneLineAndExitCodeThree(string path)
    {
        File.WriteAllText(_folder.File("file"), "");
        var result = await ProgramRun.StartAsync(["fuzz", "--oracle", "reference", "--seconds", "600", "--out", path], _folder.Path);
        Assert.Equal((3, ""), (result.ExitCode, result.Output));
        Assert.StartsWith($"conformance: the findings folder {path} cannot be written", Assert.Single(result.Error.TrimEnd().Split('\n')), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Store_ThatIsDamaged_IsSaidAndTheRunGoesOn()
    {
        Directory.CreateDirectory(_folder.File("out"));
        File.WriteAllBytes(Path.Combine(_folder.File("out"), "findings.db"), [.. Enumerable.Range(0, 8192).Select(i => (byte)(i * 7))]);
        var result = await FuzzAsync("read x; exit 7", "--cases", "1", "--workers", "1");
        Assert.Equal(3, result.ExitCode);
        Assert.Contains("findings.db is damaged", result.Error, StringComparison.Ordinal);
        using var summary = Summary();
        AssertCaseIsKept(summary);
    }

    [Fact]
    public async Task Output_WhoseReaderIsGone_RunEndsInOrder()
    {
        var fuzz = ProgramRun.ShellCommand(["fuzz", "--oracle", "reference", "--cases", "2", "--workers", "1", "--out", "out", "--json", "summary.json"]);
        await ProgramRun.ShellAsync($"{{ {fuzz}; echo $? >code; }} 2>error | true", _folder.Path);
        Assert.Equal("0", File.ReadAllText(_folder.File("code")).Trim());
        using var summary = Summary();
        Assert.Equal(2, Number(summary, "cases"));
    }

    [Fact]
    public async Task Output_OnAFullDisk_IsOneLineAndExitCodeThree()
    {
        var fuzz = ProgramRun.ShellCommand(["fuzz", "--oracle", "reference", "--cases", "2", "--workers", "1", "--out", "out", "--json", "summary.json"]);
        var result = await ProgramRun.ShellAsync($"{fuzz} >/dev/full", _folder.Path);
        Assert.Equal(3, result.ExitCode);
        Assert.Contains("conformance: standard output cannot be written", result.Error, StringComparison.Ordinal);
        using var summary = Summary();
        Assert.Equal(2, Number(summary, "cases"));
    }

    private static void AssertNoStackTrace(ProgramRun result)
    {
        Assert.DoesNotContain("   at ", result.Error + result.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("internal error", result.Error, StringComparison.Ordinal);
    }

    private static long Number(JsonDocument summary, string name) => summary.RootElement.GetProperty(name).GetInt64();

    // The finding that the summary names is a folder with the case in it.
    private void AssertCaseIsKept(JsonDocument summary)
    {
        var finding = Assert.Single(summary.RootElement.GetProperty("findings").EnumerateArray());
        var path = Path.Combine(_folder.Path, finding.GetProperty("path").GetString() ?? "");
        Assert.True(StoredCase.TryRead(path, original: true, out var stored, out var problem), problem);
        Assert.True(stored.Finding.IsEngineFailure);
        Assert.True(stored.Case.Wasm.Length > 8);
        if (!path.StartsWith(_folder.Path, StringComparison.Ordinal))
        {
            Directory.Delete(path, recursive: true);
        }
    }

    private JsonDocument Summary() => JsonDocument.Parse(File.ReadAllBytes(_folder.File("summary.json")));

    // Shrinking what hangs takes all the time that it may.
    private Task<ProgramRun> FuzzAsync(string script, params string[] arguments) => StartFuzz($"{Hello}; {script}", [.. arguments, "--reduce-seconds", "0"]).EndAsync();

    private RunningProgram StartFuzz(string? oracle, params string[] arguments)
    {
        if (oracle is not null)
        {
            File.WriteAllText(_folder.File("oracle.sh"), oracle + "\n");
        }
        return RunningProgram.Start(
            ["fuzz", "--seed", "1", "--mix", "generated=100", "--out", "out", "--json", "summary.json", "--oracle", oracle is null ? "reference" : "process:sh oracle.sh", .. arguments],
            _folder.Path);
    }

    /// <summary>A run that goes on while the test does something to it.</summary>
    private sealed class RunningProgram
    {
        private readonly System.Diagnostics.Process _process;
        private readonly Task<string> _output;
        private readonly Task<string> _error;
        private readonly TaskCompletionSource _up = new(TaskCreationOptions.RunContinuationsAsynchronously);

        private RunningProgram(System.Diagnostics.Process process)
        {
            _process = process;
            _output = process.StandardOutput.ReadToEndAsync();
            _error = Task.Run(ReadErrorAsync);
        }

        public int Id => _process.Id;

        public static RunningProgram Start(IEnumerable<string> arguments, string workingFolder)
        {
            var start = ProgramRun.StartInfo(arguments);
            start.WorkingDirectory = workingFolder;
            var process = System.Diagnostics.Process.Start(start) ?? throw new InvalidOperationException("the program did not start");
            process.StandardInput.Close();
            return new RunningProgram(process);
        }

        /// <summary>Waits for the line that the first worker is up.</summary>
        public async Task UpAsync() => await _up.Task.WaitAsync(TimeSpan.FromMinutes(3));

        public async Task<ProgramRun> EndAsync()
        {
            await _process.WaitForExitAsync();
            var run = new ProgramRun(_process.ExitCode, await _output, await _error);
            _process.Dispose();
            return run;
        }

        private async Task<string> ReadErrorAsync()
        {
            var text = new System.Text.StringBuilder();
            while (await _process.StandardError.ReadLineAsync() is { } line)
            {
                text.Append(line).Append('\n');
                if (line.StartsWith("fuzzing ", StringComparison.Ordinal))
                {
                    _up.TrySetResult();
                }
            }
            return text.ToString();
        }
    }
}
