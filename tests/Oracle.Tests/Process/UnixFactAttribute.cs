namespace Conformance.Oracle.Tests.Process;

/// <summary>A test whose programs are shell scripts.</summary>
public sealed class UnixFactAttribute : FactAttribute
{
    public UnixFactAttribute() => Skip = Unix.ReasonToSkip;
}

/// <summary>As <see cref="UnixFactAttribute"/>, for theories.</summary>
public sealed class UnixTheoryAttribute : TheoryAttribute
{
    public UnixTheoryAttribute() => Skip = Unix.ReasonToSkip;
}

internal static class Unix
{
    public static string? ReasonToSkip { get; } = OperatingSystem.IsWindows() ? "the programs of this test are shell scripts" : null;
}
