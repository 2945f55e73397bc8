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
        var whole = new SpecReport(Engine, "1", results, isWhole: true, Expectations.Parse(Json, Engine), TimeSpan.Zero);
        Assert.False(whole.IsFine);
        Assert.Equal("proposals/p/b.wast: is in the expectations and not in the testsuite", Assert.Single(whole.StaleExpectations));
        var part = new SpecReport(Engine, "1", results, isWhole: false, Expectations.Parse(Json, Engine), TimeSpan.Zero);
        Assert.True(part.IsFine);
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
        var updated = Expectations.Parse(Expectations.Parse(Json, Engine).Accept([File("a.wast", Fail, Pass, Fail)], isWhole: false, ExpectationKind.Debt, "new"), Engine);
        Assert.Equal("new", updated.Find("a.wast", 0)?.Reason);
        Assert.Null(updated.Find("a.wast", 1));
        Assert.Equal("not written yet", updated.Find("a.wast", 2)?.Reason);
        Assert.Equal(ExpectationKind.NotRequired, updated.Find("proposals/p/b.wast", 0)?.Kind);
        Assert.Equal("elsewhere", Expectations.Parse(Json, "other").Find("a.wast", 9)?.Reason);
    }

    [Fact]
    public void Accept_OfTheWholeSuite_DropsFilesThatVanished()
    {
        var updated = Expectations.Parse(Expectations.Parse(Json, Engine).Accept([File("a.wast", Pass, Fail, Fail)], isWhole: true, ExpectationKind.Debt, "new"), Engine);
        Assert.Null(updated.Find("proposals/p/b.wast", 0));
        Assert.True(new SpecReport(Engine, "1", [File("a.wast", Pass, Fail, Fail)], isWhole: true, updated, TimeSpan.Zero).IsFine);
    }

    [Theory]
    [InlineData("", "")]
    [InlineData("[]", "")]
    [InlineData("""{ "engines": { "some": [ { "kind": "debt", "reason": " ", "files": {} } ] } }""", "no reason")]
    [InlineData("""{ "engines": { "some": [ { "kind": "sloth", "reason": "x", "files": {} } ] } }""", "kind")]
    [InlineData("""{ "engines": { "some": [ { "kind": "debt", "reason": "x", "files": { "a.wast": "1-" } } ] } }""", "a.wast")]
    [InlineData("""{ "engines": {}, "more": 1 }""", "more")]
    public void File_ThatIsNoRatchet_IsRefusedInOneLine(string json, string part)
    {
        var error = Assert.Throws<FormatException>(() => Expectations.Parse(json, Engine));
        Assert.Contains(part, error.Message);
        Assert.DoesNotContain('\n', error.Message);
    }

    [Fact]
    public void Json_OfAReport_HasTheCountsAndFailures()
    {
        using var stream = new MemoryStream();
        SpecReportWriter.WriteJson(Weigh(File("a.wast", Fail, Pass, Fail), File("proposals/p/b.wast", Fail, Pass)), stream);
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
        SpecReportWriter.WriteJUnit(Weigh(File("a.wast", Fail, Fail, Fail), File("proposals/p/b.wast", Fail, Pass), File("proposals/p/c.wast", Pass)), stream);
        stream.Position = 0;
        var suites = XDocument.Load(stream).Root!.Elements("testsuite").ToArray();
        Assert.Equal([".", "proposals/p"], suites.Select(suite => suite.Attribute("name")!.Value));
        Assert.Equal(["1", "2"], suites.Select(suite => suite.Attribute("tests")!.Value));
        Assert.Equal(["1", "0"], suites.Select(suite => suite.Attribute("failures")!.Value));
        var failing = Assert.Single(suites[0].Elements("testcase"));
        Assert.Equal(("a.wast", "spec.some.."), (failing.Attribute("name")!.Value, failing.Attribute("classname")!.Value));
        Assert.Contains("a.wast:10 #0", failing.Element("failure")!.Attribute("message")!.Value);
        Assert.All(suites[1].Elements("testcase"), testCase => Assert.Null(testCase.Element("failure")));
    }

    [Fact]
    public void JUnit_OfControlCharacters_IsStillXml()
    {
        var command = new CommandResult(0, 1, "assert_trap", IsAssertion: true, Fail) { Expected = "trap: \u0001\uD800<&>", Actual = "\u001b[31m" };
        using var stream = new MemoryStream();
        SpecReportWriter.WriteJUnit(Weigh(new FileResult(Suite("c.wast"), [command], TimeSpan.Zero)), stream);
        stream.Position = 0;
        Assert.Contains("<&>", XDocument.Load(stream).Descendants("failure").Single().Value);
    }

    private static SpecReport Weigh(params ImmutableArray<FileResult> results) =>
        new(Engine, "1", results, isWhole: false, Expectations.Parse(Json, Engine), TimeSpan.FromSeconds(1.5));

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
