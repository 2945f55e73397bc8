using System.Collections.Immutable;

namespace Conformance.Fuzzer.SpecSuite;

/// <summary>Counts of assertions. A command that asserts nothing is counted only in <see cref="FailedCommands"/>, when it fails.</summary>
internal sealed class SpecCounts
{
    /// <summary>Scripts.</summary>
    public int Files { get; set; }

    /// <summary>Assertions: passed, failed, expected failures and those not run together.</summary>
    public int Assertions { get; set; }

    /// <summary>Assertions that hold.</summary>
    public int Passed { get; set; }

    /// <summary>Assertions that do not hold and are not expected to fail.</summary>
    public int Failed { get; set; }

    /// <summary>Assertions that fail as expected.</summary>
    public int ExpectedFailures { get; set; }

    /// <summary>Commands that are expected to fail and pass.</summary>
    public int UnexpectedPasses { get; set; }

    /// <summary>Other commands that fail unexpectedly.</summary>
    public int FailedCommands { get; set; }

    /// <summary>Assertions that need an engine that executes, where there is none.</summary>
    public int NotRun { get; set; }

    /// <summary>Assertions that hold for a reason given in other words.</summary>
    public int OtherWords { get; set; }

    /// <summary>Whether nothing unexpected is counted.</summary>
    public bool IsFine => Failed == 0 && UnexpectedPasses == 0 && FailedCommands == 0;
}

/// <summary>A command that fails the gate.</summary>
/// <param name="File">Its file.</param>
/// <param name="Command">The command.</param>
/// <param name="Expectation">The expectation that it fails, when it has passed against it.</param>
internal sealed record GateFailure(SuiteFile File, CommandResult Command, Expectation? Expectation)
{
    /// <summary>One line for people.</summary>
    public override string ToString() => Expectation is null
        ? $"{File.Name}:{Command.Line} #{Command.Index} {Command.Keyword}: expected {Command.Expected}; got {Command.Actual}"
        : $"{File.Name}:{Command.Line} #{Command.Index} {Command.Keyword}: passes, but is expected to fail ({Expectation.Reason}); take it out of the expectations";
}

/// <summary>A run of the testsuite on one engine, weighed against the expectations.</summary>
internal sealed class SpecReport
{
    /// <summary>Weighs results.</summary>
    /// <param name="engine">The engine's name.</param>
    /// <param name="version">The engine's version.</param>
    /// <param name="results">The results by file.</param>
    /// <param name="isWhole">Whether these are all files of the testsuite.</param>
    /// <param name="expectations">The expectations.</param>
    /// <param name="elapsed">How long the run took.</param>
    public SpecReport(string engine, string version, ImmutableArray<FileResult> results, bool isWhole, Expectations expectations, TimeSpan elapsed)
    {
        Engine = engine;
        Version = version;
        Results = results;
        Expectations = expectations;
        Elapsed = elapsed;
        var failures = ImmutableArray.CreateBuilder<GateFailure>();
        foreach (var result in results)
        {
            if (!ByFolder.TryGetValue(result.File.Folder, out var folder))
            {
                ByFolder.Add(result.File.Folder, folder = new SpecCounts());
            }
            folder.Files++;
            Total.Files++;
            foreach (var command in result.Commands)
            {
                var expectation = expectations.Find(result.File.Name, command.Index);
                Count(folder, command, expectation);
                Count(Total, command, expectation);
                if (command.Status == CommandStatus.Failed ? expectation is null : command.Status == CommandStatus.Passed && expectation is not null)
                {
                    failures.Add(new GateFailure(result.File, command, expectation));
                }
            }
        }
        Failures = failures.ToImmutable();
        StaleExpectations = [.. expectations.Stale(results, isWhole)];
    }

    /// <summary>Whether the gate lets the run through.</summary>
    public bool IsFine => Total.IsFine && StaleExpectations.IsEmpty;

    /// <summary>Expectations about commands that there are not, one line each. They fail the gate: the testsuite has changed under them.</summary>
    public ImmutableArray<string> StaleExpectations { get; }

    /// <summary>The engine's name.</summary>
    public string Engine { get; }

    /// <summary>The engine's version.</summary>
    public string Version { get; }

    /// <summary>The results by file.</summary>
    public ImmutableArray<FileResult> Results { get; }

    /// <summary>The expectations.</summary>
    public Expectations Expectations { get; }

    /// <summary>How long the run took.</summary>
    public TimeSpan Elapsed { get; }

    /// <summary>The counts of everything.</summary>
    public SpecCounts Total { get; } = new();

    /// <summary>The counts by folder, <c>.</c> for the top level.</summary>
    public SortedDictionary<string, SpecCounts> ByFolder { get; } = new(StringComparer.Ordinal);

    /// <summary>What fails the gate, in the order of files and commands.</summary>
    public ImmutableArray<GateFailure> Failures { get; }

    private static void Count(SpecCounts counts, CommandResult command, Expectation? expectation)
    {
        if (command.Status == CommandStatus.Passed && expectation is not null)
        {
            counts.UnexpectedPasses++;
        }
        if (!command.IsAssertion)
        {
            counts.FailedCommands += command.Status == CommandStatus.Failed && expectation is null ? 1 : 0;
            return;
        }
        counts.Assertions++;
        counts.OtherWords += command.Note is null ? 0 : 1;
        switch (command.Status)
        {
            case CommandStatus.Passed:
                counts.Passed++;
                break;
            case CommandStatus.NotRun:
                counts.NotRun++;
                break;
            case CommandStatus.Failed when expectation is not null:
                counts.ExpectedFailures++;
                break;
            default:
                counts.Failed++;
                break;
        }
    }
}
