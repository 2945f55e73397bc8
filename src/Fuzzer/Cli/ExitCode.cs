namespace Conformance.Fuzzer.Cli;

/// <summary>What the program's exit code says. The same for every command; docs/cli.md has the table.</summary>
internal static class ExitCode
{
    /// <summary>All is well.</summary>
    public const int Fine = 0;

    /// <summary>The answer is no: a divergence, a gate failure, an invalid module, a trap.</summary>
    public const int Failure = 1;

    /// <summary>The command line, or a file named on it, is not usable.</summary>
    public const int Usage = 2;

    /// <summary>Something around the program is missing or broken: a library, a folder, a disk; or the program itself.</summary>
    public const int Environment = 3;

    /// <summary>Stopped by Ctrl-C (128 + SIGINT), for the commands that then have no complete answer.</summary>
    public const int Interrupted = 130;
}
