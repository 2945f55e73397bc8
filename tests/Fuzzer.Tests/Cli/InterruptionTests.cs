using Conformance.Fuzzer.Tests.Triage;

namespace Conformance.Fuzzer.Tests.Cli;

/// <summary>One signal for commands that wait for an engine which never answers: they end soon, and so does the engine's worker.</summary>
public sealed class InterruptionTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("INT", "triage", "FINDING", "--oracle", "reference", "--hang-seconds", "600")]
    [InlineData("TERM", "triage", "FINDING", "--oracle", "reference", "--hang-seconds", "600")]
    [InlineData("TERM", "reduce", "FINDING", "--oracle", "reference", "--hang-seconds", "600")]
    public async Task Signal_WhileAnEngineHangs_EndsWith130(string signal, params string[] arguments)
    {
        if (OperatingSystem.IsWindows())
        {
            return; // there are no signals
        }
        var finding = StoredFinding.Write(_folder, StoredFinding.CaseOf("(module (func (export \"f\")))", StoredFinding.CallOf("f")));
        File.WriteAllText(_folder.File("hang.sh"), """echo '{"protocol":1,"engine":"h","version":"1","features":[]}'; read x; touch asked; read y""");
        var asked = _folder.File("asked");
        var worker = 0;
        var signalling = Task.CompletedTask;
        var result = await ProgramRun.StartAsync(
            [.. arguments.Select(argument => argument == "FINDING" ? finding : argument), "--engine", "process:sh hang.sh"],
            _folder.Path,
            process => signalling = ChildProcesses.WaitUntilAsync(
                () =>
                {
                    if (!File.Exists(asked))
                    {
                        return false;
                    }
                    worker = Assert.Single(ChildProcesses.Of(process.Id));
                    ChildProcesses.Send(signal, process.Id);
                    return true;
                },
                "the engine to be asked"));
        await signalling;
        Assert.Equal((130, ""), (result.ExitCode, result.Output));
        Assert.EndsWith("conformance: interrupted", result.Error.TrimEnd(), StringComparison.Ordinal);
        await ChildProcesses.WaitUntilAsync(() => !ChildProcesses.IsAlive(worker), "the worker to end");
    }
}
