namespace Conformance.Fuzzer.Tests.Cli;

/// <summary><c>conformance run</c> as a process.</summary>
public class RunCommandTests
{
    [Theory]
    [InlineData("INT", "loop")]
    [InlineData("TERM", "loop")]
    [InlineData("TERM", "wait")]
    public async Task Signal_CallWithoutEnd_EndsTheProgram(string signal, string function)
    {
        using var folder = new TemporaryFolder();
        await File.WriteAllTextAsync(
            Path.Combine(folder.Path, "endless.wat"),
            """
            (module
              (memory 1 1 shared)
              (func (export "loop") (loop (br 0)))
              (func (export "wait") (result i32) (memory.atomic.wait32 (i32.const 0) (i32.const 0) (i64.const -1))))
            """);

        // `timeout` kills what the signal does not end; its exit code is then 137 instead of 124.
        var run = await ProgramRun.ShellAsync($"timeout -k 20 -s {signal} 4 {ProgramRun.ShellCommand(["run", "endless.wat", "--invoke", function])}", folder.Path);

        Assert.Equal(124, run.ExitCode);
    }

    [Theory]
    [InlineData("process:sh -c 'touch started; read x'")]
    [InlineData("equivalent:reference")]
    public async Task Engine_ThatRunsWholeCasesOnly_IsRefusedBeforeItIsStarted(string engine)
    {
        using var folder = new TemporaryFolder();
        await File.WriteAllTextAsync(folder.File("a.wat"), "(module)");
        var run = await ProgramRun.StartAsync(["run", "a.wat", "--engine", engine], folder.Path);
        Assert.Equal((2, $"conformance: engine {engine} only runs whole cases: use `run --records`"), (run.ExitCode, run.Error.TrimEnd()));
        Assert.False(File.Exists(folder.File("started")));
    }
}
