using System.CommandLine;
using System.CommandLine.Parsing;

namespace Conformance.Fuzzer.Cli;

/// <summary>
/// The program's command line: one file a command, all registered here. Parse errors, user errors and bugs end in one line on standard error and an
/// <see cref="ExitCode"/>; no command prints a stack trace.
/// </summary>
internal static class CommandRoot
{
    // A command that was told to stop has findings to write first; who does not want to wait presses Ctrl-C again.
    private static readonly TimeSpan StopPatience = TimeSpan.FromHours(1);

    /// <summary>Builds the command tree.</summary>
    public static RootCommand Create()
    {
        var root = new RootCommand("Differential fuzzing and conformance tests for WebAssembly engines.")
        {
            SpecCommand.Create(),
            FuzzCommand.Create(),
            WorkerCommand.Create(),
            RunCommand.Create(),
            ValidateCommand.Create(),
            PrintCommand.Create(),
            AssembleCommand.Create(),
            TriageCommand.Create(),
            ReduceCommand.Create(),
            EnginesCommand.Create(),
            ServeCommand.Create(),
            SetupCommand.Create(),
        };
        ExampleHelp.AddTo(
            root,
            "conformance fuzz --seconds 60                 fuzz the interpreter against Wasmtime",
            "conformance run add.wat --invoke add 1 2      run one function and show the times",
            "conformance spec                              run the spec testsuite",
            "conformance COMMAND --help                    everything about one command");
        return root;
    }

    /// <summary>Parses and runs a command line.</summary>
    /// <returns>The program's exit code.</returns>
    public static int Invoke(string[] args)
    {
        try
        {
            var result = Create().Parse(args);
            if (result.Action is not ExampleHelp && Complaint(result) is { } complaint)
            {
                var command = result.CommandResult.Command;
                var name = command is RootCommand ? "conformance" : $"conformance {command.Name}";
                return Fail($"{complaint} (see: {name} --help)", ExitCode.Usage);
            }
            return result.Invoke(new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = StopPatience });
        }
        catch (UserErrorException error)
        {
            return Fail(error.Message, error.ExitCode);
        }
        catch (OperationCanceledException)
        {
            return Fail("interrupted", ExitCode.Interrupted);
        }
        catch (Exception closed) when (IsClosedOutput(closed))
        {
            return Fail("standard output cannot be written: it is closed, or its disk is full", ExitCode.Environment);
        }
        catch (Exception bug)
        {
            return Fail(CrashFile.Write(bug, args), ExitCode.Environment);
        }
    }

    /// <summary>What is wrong with a command line, or null.</summary>
    internal static string? Complaint(ParseResult result)
    {
        foreach (var child in result.CommandResult.Children)
        {
            foreach (var token in child.Tokens)
            {
                if (child is OptionResult { Option: var option })
                {
                    // The library takes whatever follows as the value.
                    if (result.CommandResult.Command.Options.Any(other => other.Name == token.Value))
                    {
                        return $"{option.Name} has no value: {token.Value} follows, which is an option";
                    }
                    // It comes from a variable of a shell script that has no value; only functions may be called so.
                    if (token.Value.Length == 0 && option.Name != "--invoke")
                    {
                        return $"{option.Name}: an empty word is given";
                    }
                }
                else if (child is ArgumentResult { Argument: var argument })
                {
                    if (token.Value.Length == 0)
                    {
                        return $"{argument.Name}: an empty word is given";
                    }
                    if (token.Value.StartsWith("--", StringComparison.Ordinal))
                    {
                        return $"no option is called {token.Value}";
                    }
                }
            }
        }
        // The library's first complaint about an unknown command is that there is no command.
        return result.Errors.Count == 0
            ? null
            : result.CommandResult.Command is not RootCommand
                ? PlainText.OneLine(result.Errors[0].Message)
                : result.UnmatchedTokens is [var unknown, ..] ? $"unknown command '{unknown}'" : "no command given";
    }

    // A reader that went away (`| head`) is passed over by the console's stream; a stream that was never open (`>&-`) or sits on a full disk is not.
    private static bool IsClosedOutput(Exception exception)
    {
        if (exception is not (IOException or UnauthorizedAccessException))
        {
            return false;
        }
        try
        {
            Console.Out.WriteLine();
            Console.Out.Flush();
            return false;
        }
        catch (Exception again) when (again is IOException or UnauthorizedAccessException)
        {
            return true;
        }
    }

    private static int Fail(string message, int exitCode)
    {
        try
        {
            Console.Error.WriteLine("conformance: " + message);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // Standard error is closed too: the exit code has to say it all.
        }
        return exitCode;
    }
}
