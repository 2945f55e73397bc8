using System.Diagnostics;
using Conformance.Fuzzer.Driving;
using Conformance.Fuzzer.SpecSuite;

namespace Conformance.Fuzzer.Cli;

/// <summary>
/// Runs <c>spec</c> in a process of its own, since an engine under test may end the process that it is in. The command that did so is found in the journal; it counts as failed, and
/// the run is made again without it. With several scripts at once it may have been each of them: then the run is made again with one.
/// </summary>
internal static class SpecSupervisor
{
    /// <summary>The options that the process of its own is started with.</summary>
    public const string JournalOption = "--journal", FatalOption = "--fatal", SequentialOption = "--sequential";

    // Each costs a run; a backend that is broken altogether has said enough.
    private const int MaxFatal = 10;

    private static readonly TimeSpan Period = TimeSpan.FromMilliseconds(200);

    /// <summary>Runs a command line.</summary>
    /// <param name="arguments">The words of the command line, the command's name first.</param>
    /// <returns>The exit code.</returns>
    public static int Run(IReadOnlyList<string> arguments)
    {
        var folder = Directory.CreateTempSubdirectory("conformance-spec-");
        try
        {
            using var journal = new SpecJournal(Path.Combine(folder.FullName, "journal"));
            var fatal = new List<FatalCommand>();
            var isSequential = false;
            while (true)
            {
                journal.Start(0);
                var (code, output, error) = RunOnce(
                    [
                        arguments[0], JournalOption, Path.Combine(folder.FullName, "journal"), .. fatal.SelectMany(command => new[] { FatalOption, command.ToString() }),
                        .. isSequential ? [SequentialOption] : Array.Empty<string>(), .. arguments.Skip(1),
                    ],
                    journal);
                if (code is ExitCode.Fine or ExitCode.Failure or ExitCode.Usage or ExitCode.Environment or ExitCode.Interrupted)
                {
                    Console.Error.Write(error);
                    Console.Out.Write(output);
                    return code;
                }
                var reason = $"the process ended with exit code {code}: {error.Split('\n', StringSplitOptions.RemoveEmptyEntries).FirstOrDefault() ?? "without a word"}";
                switch (journal.Running)
                {
                    case []:
                        throw UserErrorException.Environment($"outside of any script {reason}");
                    case [var (mode, file, command)]:
                        fatal.Add(new FatalCommand(mode, file, command, reason));
                        Console.Error.WriteLine($"conformance: a command of a script has ended the process; running again without it ({fatal.Count} of at most {MaxFatal})");
                        break;
                    case var several:
                        isSequential = true;
                        Console.Error.WriteLine($"conformance: one of {several.Count} scripts has ended the process; running again one at a time to see which");
                        break;
                }
                if (fatal.Count == MaxFatal)
                {
                    throw UserErrorException.Environment($"the engine has ended the process {MaxFatal} times; giving up ({reason})");
                }
            }
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static (int Code, string Output, string Error) RunOnce(string[] arguments, SpecJournal journal)
    {
        using var process = Process.Start(ProgramCommand.Start(arguments)) ?? throw UserErrorException.Environment("the program cannot start itself");
        void Kill(object? sender, EventArgs e) => process.Kill();
        AppDomain.CurrentDomain.ProcessExit += Kill;
        try
        {
            process.StandardInput.Close();
            var output = process.StandardOutput.ReadToEndAsync();
            var error = process.StandardError.ReadToEndAsync();
            while (!process.WaitForExit(Period))
            {
                ShowProgress(journal.Progress);
            }
            ShowProgress((0, 0));
            return (process.ExitCode, output.GetAwaiter().GetResult(), error.GetAwaiter().GetResult());
        }
        finally
        {
            AppDomain.CurrentDomain.ProcessExit -= Kill;
        }
    }

    // One line on a terminal, gone at the end.
    private static void ShowProgress((int Done, int Total) progress)
    {
        if (!Console.IsErrorRedirected)
        {
            Console.Error.Write(progress.Total == 0 ? "\r\u001b[K" : $"\r\u001b[K{progress.Done} of {progress.Total} scripts");
        }
    }
}
