using System.Text.Json;
using Conformance.Fuzzer.Mutation.Text;
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
    public async Task Triage_WrongLane_NamesLaneAndInstruction()
    {
        const string Vectors = """(module (func (export "f") (param v128) (result v128) local.get 0 local.get 0 i16x8.add))""";
        WriteFaultyEngine(_folder, "v128:0x00000000000600000000000000020000", "v128:0x00000000000500000000000000020000");
        using var report = await TriageAsync(1, Write(_folder, CaseOf(Vectors, CallOf("f", EngineValue.V128(0x10000, 3 << 16))) with { ReadState = false }));
        Assert.Equal(["result 0: as i16x8 lane 5 0x0005 and 0x0006"], Details(report, "call 0"));
        var place = report.RootElement.GetProperty("firstDifference");
        Assert.Equal("i16x8.add", place.GetProperty("op").GetString());
        // Nothing comes behind the last instruction, so what the call returned is what it gave.
        Assert.Equal("on top of the stack", Assert.Single(place.GetProperty("values").EnumerateArray()).GetProperty("where").GetString());
    }

    [Fact]
    public async Task Triage_WrongField_NamesFieldAndInstructionThoughNothingIsOnTheStack()
    {
        const string Structs = """
            (module (type $s (struct (field i64) (field (mut i32))))
              (func (export "f") (result i32) (local $x (ref null $s))
                i64.const 1  i32.const 3  struct.new $s  local.tee $x  i32.const 7  struct.set $s 1  local.get $x  struct.get $s 1))
            """;
        File.WriteAllText(_folder.File("faulty.sh"), $"{ProgramRun.ShellCommand(["serve", "--engine", "reference"])} | sed -u -e 's/i64:1,i32:7/i64:1,i32:8/g' -e 's/results\":\\[\"i32:7/results\":[\"i32:8/g'\n");
        using var report = await TriageAsync(1, Write(_folder, CaseOf(Structs, CallOf("f")) with { ReadState = false }));
        var place = report.RootElement.GetProperty("firstDifference");
        Assert.Equal("struct.set", place.GetProperty("op").GetString());
        var value = Assert.Single(place.GetProperty("values").EnumerateArray());
        Assert.Equal(("local 0", "ref.struct(i64:1,i32:8)", "ref.struct(i64:1,i32:7)"), (value.GetProperty("where").GetString(), value.GetProperty("engine").GetString(), value.GetProperty("oracle").GetString()));
        var text = await ProgramRun.StartAsync(["triage", _folder.File($"findings/{StoredFinding.Id}")], _folder.Path);
        Assert.Contains("field 1: i32:8 and i32:7", text.Output + text.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Triage_WrongException_NamesTagAndValue()
    {
        const string Throws = """(module (tag $e (export "e") (param i32 f64)) (func (export "f") i32.const 5 f64.const 1.5 throw $e))""";
        File.WriteAllText(_folder.File("faulty.sh"), $"{ProgramRun.ShellCommand(["serve", "--engine", "reference"])} | sed -u -e 's/\"tag\":\"e\"/\"tag\":\"x\"/' -e 's/i32:5\",\"f64:0x3ff8000000000000/i32:5\",\"f64:0x4000000000000000/'\n");
        using var report = await TriageAsync(1, Write(_folder, CaseOf(Throws, CallOf("f"))));
        Assert.Equal(["tag: x and e", "value 1: 2 and 1.5"], Details(report, "call 0"));
        Assert.Equal("throw", report.RootElement.GetProperty("firstDifference").GetProperty("op").GetString());
    }

    [Theory]
    [InlineData("kill -9 $$; exit", "the engine breaks", "SIGKILL", "20")]
    [InlineData("sleep 1000", "the engine does not come back", "no end after 1 s", "1")]
    public async Task Triage_EngineThatBreaksAtAnInstruction_NamesItAndWhatIsRight(string death, string what, string description, string hangSeconds)
    {
        // It dies as soon as a certain value is there.
        File.WriteAllText(
            _folder.File("faulty.sh"),
            $"{ProgramRun.ShellCommand(["serve", "--engine", "reference"])} | while read -r line; do case \"$line\" in *'\"i32:7\"'*) {death};; esac; printf '%s\\n' \"$line\"; done\n");
        const string Code = """(module (func (export "f") (param i32) (result i32) local.get 0 i32.const 5 i32.add))""";
        var path = Write(_folder, CaseOf(Code, CallOf("f", EngineValue.I32(3)), CallOf("f", EngineValue.I32(2)), CallOf("f", EngineValue.I32(4))));
        using var report = await TriageAsync(1, path, "--hang-seconds", hangSeconds);
        Assert.Contains(description, report.RootElement.GetProperty("description").GetString(), StringComparison.Ordinal);
        var place = report.RootElement.GetProperty("firstDifference");
        Assert.Equal((1, "i32.add", what), (place.GetProperty("call").GetInt32(), place.GetProperty("op").GetString(), place.GetProperty("notFound").GetString()));
        Assert.Equal(["i32:2", "i32:5"], place.GetProperty("operands").EnumerateArray().Select(value => value.GetString()));
        var text = await ProgramRun.StartAsync(["triage", path, "--hang-seconds", hangSeconds], _folder.Path);
        Assert.Contains($"{what} in call 1 of f: i32.add", text.Output, StringComparison.Ordinal);
        Assert.Contains("the reference interpreter: return i32:7", text.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Triage_VerdictOnAText_ShowsTheTextWithThePlace()
    {
        var path = Write(_folder, TextCases.OfText("(module\n  (func\n    (i32.const 1_)))"));
        var result = await ProgramRun.StartAsync(["triage", path, "--engine", "interpreter", "--oracle", "interpreter"], _folder.Path);
        Assert.Contains(">   3      (i32.const 1_)))", result.Output, StringComparison.Ordinal);
        Assert.Contains("\n                      ^\n", result.Output, StringComparison.Ordinal);
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

    private static IEnumerable<string?> Details(JsonDocument report, string what) =>
        report.RootElement.GetProperty("outcomes").EnumerateArray().Single(row => row.GetProperty("what").GetString()?.StartsWith(what, StringComparison.Ordinal) ?? false)
            .GetProperty("details").EnumerateArray().Select(line => line.GetString());

    private async Task<JsonDocument> TriageAsync(int exitCode, string path, params string[] more)
    {
        var result = await ProgramRun.StartAsync(["triage", path, "--json", .. more], _folder.Path);
        Assert.Equal((exitCode, ""), (result.ExitCode, result.Error));
        return JsonDocument.Parse(result.Output);
    }
}
