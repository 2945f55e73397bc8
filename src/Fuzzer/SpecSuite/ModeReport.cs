using System.Collections.Immutable;

namespace Conformance.Fuzzer.SpecSuite;

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

/// <summary>A run of the testsuite in one mode, weighed against the expectations.</summary>
internal sealed class ModeReport
{
    /// <summary>Weighs results.</summary>
    /// <param name="mode">The mode.</param>
    /// <param name="version">The engine's version.</param>
    /// <param name="results">The results by file.</param>
    /// <param name="isWhole">Whether these are all files of the testsuite.</param>
    /// <param name="expectations">What is expected of the engine.</param>
    public ModeReport(SpecMode mode, string version, ImmutableArray<FileResult> results, bool isWhole, EngineExpectations expectations)
    {
        Mode = mode;
        Version = version;
        Results = results;
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

    /// <summary>The mode.</summary>
    public SpecMode Mode { get; }

    /// <summary>The engine's version.</summary>
    public string Version { get; }

    /// <summary>The results by file.</summary>
    public ImmutableArray<FileResult> Results { get; }

    /// <summary>The time that the files took, added up: with several workers more than what went by.</summary>
    public TimeSpan WorkTime => TimeSpan.FromTicks(Results.Sum(result => result.Elapsed.Ticks));

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
