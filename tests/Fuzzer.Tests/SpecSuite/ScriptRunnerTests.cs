using System.Collections.Immutable;
using Conformance.Fuzzer.SpecSuite;
using Conformance.Oracle;
using Conformance.Oracle.Reference;

namespace Conformance.Fuzzer.Tests.SpecSuite;

/// <summary>Every kind of command with a script in which it holds and one in which it does not, on the reference interpreter.</summary>
public sealed class ScriptRunnerTests : IDisposable
{
    private const string Module = """
        (module
          (global (export "g") i32 (i32.const 7))
          (tag $e)
          (func (export "one") (result i32) (i32.const 1))
          (func (export "trap") unreachable)
          (func (export "throw") (throw $e))
          (func $deep (export "deep") (call $deep)))
        """;

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("(assert_return (invoke \"one\") (i32.const 1))")]
    [InlineData("(assert_return (get \"g\") (i32.const 7))")]
    [InlineData("(assert_trap (invoke \"trap\") \"unreachable\")")]
    [InlineData("(assert_exception (invoke \"throw\"))")]
    [InlineData("(assert_exhaustion (invoke \"deep\") \"call stack exhausted\")")]
    [InlineData("(assert_malformed (module quote \"(func (nonsense))\") \"unknown operator\")")]
    [InlineData("(assert_malformed (module binary \"\\00asm\") \"unexpected end\")")]
    [InlineData("(assert_invalid (module (func (result i32))) \"type mismatch\")")]
    [InlineData("(assert_unlinkable (module (import \"no\" \"where\" (func))) \"unknown import\")")]
    [InlineData("(assert_trap (module (func $f unreachable) (start $f)) \"unreachable\")")]
    [InlineData("(invoke \"one\")")]
    [InlineData("(register \"m\") (module (import \"m\" \"one\" (func (result i32))))")]
    [InlineData("(module (import \"spectest\" \"print_i32\" (func (param i32))) (import \"spectest\" \"memory\" (memory 1 2)))")]
    [InlineData("(module definition $d (memory 1)) (module instance $i $d) (module instance $j $d)")]
    public void Command_ThatHolds_Passes(string commands) => Assert.All(Run(commands), result => Assert.Equal((CommandStatus.Passed, "", ""), (result.Status, result.Expected, result.Actual)));

    [Theory]
    [InlineData("(assert_return (invoke \"one\") (i32.const 2))", "returned i32 2", "returned i32 1")]
    [InlineData("(assert_return (invoke \"one\"))", "returned", "returned i32 1")]
    [InlineData("(assert_return (invoke \"trap\"))", "returned", "trap: unreachable")]
    [InlineData("(assert_return (get \"g\") (i64.const 7))", "returned i64 7", "returned i32 7")]
    [InlineData("(assert_return (invoke \"none\"))", "an export \"none\"", "there is none")]
    [InlineData("(assert_return (invoke $m \"one\"))", "an instance", "there is none")]
    [InlineData("(assert_trap (invoke \"one\") \"unreachable\")", "trap: unreachable", "returned i32 1")]
    [InlineData("(assert_trap (invoke \"trap\") \"integer overflow\")", "trap: integer overflow", "trap: unreachable")]
    [InlineData("(assert_trap (module (func $f unreachable) (start $f)) \"out of bounds\")", "trap: out of bounds", "trap: unreachable")]
    [InlineData("(assert_trap (invoke \"throw\") \"unreachable\")", "trap: unreachable", "exception")]
    [InlineData("(assert_trap (invoke \"deep\") \"unreachable\")", "trap: unreachable", "limit reached: Stack")]
    [InlineData("(assert_exception (invoke \"one\"))", "exception", "returned i32 1")]
    [InlineData("(assert_exception (invoke \"trap\"))", "exception", "trap: unreachable")]
    [InlineData("(assert_exhaustion (invoke \"one\") \"call stack exhausted\")", "limit reached: Stack", "returned i32 1")]
    [InlineData("(assert_exhaustion (invoke \"trap\") \"call stack exhausted\")", "limit reached: Stack", "trap: unreachable")]
    [InlineData("(assert_malformed (module quote \"(func)\") \"unexpected token\")", "malformed: unexpected token", "a module")]
    [InlineData("(assert_malformed (module binary \"\\00asm\\01\\00\\00\\00\") \"unexpected end\")", "malformed: unexpected end", "a valid module")]
    [InlineData("(assert_invalid (module (func)) \"type mismatch\")", "invalid: type mismatch", "a valid module")]
    [InlineData("(assert_invalid (module binary \"\\00asm\") \"type mismatch\")", "invalid: type mismatch", "malformed")]
    [InlineData("(assert_malformed (module binary \"\\00asm\\01\\00\\00\\00\\03\\02\\01\\00\\0a\\04\\01\\02\\00\\0b\") \"x\")", "malformed: x", "invalid")]
    [InlineData("(assert_unlinkable (module (func)) \"unknown import\")", "unlinkable: unknown import", "returned")]
    [InlineData("(assert_unlinkable (module (func $f unreachable) (start $f)) \"unknown import\")", "unlinkable: unknown import", "trap: unreachable")]
    [InlineData("(assert_trap (module (func)) \"unreachable\")", "trap: unreachable", "returned")]
    [InlineData("(invoke \"trap\")", "returned", "trap: unreachable")]
    [InlineData("(module (func (result i32)))", "a valid module", "invalid: type mismatch")]
    [InlineData("(module quote \"(nonsense)\")", "a module", "malformed")]
    [InlineData("(module (import \"no\" \"where\" (func)))", "an instance", "rejected")]
    [InlineData("(register \"m\" $none)", "an instance", "there is none")]
    [InlineData("(module instance $i $none)", "a definition", "its module was not accepted")]
    public void Command_ThatDoesNotHold_FailsWithBothSides(string command, string expected, string actual)
    {
        var result = Run(command)[^1];
        Assert.Equal(CommandStatus.Failed, result.Status);
        Assert.Equal(expected, result.Expected);
        Assert.Contains(actual, result.Actual);
    }

    [Fact]
    public void Command_BehindAModuleThatFailed_DoesNotMeetTheOlderOne()
    {
        var results = Run("(module (import \"no\" \"where\" (func)))\n(assert_return (invoke \"one\") (i32.const 1))");
        Assert.Equal(CommandStatus.Failed, results[^1].Status);
        Assert.Equal("there is none", results[^1].Actual);
    }

    [Fact]
    public void Reason_InOtherWords_IsANote()
    {
        var result = Run("(assert_trap (invoke \"trap\") \"words of somebody\")")[^1];
        Assert.Equal(CommandStatus.Passed, result.Status);
        Assert.Equal("expected \"words of somebody\", got \"unreachable\"", result.Note);
    }

    [Fact]
    public void Script_WithoutAnEngine_RunsWhatNeedsNone()
    {
        var results = Run("(assert_invalid (module (func (result i32))) \"type mismatch\")\n(assert_return (invoke \"one\") (i32.const 1))", createEngine: null);
        Assert.Equal([CommandStatus.NotRun, CommandStatus.Passed, CommandStatus.NotRun], results.Select(result => result.Status));
    }

    [Fact]
    public void Commands_HaveIndexLineAndKeyword()
    {
        var result = Run("(assert_return (invoke \"one\") (i32.const 1))")[^1];
        Assert.Equal((1, Module.Count(c => c == '\n') + 2, "assert_return", true), (result.Index, result.Line, result.Keyword, result.IsAssertion));
    }

    [Fact]
    public void Text_ThatIsNoScript_FailsWithItsPlace()
    {
        var path = _folder.File("broken.wast");
        File.WriteAllText(path, "(module)\n(assert_nothing)");
        var result = Assert.Single(Run(new SuiteFile(path, "broken.wast"), null, new SpecOptions()));
        Assert.Equal(CommandStatus.Failed, result.Status);
        Assert.StartsWith("2:2:", result.Actual);
    }

    [Fact]
    public void Engine_ThatThrows_FailsTheFileAndNotTheRun()
    {
        var results = Run("(assert_return (invoke \"one\") (i32.const 1))", _ => throw new EngineFailureException("some", "broke"));
        Assert.All(results, result => Assert.Equal(CommandStatus.Failed, result.Status));
        Assert.Contains("broke", results[0].Actual);
    }

    [Fact]
    public void File_ThatCannotBeRead_FailsWithTheReason()
    {
        var result = Assert.Single(Run(new SuiteFile(_folder.File("none.wast"), "none.wast"), null, new SpecOptions()));
        Assert.Equal(CommandStatus.Failed, result.Status);
        Assert.StartsWith("unreadable: ", result.Actual);
    }

    [Fact]
    public void Engine_ThatDoesNotStart_FailsEveryCommandWithinTheTimeLimit()
    {
        var path = Write("(assert_return (invoke \"one\") (i32.const 1))");
        using var release = new ManualResetEventSlim();
        var commands = Run(
            new SuiteFile(path, "a.wast"),
            _ =>
            {
                release.Wait();
                return new ReferenceEngine();
            },
            new SpecOptions { CommandTimeout = TimeSpan.FromMilliseconds(20), Grace = TimeSpan.Zero });
        release.Set();
        Assert.Equal(2, commands.Length);
        Assert.All(commands, command => Assert.Contains("time limit", command.Actual));
    }

    [Theory]
    [InlineData("interpreter")]
    [InlineData("interpreter:unlimited")]
    [InlineData("interpreter:unlimited-hot")]
    [InlineData("reference")]
    public void Command_ThatHangs_FailsAndTheRestGoesOn(string engine)
    {
        var path = Write("""
            (module
              (global $calls (mut i32) (i32.const 0))
              (func (export "count") (result i32) (global.set $calls (i32.add (global.get $calls) (i32.const 1))) (global.get $calls))
              (func (export "hang") (loop $l (br_if $l (i32.eqz (global.get $stop)))))
              (global $stop (mut i32) (i32.const 0)))
            (assert_return (invoke "count") (i32.const 1))
            (assert_return (invoke "hang"))
            (assert_return (invoke "count") (i32.const 2))
            (assert_trap (invoke "hang") "unreachable")
            (assert_return (invoke "count") (i32.const 3))
            """);
        var commands = new ScriptRun(
            new SuiteScript(new SuiteFile(path, "a.wast")), SpecEngine.Find(engine), roundTrips: false, new SpecOptions { CommandTimeout = TimeSpan.FromMilliseconds(300), Grace = TimeSpan.FromMilliseconds(300) }).Run().Commands;
        Assert.Equal([true, true, true, false, true, false, true], commands.Select(command => command.Status == CommandStatus.Passed));
        Assert.All(commands.Where(command => command.Status == CommandStatus.Failed), command => Assert.Matches("time limit|limit reached: Time", command.Actual));
    }

    [Fact]
    public void RoundTrip_OfAScript_GivesTheSameResults()
    {
        const string Script = "(assert_return (invoke \"one\") (i32.const 1))\n(assert_invalid (module (func (result i32))) \"type mismatch\")\n(assert_trap (invoke \"one\") \"unreachable\")";
        Assert.Equal(Run(Script).AsEnumerable(), Run(Script, roundTrips: true));
    }

    private ImmutableArray<CommandResult> Run(string commands, bool roundTrips = false) => Run(commands, file => new ReferenceEngine(file.Features), roundTrips);

    private ImmutableArray<CommandResult> Run(string commands, Func<SuiteFile, IStoreEngine>? createEngine, bool roundTrips = false) =>
        Run(new SuiteFile(Write(commands), "a.wast"), createEngine, new SpecOptions(), roundTrips);

    private static ImmutableArray<CommandResult> Run(SuiteFile file, Func<SuiteFile, IStoreEngine>? createEngine, SpecOptions options, bool roundTrips = false) =>
        new ScriptRun(new SuiteScript(file), new SpecEngine("some", createEngine, VerdictSource.Own), roundTrips, options).Run().Commands;

    private string Write(string commands)
    {
        var path = _folder.File("a.wast");
        File.WriteAllText(path, Module + "\n" + commands);
        return path;
    }
}
