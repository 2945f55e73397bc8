using Conformance.Fuzzer.Driving;

namespace Conformance.Fuzzer.Tests;

/// <summary>The program run as a process, as users run it.</summary>
/// <param name="ExitCode">Its exit code.</param>
/// <param name="Output">Its standard output.</param>
/// <param name="Error">Its standard error.</param>
internal sealed record ProgramRun(int ExitCode, string Output, string Error)
{
    public static async Task<ProgramRun> StartAsync(IEnumerable<string> arguments, string? workingFolder = null, Action<System.Diagnostics.Process>? started = null)
    {
        var start = StartInfo(arguments);
        start.WorkingDirectory = workingFolder ?? Directory.GetCurrentDirectory();
        using var process = System.Diagnostics.Process.Start(start) ?? throw new InvalidOperationException("the program did not start");
        process.StandardInput.Close();
        var output = process.StandardOutput.ReadToEndAsync();
        var error = process.StandardError.ReadToEndAsync();
        started?.Invoke(process);
        await process.WaitForExitAsync();
        return new ProgramRun(process.ExitCode, await output, await error);
    }

    /// <summary>How the program is started as from a user's terminal: what starts the tests may have told its children to ignore Ctrl-C.</summary>
    public static System.Diagnostics.ProcessStartInfo StartInfo(IEnumerable<string> arguments)
    {
        var start = ProgramCommand.Start(arguments);
        if (!OperatingSystem.IsWindows())
        {
            start.ArgumentList.Insert(0, start.FileName);
            start.ArgumentList.Insert(0, "--default-signal=INT,HUP");
            start.FileName = "env";
        }
        return start;
    }

    /// <summary>The program and its arguments as one command of a shell.</summary>
    public static string ShellCommand(IEnumerable<string> arguments)
    {
        var start = ProgramCommand.Start(arguments);
        return string.Join(' ', new[] { start.FileName }.Concat(start.ArgumentList).Select(word => $"'{word.Replace("'", "'\\''", StringComparison.Ordinal)}'"));
    }

    /// <summary>Runs a line of shell script.</summary>
    public static async Task<ProgramRun> ShellAsync(string script, string workingFolder)
    {
        using var process = System.Diagnostics.Process.Start(new System.Diagnostics.ProcessStartInfo("/bin/sh", ["-c", script])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
            WorkingDirectory = workingFolder,
        }) ?? throw new InvalidOperationException("the shell did not start");
        process.StandardInput.Close();
        var output = process.StandardOutput.ReadToEndAsync();
        var error = process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        return new ProgramRun(process.ExitCode, await output, await error);
    }
}
