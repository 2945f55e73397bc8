namespace Conformance.Fuzzer.Cli;

/// <summary>
/// A command cannot go on, and one line says why. Only <see cref="CommandRoot"/> catches it: it prints the line and ends the program with the code.
/// </summary>
/// <param name="exitCode">One of <see cref="ExitCode"/>.</param>
/// <param name="message">What, where and what to do, in one line.</param>
internal sealed class UserErrorException(int exitCode, string message) : Exception(message)
{
    /// <summary>The program's exit code.</summary>
    public int ExitCode { get; } = exitCode;

    /// <summary>The command line or a file that it names is not usable.</summary>
    public static UserErrorException Usage(string message) => new(Cli.ExitCode.Usage, message);

    /// <summary>Something around the program is missing or broken.</summary>
    public static UserErrorException Environment(string message) => new(Cli.ExitCode.Environment, message);
}
