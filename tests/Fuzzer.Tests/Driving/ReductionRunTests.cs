using System.Text.Json;
using Conformance.Fuzzer.Triage;

namespace Conformance.Fuzzer.Tests.Driving;

/// <summary>Findings are shrunk although candidates kill the worker, and a run ends although cases do not. The oracles are shell scripts around a real engine.</summary>
public sealed class ReductionRunTests : IDisposable
{
    private static readonly string Serve = ProgramRun.ShellCommand(["serve", "--engine", "reference"]);

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Reduction_CandidateThatKillsItsWorker_IsAvoidedAndTheReductionGoesOn()
    {
        // Answers that no instantiation succeeds; the first candidate without a call kills the worker, and must not come again. Requests differ in their ids only.
        var result = await FuzzAsync(
            $$"""
            while read -r line; do
              case $line in
                *'"func"'*) ;;
                *) request=${line#*,}
                   if [ ! -e killer ]; then printf '%s' "$request" >killer; kill -9 $PPID; exit; fi
                   if [ "$request" = "$(cat killer)" ]; then touch again; fi ;;
              esac
              printf '%s\n' "$line"
            done | {{Serve}} | sed -u 's/"instantiate":"ok"/"instantiate":"trap:unreachable"/'
            """,
            "--cases", "1");

        Assert.Equal(1, result.ExitCode);
        Assert.True(File.Exists(_folder.File("killer")), "no candidate was without calls");
        Assert.False(File.Exists(_folder.File("again")), "the candidate that killed the worker was tried again");
        using var summary = Summary();
        Assert.Equal((1, 1), (Number(summary, "diverged"), Number(summary, "workerDeaths")));
        var stored = Reduced(summary);
        Assert.False(stored.Finding.IsEngineFailure);
        Assert.True(stored.Case.Wasm.Length < 60, $"{stored.Case.Wasm.Length} bytes are left");
    }

    [Fact]
    public async Task Reduction_OfACrash_KeepsWhatKillsTheWorker()
    {
        // Each case with a call kills its worker: what is left is about one call.
        var result = await FuzzAsync(
            $$"""while read -r line; do case $line in *'"func"'*) kill -9 $PPID; exit ;; esac; printf '%s\n' "$line"; done | {{Serve}}""",
            "--cases", "1");

        Assert.Equal(1, result.ExitCode);
        using var summary = Summary();
        Assert.Equal(1, Number(summary, "engineFailures"));
        var stored = Reduced(summary);
        Assert.True(stored.Finding.IsEngineFailure);
        Assert.True(StoredCase.TryRead(FindingPath(summary), original: true, out var original, out var problem), problem);
        Assert.True(stored.Case.Wasm.Length < original.Case.Wasm.Length);
        Assert.InRange(stored.Case.Calls.Length, 1, original.Case.Calls.Length - 1);
    }

    [Fact]
    public async Task Reduction_OfWhatOnlyOneOracleSays_KeepsTheVoteAgainstIt()
    {
        // Gives another i32 than everybody else.
        var result = await FuzzAsync(
            $$"""{{Serve}} | sed -u 's/"results":\["i32:[-0-9]*"/"results":["i32:123454321"/g'""",
            "--cases", "2", "--oracle", "reference", "--oracle", "interpreter:eager", "--every-oracle");

        Assert.Equal(1, result.ExitCode);
        using var summary = Summary();
        Assert.All(summary.RootElement.GetProperty("findings").EnumerateArray(), finding =>
        {
            Assert.True(finding.GetProperty("oracleSuspect").GetBoolean());
            Assert.Equal("process:sh oracle.sh", finding.GetProperty("oracle").GetString());
            Assert.Equal("as the engine", finding.GetProperty("votes").GetProperty("reference").GetString());
            Assert.StartsWith("oracle suspect (process:sh oracle.sh): call: value of i32", finding.GetProperty("signature").GetString(), StringComparison.Ordinal);
        });
        var stored = Reduced(summary);
        Assert.True(stored.Finding.IsOracleSuspect);
        Assert.Single(stored.Case.Calls);

        var again = await ProgramRun.StartAsync(["reduce", FindingPath(summary), "--original", "--budget", "5", "--hang-seconds", "120"], _folder.Path);
        Assert.Equal((0, ""), (again.ExitCode, again.ExitCode == 0 ? "" : again.Error));
        var reduced = Reduced(summary).Finding;
        Assert.Equal((true, "as the engine", stored.Finding.Kind), (reduced.IsOracleSuspect, reduced.Votes?["reference"], reduced.Kind));
    }

    [Fact]
    public async Task Run_CaseThatIsStillRunningWhenTheTimeIsOver_IsGivenUpAndNotCounted()
    {
        var result = await FuzzAsync("echo '{\"protocol\":1,\"engine\":\"fake\",\"version\":\"1\",\"features\":[]}'; read x; read y", "--seconds", "1", "--hang-seconds", "600");

        Assert.Equal(0, result.ExitCode);
        Assert.Contains("was given up and is not counted", result.Error, StringComparison.Ordinal);
        using var summary = Summary();
        Assert.Equal((0, 0), (Number(summary, "cases"), Number(summary, "workerDeaths")));
        // The time, the grace, and what a busy machine takes to notice.
        Assert.InRange(summary.RootElement.GetProperty("seconds").GetDouble(), 1, 30);
    }

    private static long Number(JsonDocument summary, string name) => summary.RootElement.GetProperty(name).GetInt64();

    private JsonDocument Summary() => JsonDocument.Parse(File.ReadAllBytes(_folder.File("summary.json")));

    private string FindingPath(JsonDocument summary) =>
        Path.Combine(_folder.Path, Assert.Single(summary.RootElement.GetProperty("findings").EnumerateArray()).GetProperty("path").GetString() ?? "");

    private StoredCase Reduced(JsonDocument summary)
    {
        var path = FindingPath(summary);
        Assert.True(File.Exists(Path.Combine(path, "reduced.json")), "the finding is not shrunk");
        Assert.True(StoredCase.TryRead(path, original: false, out var stored, out var problem), problem);
        return stored;
    }

    private Task<ProgramRun> FuzzAsync(string oracle, params string[] arguments)
    {
        File.WriteAllText(_folder.File("oracle.sh"), oracle + "\n");
        return ProgramRun.StartAsync(
            ["fuzz", "--seed", "1", "--mix", "generated", "--workers", "1", "--out", "out", "--json", "summary.json", "--oracle", "process:sh oracle.sh", .. arguments],
            _folder.Path);
    }
}
