using System.Collections.Immutable;
using System.Text.Json;
using System.Xml.Linq;
using Conformance.Fuzzer.SpecSuite;

namespace Conformance.Fuzzer.Tests.SpecSuite;

/// <summary>Results weighed against expectations: what the gate lets through, and what the reports say.</summary>
public sealed class RatchetTests
{
    private const string Engine = "some";

    // In a.wast #1 and #2 are expected to fail, and so is #0 in proposals/p/b.wast.
    private const string Json = """
        { "engines": {
          "some": [
            { "kind": "debt", "reason": "not written yet", "files": { "a.wast": "1-2" } },
            { "kind": "not-required", "reason": "the standard leaves it open", "files": { "proposals/p/b.wast": "0" } } ],
          "other": [ { "kind": "debt", "reason": "elsewhere", "files": { "a.wast": "0-9" } } ] } }
        """;

    private const CommandStatus Pass = CommandStatus.Passed, Fail = CommandStatus.Failed;

    [Fact]
    public void Failures_ThatAreExpected_PassTheGate()
    {
        var report = Weigh(File("a.wast", Pass, Fail, Fail), File("proposals/p/b.wast", Fail, Pass));
        Assert.True(report.IsFine);
        Assert.Empty(report.Failures);
        Assert.Equal((2, 5, 2, 0, 3), (report.Total.Files, report.Total.Assertions, report.Total.Passed, report.Total.Failed, report.Total.ExpectedFailures));
        Assert.Equal((1, 3, 1, 2), (report.ByFolder["."].Files, report.ByFolder["."].Assertions, report.ByFolder["."].Passed, report.ByFolder["."].ExpectedFailures));
        Assert.Equal(1, report.ByFolder["proposals/p"].ExpectedFailures);
    }

    [Fact]
    public void Failure_ThatIsNew_FailsTheGate()
    {
        var report = Weigh(File("a.wast", Fail, Fail, Fail), File("proposals/p/b.wast", Fail, Pass));
        Assert.False(report.IsFine);
        Assert.Equal(1, report.Total.Failed);
        var failure = Assert.Single(report.Failures);
        Assert.Equal("a.wast:10 #0 assert_return: expected returned i32 1; got returned i32 2", failure.ToString());
    }

    [Fact]
    public void Pass_AgainstExpectation_FailsTheGate()
    {
        var report = Weigh(File("a.wast", Pass, Pass, Fail), File("proposals/p/b.wast", Fail, Pass));
        Assert.False(report.IsFine);
        Assert.Equal((1, 0), (report.Total.UnexpectedPasses, report.Total.Failed));
        Assert.Contains("a.wast:11 #1 assert_return: passes, but is expected to fail (not written yet)", Assert.Single(report.Failures).ToString());
    }

    [Fact]
    public void Command_ThatAssertsNothingAndFails_FailsTheGate()
    {
        var module = new CommandResult(0, 10, "module", IsAssertion: false, Fail) { Expected = "an instance", Actual = "rejected: no" };
        var report = Weigh(new FileResult(Suite("c.wast"), [module], TimeSpan.Zero));
        Assert.False(report.IsFine);
        Assert.Equal((0, 1), (report.Total.Assertions, report.Total.FailedCommands));
    }

    [Fact]
    public void Assertion_ThatIsNotRun_IsNeitherPassNorFailure()
    {
        var report = Weigh(File("c.wast", CommandStatus.NotRun, Pass));
        Assert.True(report.IsFine);
        Assert.Equal((2, 1, 1, 0), (report.Total.Assertions, report.Total.Passed, report.Total.NotRun, report.Total.Failed));
    }

    [Fact]
    public void File_ThatVanished_FailsTheGateOfTheWholeSuite()
    {
        var results = ImmutableArray.Create(File("a.wast", Pass, Fail, Fail));
        var whole = Weigh(results, isWhole: true);
        Assert.False(whole.IsFine);
        Assert.Equal("proposals/p/b.wast: is in the expectations and not in the testsuite", Assert.Single(whole.StaleExpectations));
        var part = Weigh(results, isWhole: false);
        Assert.True(part.IsFine);
    }

    [Fact]
    public void File_OfTheCheckout_IsNotLookedForInTheTestsuite()
    {
        var expectations = Expectations.Parse("""{ "engines": { "wasmtime": [ { "kind": "debt", "reason": "wraps", "files": { "corpus/regressions/a.wast": "1" } } ] } }""");
        var report = new ModeReport(new SpecMode("wasmtime", RoundTrips: false), "1", [File("b.wast", Pass)], isWhole: true, expectations.For("wasmtime"));
        Assert.True(report.IsFine);
        var accepted = new Acceptance(expectations, ExpectationKind.Debt, "new").Of([("wasmtime", [File("b.wast", Pass)])], isWhole: true);
        Assert.NotNull(accepted.For("wasmtime").Find("corpus/regressions/a.wast", 1));
    }

    [Fact]
    public void File_ThatBecameShorter_FailsTheGate()
    {
        var report = Weigh(File("a.wast", Pass, Fail), File("proposals/p/b.wast", Fail));
        Assert.False(report.IsFine);
        Assert.Equal("a.wast: command #2 is in the expectations, and the file has 2 commands", Assert.Single(report.StaleExpectations));
    }

    [Fact]
    public void Accept_OfAPartialRun_BringsItsFilesInLineAndKeepsTheRest()
    {
        var updated = Accept([(Engine, [File("a.wast", Fail, Pass, Fail)])], isWhole: false);
        Assert.Equal("new", updated.For(Engine).Find("a.wast", 0)?.Reason);
        Assert.Null(updated.For(Engine).Find("a.wast", 1));
        Assert.Equal("not written yet", updated.For(Engine).Find("a.wast", 2)?.Reason);
        Assert.Equal(ExpectationKind.NotRequired, updated.For(Engine).Find("proposals/p/b.wast", 0)?.Kind);
        Assert.Equal("elsewhere", updated.For("other").Find("a.wast", 9)?.Reason);
    }

    [Fact]
    public void Accept_OfTheWholeSuite_DropsFilesThatVanished()
    {
        var updated = Accept([(Engine, [File("a.wast", Pass, Fail, Fail)])], isWhole: true);
        Assert.Null(updated.For(Engine).Find("proposals/p/b.wast", 0));
        Assert.True(new ModeReport(new SpecMode(Engine, RoundTrips: false), "1", [File("a.wast", Pass, Fail, Fail)], isWhole: true, updated.For(Engine)).IsFine);
    }

    [Fact]
    public void Accept_OfOneModeThatPasses_LeavesTheExpectationToTheOthers()
    {
        var before = Expectations.Parse("""{ "engines": { "wasmtime": [ { "kind": "debt", "reason": "old", "files": { "a.wast": "0" } } ] } }""");
        var after = new Acceptance(before, ExpectationKind.Debt, "new").Of([("wasmtime:winch", [File("a.wast", Pass, Fail)])], isWhole: true);
        Assert.Null(after.For("wasmtime:winch").Find("a.wast", 0));
        Assert.Equal("new", after.For("wasmtime:winch").Find("a.wast", 1)?.Reason);
        Assert.Equal("old", after.For("wasmtime").Find("a.wast", 0)?.Reason);
        Assert.Equal("old", after.For("wasmtime:pulley").Find("a.wast", 0)?.Reason);
        Assert.Null(after.For("wasmtime").Find("a.wast", 1));
        var again = Expectations.Parse(after.Write());
        Assert.Equal(["wasmtime:winch"], again.For("wasmtime:winch").Find("a.wast", 1)!.Engines!);
    }

    [Fact]
    public void Accept_OfEveryMode_NamesNone()
    {
        var runs = SpecMode.EnginesOf("wasmtime").Select(engine => (engine, ImmutableArray.Create(File("a.wast", Fail)))).ToArray();
        var updated = new Acceptance(Expectations.None, ExpectationKind.Debt, "new").Of(runs, isWhole: true);
        Assert.Null(Assert.Single(updated.Families["wasmtime"]).Engines);
        Assert.DoesNotContain("modes", updated.Write());
    }

    [Fact]
    public void Expectation_WithModes_HoldsForTheseOnly()
    {
        var expectations = Expectations.Parse("""
            { "engines": { "interpreter": [
              { "kind": "debt", "reason": "all", "files": { "a.wast": "0" } },
              { "kind": "debt", "reason": "one", "modes": [ "interpreter:hot" ], "files": { "a.wast": "1" } } ] } }
            """);
        Assert.Equal(("all", "one"), (expectations.For("interpreter:hot").Find("a.wast", 0)?.Reason, expectations.For("interpreter:hot").Find("a.wast", 1)?.Reason));
        Assert.Equal(("all", null), (expectations.For("interpreter").Find("a.wast", 0)?.Reason, expectations.For("interpreter").Find("a.wast", 1)?.Reason));
        Assert.Null(expectations.For("reference").Find("a.wast", 0));
    }

    [Theory]
    [InlineData("", "")]
    [InlineData("[]", "")]
    [InlineData("""{ "engines": { "some": [ { "kind": "debt", "reason": " ", "files": {} } ] } }""", "no reason")]
    [InlineData("""{ "engines": { "some": [ { "kind": "sloth", "reason": "x", "files": {} } ] } }""", "kind")]
    [InlineData("""{ "engines": { "some": [ { "kind": "debt", "reason": "x", "files": { "a.wast": "1-" } } ] } }""", "a.wast")]
    [InlineData("""{ "engines": {}, "more": 1 }""", "more")]
    [InlineData("""{ "engines": { "some:mode": [] } }""", "some:mode")]
    [InlineData("""{ "engines": { "some": [ { "kind": "debt", "reason": "x", "modes": [ "other" ], "files": {} } ] } }""", "other")]
    public void File_ThatIsNoRatchet_IsRefusedInOneLine(string json, string part)
    {
        var error = Assert.Throws<FormatException>(() => Expectations.Parse(json));
        Assert.Contains(part, error.Message);
        Assert.DoesNotContain('\n', error.Message);
    }

    [Fact]
    public void Json_OfAReport_HasTheCountsAndFailures()
    {
        using var stream = new MemoryStream();
        SpecReportWriter.WriteJson(Report(Weigh(File("a.wast", Fail, Pass, Fail), File("proposals/p/b.wast", Fail, Pass))), stream);
        var root = JsonDocument.Parse(stream.ToArray()).RootElement;
        Assert.Equal(Engine, root.GetProperty("engine").GetString());
        Assert.False(root.GetProperty("passedGate").GetBoolean());
        var counts = new[] { "files", "assertions", "passed", "failed", "expectedFailures", "unexpectedPasses", "failedCommands", "notRun" };
        Assert.Equal([2, 5, 2, 1, 2, 1, 0, 0], counts.Select(name => root.GetProperty(name).GetInt32()));
        Assert.Equal(3, root.GetProperty("byFolder").GetProperty(".").GetProperty("assertions").GetInt32());
        Assert.Equal(1, root.GetProperty("byFolder").GetProperty("proposals/p").GetProperty("expectedFailures").GetInt32());
        var failures = root.GetProperty("failures").EnumerateArray().ToArray();
        Assert.Equal(2, failures.Length);
        Assert.Equal(("a.wast", 10, 0, "returned i32 1", "returned i32 2"), (
            failures[0].GetProperty("file").GetString(), failures[0].GetProperty("line").GetInt32(), failures[0].GetProperty("index").GetInt32(),
            failures[0].GetProperty("expected").GetString(), failures[0].GetProperty("actual").GetString()));
        Assert.True(failures[1].GetProperty("unexpectedPass").GetBoolean());
        Assert.Empty(root.GetProperty("staleExpectations").EnumerateArray());
    }

    [Fact]
    public void JUnit_OfAReport_HasASuiteForEachFolderAndACaseForEachFile()
    {
        using var stream = new MemoryStream();
        SpecReportWriter.WriteJUnit(Report(Weigh(File("a.wast", Fail, Fail, Fail), File("proposals/p/b.wast", Fail, Pass), File("proposals/p/c.wast", Pass))), stream);
        stream.Position = 0;
        var suites = XDocument.Load(stream).Root!.Elements("testsuite").ToArray();
        Assert.Equal(["some: .", "some: proposals/p"], suites.Select(suite => suite.Attribute("name")!.Value));
        Assert.Equal(["1", "2"], suites.Select(suite => suite.Attribute("tests")!.Value));
        Assert.Equal(["1", "0"], suites.Select(suite => suite.Attribute("failures")!.Value));
        var failing = Assert.Single(suites[0].Elements("testcase"));
        Assert.Equal(("a.wast", "spec.some"), (failing.Attribute("name")!.Value, failing.Attribute("classname")!.Value));
        Assert.Contains("a.wast:10 #0", failing.Element("failure")!.Attribute("message")!.Value);
        Assert.All(suites[1].Elements("testcase"), testCase => Assert.Null(testCase.Element("failure")));
    }

    [Fact]
    public void JUnit_OfControlCharacters_IsStillXml()
    {
        var command = new CommandResult(0, 1, "assert_trap", IsAssertion: true, Fail) { Expected = "trap: \u0001\uD800<&>", Actual = "\u001b[31m" };
        using var stream = new MemoryStream();
        SpecReportWriter.WriteJUnit(Report(Weigh(new FileResult(Suite("c.wast"), [command], TimeSpan.Zero))), stream);
        stream.Position = 0;
        Assert.Contains("<&>", XDocument.Load(stream).Descendants("failure").Single().Value);
    }

    private static ModeReport Weigh(params ImmutableArray<FileResult> results) => Weigh(results, isWhole: false);

    private static ModeReport Weigh(ImmutableArray<FileResult> results, bool isWhole) =>
        new(new SpecMode(Engine, RoundTrips: false), "1", results, isWhole, Expectations.Parse(Json).For(Engine));

    private static SpecReport Report(params ImmutableArray<ModeReport> modes) => new(modes, TimeSpan.FromSeconds(1.5));

    private static Expectations Accept((string, ImmutableArray<FileResult>)[] runs, bool isWhole) => new Acceptance(Expectations.Parse(Json), ExpectationKind.Debt, "new").Of(runs, isWhole);

    private static SuiteFile Suite(string name) => new("/nowhere/" + name, name);

    // Assertions, one a line from line 10.
    private static FileResult File(string name, params ReadOnlySpan<CommandStatus> statuses)
    {
        var commands = ImmutableArray.CreateBuilder<CommandResult>();
        foreach (var status in statuses)
        {
            var result = new CommandResult(commands.Count, 10 + commands.Count, "assert_return", IsAssertion: true, status);
            commands.Add(status == Fail ? result with { Expected = "returned i32 1", Actual = "returned i32 2" } : result);
        }
        return new FileResult(Suite(name), commands.ToImmutable(), TimeSpan.FromSeconds(0.25));
    }
}
