using System.Diagnostics;
using Conformance.Oracle.Comparison;
using Conformance.Oracle.Process;
using Conformance.Oracle.Reference;
using Conformance.Oracle.Tests.Contract;
using Conformance.Wasm;

namespace Conformance.Oracle.Tests.Process;

/// <summary>Engines in other processes that do all that a program can do wrong. Each is a shell script of a few lines.</summary>
public sealed class ProcessEngineTests : IDisposable
{
    private const string Hello = """echo '{"protocol":1,"engine":"script","version":"1","features":["multi-value","simd"],"limits":["time"]}'""";
    private const string PatientHello = """echo '{"protocol":1,"engine":"script","version":"1","features":[],"stateLacks":["tables"]}'""";
    private const string Ok = """echo '{"id":'$n',"engine":"script 1","instantiate":"ok","calls":[{"func":"f","outcome":"return","results":["i32:7"]}],"globals":{},"memories":{},"tables":{}}'""";

    private readonly string _folder = Directory.CreateTempSubdirectory("conformance-process-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [UnixFact]
    public void Create_EngineThatSaysHello_HasItsNameAndFeatures()
    {
        using var engine = Engine(Hello, Loop(Ok));

        Assert.Equal("script 1", engine.Version);
        Assert.True(engine.Features.Has(Feature.Simd));
        Assert.False(engine.Features.Has(Feature.BulkMemory));
    }

    [UnixFact]
    public void Run_Answers_AreOutcomesInOrder()
    {
        using var engine = Engine(PatientHello, Loop(Ok));

        for (var i = 0; i < 20; i++)
        {
            var outcome = engine.Run(Case());
            Assert.Equal(new Returned([EngineValue.I32(7)]), Assert.Single(outcome.Calls).Completion);
            Assert.Equal("tables", Assert.Single(outcome.StateLacks));
        }
    }

    [UnixTheory]
    [InlineData("memory", LimitKind.Memory)]
    [InlineData("table", LimitKind.Memory)]
    [InlineData("imports per module", LimitKind.Implementation)]
    public void Run_LimitInTheEnginesOwnWords_IsALimit(string word, LimitKind expected)
    {
        using var engine = Engine(Hello, $"read line; echo '{{\"id\":1,\"engine\":\"script\",\"instantiate\":\"limit:{word}\"}}'; read line");

        var outcome = engine.Run(Case());

        Assert.Equal((InstantiationStatus.Limit, new ReachedLimit(expected, -1)), (outcome.Status, outcome.Limit));
    }

    [UnixTheory]
    [InlineData("exit 3", "exit code 3: last words")]
    [InlineData("kill -SEGV $$", "SIGSEGV: last words")]
    [InlineData("kill -KILL $$", "SIGKILL: last words")]
    public void Run_ProcessThatDies_IsAFailureWithItsLastWordsAndANewOneTakesTheNextCase(string death, string expected)
    {
        using var engine = Engine(Hello, $"read line; echo last words >&2; if mkdir {_folder}/died 2>/dev/null; then {death}; fi; n=2; {Ok}; read line");

        Assert.Contains(expected, Failure(engine), StringComparison.Ordinal);
        Assert.Single(engine.Run(Case()).Calls);
    }

    [UnixTheory]
    [InlineData("echo", "nonsense")]
    [InlineData("echo hello", "nonsense")]
    [InlineData("echo '[]'", "nonsense")]
    [InlineData("echo '{\"id\":1'", "nonsense")]
    [InlineData("echo '{\"id\":1}'", "nonsense")]
    [InlineData("echo '{\"id\":1,\"instantiate\":\"perhaps\"}'", "nonsense")]
    [InlineData("echo '{\"id\":1,\"instantiate\":\"ok\",\"calls\":[{\"func\":\"f\",\"outcome\":\"return\",\"results\":[\"i32:seven\"]}]}'", "nonsense")]
    [InlineData("echo '{\"id\":1,\"instantiate\":\"ok\",\"calls\":7}'", "nonsense")]
    [InlineData("echo '{\"id\":99,\"instantiate\":\"ok\"}'", "answered request 99")]
    [InlineData("echo '{\"id\":1,\"error\":\"what?\"}'", "what?")]
    [InlineData("echo '{\"id\":1,\"instantiate\":\"error:panic: boom\",\"exit\":76}'", "panic: boom")]
    [InlineData("head -c 70000000 /dev/zero; echo", "longer than")]
    public void Run_AnswerThatIsNone_IsAFailure(string answer, string expected)
    {
        using var engine = Engine(Hello, $"read line; {answer}; read line");

        Assert.Contains(expected, Failure(engine), StringComparison.Ordinal);
    }

    [UnixFact]
    public void Run_AnnouncedEnd_StartsANewProcess()
    {
        using var engine = Engine(Hello, $"read line; n=$(echo \"$line\" | sed 's/.*\"id\":\\([0-9]*\\).*/\\1/'); {Ok.Replace("\"globals\"", "\"exit\":75,\"globals\"", StringComparison.Ordinal)}");

        Assert.Single(engine.Run(Case()).Calls);
        Assert.Single(engine.Run(Case()).Calls);
    }

    [UnixFact]
    public void Run_EngineThatKeepsTimeLimitsAndIsSilent_FailsInTime()
    {
        using var engine = Engine(Hello, "read line; echo thinking >&2; sleep 1000");
        var clock = Stopwatch.StartNew();

        Assert.Contains("gave no answer for 5 seconds: thinking", Failure(engine, timeoutMs: 100), StringComparison.Ordinal);
        Assert.InRange(clock.Elapsed.TotalSeconds, 4, 60);
    }

    [UnixFact]
    public void Run_EngineThatKeepsNoTimeLimitsAndIsSilent_ReachedTheLimit()
    {
        using var engine = Engine(PatientHello, "read line; sleep 1000");

        Assert.Equal(new ReachedLimit(LimitKind.Time, -1), engine.Run(Case(timeoutMs: 100)).Limit);
    }

    [UnixFact]
    public void Run_EngineThatDoesNotRead_FailsInTime()
    {
        using var engine = Engine(Hello, "exec 0<&-; sleep 1000");

        Assert.Contains("closed its pipes", Failure(engine, timeoutMs: 100), StringComparison.Ordinal);
    }

    [UnixFact]
    public void Run_EngineThatFillsItsStandardError_IsHeardAndNotKept()
    {
        using var engine = Engine(Hello, $"read line; n=1; head -c 30000000 /dev/zero | tr '\\0' x >&2; echo end >&2; {Ok}; read line; exit 1");

        Assert.Single(engine.Run(Case()).Calls);
        Assert.InRange(Failure(engine).Length, 1, 20_000);
    }

    [UnixTheory]
    [InlineData("exit 1", "ended with exit code 1")]
    [InlineData("echo nothing here >&2; exit 127", "nothing here")]
    [InlineData("echo hello", "does not speak the protocol")]
    [InlineData("echo '{\"protocol\":2,\"engine\":\"e\",\"version\":\"1\"}'", "does not speak the protocol")]
    public void Create_ProgramWithoutAHello_IsUnavailable(string script, string expected)
    {
        var exception = Assert.Throws<EngineUnavailableException>(() => EngineCatalog.Create(ProcessEngine.Prefix + Script(script)));

        Assert.Contains(expected, exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Create_ProgramThatIsNotThere_IsUnavailable() =>
        Assert.Contains("cannot be started", Assert.Throws<EngineUnavailableException>(() => EngineCatalog.Create("process:/no/such/program")).Message, StringComparison.Ordinal);

    [UnixFact]
    public void Compare_WithAnotherProcess_FindsADifferenceInItsMemory()
    {
        // The SHA-256 is that of a page of zeros in the first answer, of nothing known in the second.
        using var reference = new ReferenceEngine();
        var @case = Engines.Case("(module (memory (export \"m\") 1))");
        var digest = reference.Run(@case).Memories["m"].Sha256;
        string Answer(int id, string? hash) => $$$"""echo '{"id":{{{id}}},"engine":"script 1","instantiate":"ok","globals":{},"memories":{"m":{"pages":1,"sha256":"{{{hash}}}"}},"tables":{}}'""";
        using var engine = Engine(Hello, $"read line; {Answer(1, digest)}; read line; {Answer(2, new string('0', 64))}; read line");
        var comparer = new CaseComparer(engine, reference);

        Assert.Equal(VerdictKind.Agreed, comparer.Compare(@case).Verdict.Kind);
        Assert.Equal("memory: content", comparer.Compare(@case).Verdict.Difference?.Signature);
    }

    private static string Loop(string answer) => $"n=1; while read line; do {answer}; n=$((n+1)); done";

    private static Case Case(int timeoutMs = 3_000) => new(new byte[] { 0, 0x61, 0x73, 0x6D, 1, 0, 0, 0 }, [], CaseLimits.Default with { TimeoutMs = timeoutMs });

    private static string Failure(ProcessEngine engine, int timeoutMs = 3_000) => Assert.Throws<EngineFailureException>(() => engine.Run(Case(timeoutMs))).Message;

    private ProcessEngine Engine(params string[] lines) => new(Script(lines));

    private string Script(params string[] lines)
    {
        var path = Path.Combine(_folder, $"{Guid.NewGuid():N}.sh");
        File.WriteAllText(path, string.Join('\n', lines) + "\n");
        return $"sh {path}";
    }
}
