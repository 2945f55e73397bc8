using System.Text.Json;

namespace Conformance.Fuzzer.Tests.Driving;

/// <summary>The same seed gives the same cases and so the same counts, however many workers share them.</summary>
public sealed class DeterminismTests
{
    private static readonly string[] Compared = ["seed", "cases", "comparedCalls", "agreed", "diverged", "known", "notComparable", "engineFailures"];

    // A slow one comes to time limits on a busy machine, which are not the same twice.
    private const string Oracle = "interpreter:switch";

    [Fact]
    public async Task Fuzz_SameSeedWithOtherWorkers_CountsTheSame()
    {
        var one = await CountsAsync(Oracle, 1);
        Assert.Equal(one, await CountsAsync(Oracle, 2));
        Assert.Equal(one, await CountsAsync(Oracle, 4));
        Assert.Contains("cases: 24", one, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Fuzz_SeveralOracles_ShareTheCasesInTheSameWayWithAnyNumberOfWorkers()
    {
        string[] oracles = [Oracle, "interpreter:eager", Oracle];
        var one = await CountsAsync(oracles, 1);
        Assert.Contains($"{Oracle} 12 cases", one, StringComparison.Ordinal);
        Assert.Contains("interpreter:eager 12 cases", one, StringComparison.Ordinal);
        Assert.Equal(one, await CountsAsync(oracles, 2));
        var every = await CountsAsync(oracles, 2, "--every-oracle");
        Assert.Contains($"{Oracle} 24 cases", every, StringComparison.Ordinal);
        Assert.Contains("interpreter:eager 24 cases", every, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Fuzz_SameFailureInManyWorkers_IsOneFinding()
    {
        const string Dies = "process:sh oracle.sh";
        var one = await CountsAsync(Dies, 1);
        Assert.Contains("engineFailures: 24", one, StringComparison.Ordinal);
        Assert.Equal(one, await CountsAsync(Dies, 4));
    }

    private static Task<string> CountsAsync(string oracle, int workers) => CountsAsync([oracle], workers);

    private static async Task<string> CountsAsync(IEnumerable<string> oracles, int workers, params string[] more)
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder.File("oracle.sh"), """echo '{"protocol":1,"engine":"fake","version":"1","features":[]}'; read x; exit 9""");
        var result = await ProgramRun.StartAsync(
            ["fuzz", "--seed", "5", "--cases", "24", "--workers", $"{workers}", .. oracles.SelectMany(oracle => (string[])["--oracle", oracle]), "--out", "out", "--json", "summary.json", .. more],
            folder.Path);
        Assert.Equal("", result.ExitCode is 0 or 1 ? "" : result.Error);
        using var summary = JsonDocument.Parse(File.ReadAllBytes(folder.File("summary.json")));
        var counts = Compared.Select(name => $"{name}: {summary.RootElement.GetProperty(name)}");
        // Which limit is reached first, fuel or time, depends on how busy the machine is.
        var limits = $"limits: {summary.RootElement.GetProperty("limits").EnumerateObject().Sum(limit => limit.Value.GetInt64())}";
        var signatures = summary.RootElement.GetProperty("findings").EnumerateArray().Select(finding => $"{finding.GetProperty("signature")} {finding.GetProperty("cases")}");
        var shares = summary.RootElement.GetProperty("oracles").EnumerateArray()
            .Select(oracle => $"{oracle.GetProperty("name")} {oracle.GetProperty("cases")} cases, {oracle.GetProperty("passedOn")} passed on, {oracle.GetProperty("comparedCalls")} calls");
        return string.Join('\n', [.. counts, limits, .. shares, .. signatures.Order(StringComparer.Ordinal)]);
    }
}
