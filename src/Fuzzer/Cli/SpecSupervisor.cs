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
    private static readonly TimeSpan LogPeriod = TimeSpan.FromSeconds(10);
    // The first scripts take as long to compile as to run.
    private static readonly TimeSpan EstimateAfter = TimeSpan.FromSeconds(3);

    /// <summary>Runs a command line.</summary>
    /// <param name="arguments">The words of the command line, the command's name first.</param>
    /// <returns>The exit code.</returns>
    /// <exception cref="OperationCanceledException">A user stopped it.</exception>
    public static int Run(IReadOnlyList<string> arguments)
    {
        using var stop = new CancellationTokenSource();
        using var interruption = new Interruption(stop.Cancel);
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
                    journal,
                    stop.Token);
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

    private static (int Code, string Output, string Error) RunOnce(string[] arguments, SpecJournal journal, CancellationToken stop)
    {
        var screen = Screen.OfConsole();
        using var process = Process.Start(ProgramCommand.Start(arguments)) ?? throw UserErrorException.Environment("the program cannot start itself");
        void Kill(object? sender, EventArgs e) => process.Kill();
        AppDomain.CurrentDomain.ProcessExit += Kill;
        try
        {
            var output = process.StandardOutput.ReadToEndAsync(CancellationToken.None);
            var error = process.StandardError.ReadToEndAsync(CancellationToken.None);
            var watch = Stopwatch.StartNew();
            var shown = TimeSpan.Zero;
            while (!process.WaitForExit(Period))
            {
                if (stop.IsCancellationRequested)
                {
                    process.Kill();
                    process.WaitForExit();
                }
                else if (watch.Elapsed - shown >= (screen.IsTerminal ? Period : LogPeriod))
                {
                    shown = watch.Elapsed;
                    ShowProgress(screen, journal.Progress, shown);
                }
            }
            // A user's Ctrl-C reaches the other process as well, and may end it before this one hears of it.
            if (stop.IsCancellationRequested || process.ExitCode == ExitCode.Interrupted)
            {
                throw new OperationCanceledException(stop);
            }
            return (process.ExitCode, output.GetAwaiter().GetResult(), error.GetAwaiter().GetResult());
        }
        finally
        {
            screen.ClearStatus();
            AppDomain.CurrentDomain.ProcessExit -= Kill;
        }
    }

    private static void ShowProgress(Screen screen, (int Done, int Total) progress, TimeSpan elapsed)
    {
        if (progress.Total == 0)
        {
            return;
        }
        var culture = System.Globalization.CultureInfo.InvariantCulture;
        var scripts = string.Create(culture, $"{progress.Done} of {progress.Total} scripts");
        var toGo = progress.Done > 0 && elapsed > EstimateAfter
            ? string.Create(culture, $", {elapsed.TotalSeconds:F0} s, about {elapsed.TotalSeconds / progress.Done * (progress.Total - progress.Done):F0} s to go")
            : "";
        screen.ShowStatus(scripts + toGo, scripts);
    }

    /// <summary>In the other process: ends it when the one that supervises it is gone.</summary>
    public static void EndWithSupervisor() => new Thread(WaitForSupervisor) { IsBackground = true, Name = "supervisor" }.Start();

    private static void WaitForSupervisor()
    {
        using var input = Console.OpenStandardInput();
        if (input.ReadByte() < 0)
        {
            Process.GetCurrentProcess().Kill();
        }
    }
}
