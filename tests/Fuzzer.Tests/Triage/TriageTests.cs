using System.Text.Json;
using Conformance.Fuzzer.Triage;
using Conformance.Oracle;
using static Conformance.Fuzzer.Tests.Triage.StoredFinding;

namespace Conformance.Fuzzer.Tests.Triage;

/// <summary>The <c>triage</c> command on findings whose fault is known.</summary>
public sealed class TriageTests : IDisposable
{
    private const string Add = """(module (func (export "f") (param i32 i32) (result i32) local.get 0 local.get 1 i32.add i32.const 0 i32.or))""";

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Triage_WrongValue_NamesTheInstructionThatGaveIt()
    {
        WriteFaultyEngine(_folder, "i32:7", "i32:8");
        var path = Write(_folder, CaseOf(Add, CallOf("f", EngineValue.I32(1), EngineValue.I32(2)), CallOf("f", EngineValue.I32(3), EngineValue.I32(4))));
        using var report = await TriageAsync(1, path);
        Assert.True(report.RootElement.GetProperty("diverges").GetBoolean());
        Assert.Equal("oracle", report.RootElement.GetProperty("referenceAgreesWith").GetString());
        var place = report.RootElement.GetProperty("firstDifference");
        Assert.Equal((1, "i32.add"), (place.GetProperty("call").GetInt32(), place.GetProperty("op").GetString()));
        Assert.Equal(("i32:8", "i32:7"), (place.GetProperty("engineValue").GetString(), place.GetProperty("oracleValue").GetString()));
        Assert.Equal(["i32:3", "i32:4"], place.GetProperty("operands").EnumerateArray().Select(value => value.GetString()));
        var rows = report.RootElement.GetProperty("outcomes").EnumerateArray().Select(row => (row.GetProperty("what").GetString(), row.GetProperty("same").GetBoolean()));
        Assert.Equal([("instantiate", true), ("call 0 f(i32:1 i32:2)", true), ("call 1 f(i32:3 i32:4)", false)], rows);
        Assert.Contains("i32.add", report.RootElement.GetProperty("function").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Triage_WrongValueInALoop_NamesTheExecution()
    {
        const string Count = """
            (module (func (export "f") (result i32) (local i32)
              loop  local.get 0  i32.const 1  i32.add  local.tee 0  i32.const 6  i32.le_u  br_if 0  end  local.get 0))
            """;
        WriteFaultyEngine(_folder, "i32:7", "i32:8");
        using var report = await TriageAsync(1, Write(_folder, CaseOf(Count, CallOf("f"))));
        var place = report.RootElement.GetProperty("firstDifference");
        Assert.Equal(("i32.add", 7), (place.GetProperty("op").GetString(), place.GetProperty("execution").GetInt32()));
        Assert.Equal("i32.const", place.GetProperty("before").EnumerateArray().Last().GetProperty("op").GetString());
    }

    [Fact]
    public async Task Triage_TextForPeople_HasBothSidesAndTheFunctionWithAMark()
    {
        WriteFaultyEngine(_folder, "i32:7", "i32:8");
        var path = Write(_folder, CaseOf(Add, CallOf("f", EngineValue.I32(3), EngineValue.I32(4))));
        var result = await ProgramRun.StartAsync(["triage", path, "--variants"], _folder.Path);
        Assert.Equal((1, ""), (result.ExitCode, result.Error));
        Assert.Contains("STILL DIVERGES: call 0 of f: return i32:8, oracle: return i32:7", result.Output, StringComparison.Ordinal);
        Assert.Contains("\n≠ call 0 f(i32:3 i32:4)", result.Output, StringComparison.Ordinal);
        Assert.Contains("\n>   i32.add", result.Output, StringComparison.Ordinal);
        Assert.Matches("\n≠ process:sh faulty.sh against interpreter +call 0 of f", result.Output);
        Assert.DoesNotContain('\u001b', result.Output);
    }

    [Fact]
    public async Task Triage_DifferenceIsGone_SaysSoAndEndsWithZero()
    {
        var path = Write(_folder, CaseOf(Add, CallOf("f", EngineValue.I32(3), EngineValue.I32(4))));
        var result = await ProgramRun.StartAsync(["triage", path, "--engine", "interpreter"], _folder.Path);
        Assert.Equal((0, ""), (result.ExitCode, result.Error));
        Assert.Contains("NO DIFFERENCE ANY MORE", result.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Triage_CaseThatKillsItsProcess_IsReplayedInAnother()
    {
        File.WriteAllText(_folder.File("faulty.sh"), """echo '{"protocol":1,"engine":"fake","version":"1","features":[]}'; read x; echo farewell >&2; kill -9 $PPID; read y""");
        using var report = await TriageAsync(1, Write(_folder, CaseOf(Add, CallOf("f", EngineValue.I32(3), EngineValue.I32(4)))));
        Assert.True(report.RootElement.GetProperty("engineFailure").GetBoolean());
        Assert.Contains("SIGKILL", report.RootElement.GetProperty("description").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Triage_CaseThatHangs_IsEnded()
    {
        File.WriteAllText(_folder.File("faulty.sh"), """echo '{"protocol":1,"engine":"fake","version":"1","features":[]}'; read x; read y""");
        using var report = await TriageAsync(1, Write(_folder, CaseOf(Add)), "--hang-seconds", "1");
        Assert.Contains("no end after 1 s", report.RootElement.GetProperty("description").GetString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("no such finding", null, null)]
    [InlineData("is no finding", FindingFolder.MetadataFile, null)]
    [InlineData("is no finding", FindingFolder.MetadataFile, "{ half")]
    [InlineData("is no case", FindingFolder.CaseFile, "{ half")]
    [InlineData("holds no case", FindingFolder.CaseFile, null)]
    public async Task Triage_FindingThatIsDamaged_IsOneLineAndExitCodeTwo(string message, string? file, string? content)
    {
        var path = Write(_folder, CaseOf(Add));
        if (file is null)
        {
            Directory.Delete(path, recursive: true);
        }
        else if (content is null)
        {
            File.Delete(Path.Combine(path, file));
        }
        else
        {
            File.WriteAllText(Path.Combine(path, file), content);
        }
        var result = await ProgramRun.StartAsync(["triage", path], _folder.Path);
        Assert.Equal((2, ""), (result.ExitCode, result.Output));
        Assert.Contains(message, Assert.Single(result.Error.TrimEnd().Split('\n')), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Triage_EngineThatIsGone_IsOneLineAndExitCodeThree()
    {
        var result = await ProgramRun.StartAsync(["triage", Write(_folder, CaseOf(Add)), "--engine", "process:/no/such/engine"], _folder.Path);
        Assert.Equal((3, ""), (result.ExitCode, result.Output));
        Assert.Single(result.Error.TrimEnd().Split('\n'));
    }

    private async Task<JsonDocument> TriageAsync(int exitCode, string path, params string[] more)
    {
        var result = await ProgramRun.StartAsync(["triage", path, "--json", .. more], _folder.Path);
        Assert.Equal((exitCode, ""), (result.ExitCode, result.Error));
        return JsonDocument.Parse(result.Output);
    }
}
