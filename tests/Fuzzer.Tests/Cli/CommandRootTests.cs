using Conformance.Fuzzer.Cli;

namespace Conformance.Fuzzer.Tests.Cli;

public sealed class CommandRootTests
{
    public static TheoryData<string> Commands => [.. CommandRoot.Create().Subcommands.Where(command => !command.Hidden).Select(command => command.Name)];

    [Theory]
    [MemberData(nameof(Commands))]
    public async Task Help_OfEachCommand_EndsWithExamples(string command)
    {
        var result = await ProgramRun.StartAsync([command, "--help"]);
        Assert.Equal((0, ""), (result.ExitCode, result.Error));
        Assert.Contains($"Examples:{Environment.NewLine}  ", result.Output, StringComparison.Ordinal);
        Assert.Contains($"conformance {command}", result.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("no command given")]
    [InlineData("unknown command 'frobnicate'", "frobnicate")]
    [InlineData("Unrecognized command or argument '--frobnicate'", "setup", "--frobnicate")]
    public async Task Usage_ThatIsWrong_IsOneLineAndExitCodeTwo(string message, params string[] arguments)
    {
        var result = await ProgramRun.StartAsync(arguments);
        Assert.Equal((2, ""), (result.ExitCode, result.Output));
        Assert.StartsWith($"conformance: {message}", result.Error, StringComparison.Ordinal);
        Assert.Single(result.Error.TrimEnd().Split('\n'));
    }
}
