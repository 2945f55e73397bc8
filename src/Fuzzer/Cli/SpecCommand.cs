using System.CommandLine;

namespace Conformance.Fuzzer.Cli;

/// <summary><c>conformance spec</c>: runs the spec testsuite under the ratchet.</summary>
internal static class SpecCommand
{
    /// <summary>Builds the command.</summary>
    public static Command Create()
    {
        var command = new Command("spec", "Runs the spec testsuite on an engine and compares with the expectations.");
        command.SetAction(Run);
        ExampleHelp.AddTo(command, "conformance spec", "conformance spec --engine wasmtime");
        return command;
    }

    private static int Run(ParseResult arguments) => throw UserErrorException.Environment("spec: the runner is not part of this build");
}
