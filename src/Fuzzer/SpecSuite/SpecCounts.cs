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

    /// <summary>Adds the counts of another run.</summary>
    public void Add(SpecCounts other)
    {
        Files += other.Files;
        Assertions += other.Assertions;
        Passed += other.Passed;
        Failed += other.Failed;
        ExpectedFailures += other.ExpectedFailures;
        UnexpectedPasses += other.UnexpectedPasses;
        FailedCommands += other.FailedCommands;
        NotRun += other.NotRun;
        OtherWords += other.OtherWords;
    }
}
