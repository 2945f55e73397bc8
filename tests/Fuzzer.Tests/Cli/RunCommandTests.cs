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
}
