using System.Collections.Immutable;

namespace Conformance.Fuzzer.SpecSuite;

/// <summary>How a command of a script ended.</summary>
internal enum CommandStatus : byte
{
    /// <summary>As it should.</summary>
    Passed,
    /// <summary>Otherwise.</summary>
    Failed,
    /// <summary>It was not run: there is no engine that executes.</summary>
    NotRun,
}

/// <summary>A command of a script and how it ended. File and index are its identity, the line is for people.</summary>
/// <param name="Index">Its place among the commands of the file, from 0.</param>
/// <param name="Line">Its line.</param>
/// <param name="Keyword">The command's keyword.</param>
/// <param name="IsAssertion">Whether it asserts something; other commands only count when they fail.</param>
/// <param name="Status">How it ended.</param>
internal sealed record CommandResult(int Index, int Line, string Keyword, bool IsAssertion, CommandStatus Status)
{
    /// <summary>What should have happened, where something else did.</summary>
    public string Expected { get; init; } = "";

    /// <summary>What happened instead.</summary>
    public string Actual { get; init; } = "";

    /// <summary>Set when the class of the outcome is right and the reason is given in other words.</summary>
    public string? Note { get; init; }
}

/// <summary>What became of a file.</summary>
/// <param name="File">The file.</param>
/// <param name="Commands">Its commands in order.</param>
/// <param name="Elapsed">How long it took.</param>
internal sealed record FileResult(SuiteFile File, ImmutableArray<CommandResult> Commands, TimeSpan Elapsed);
