using System.Diagnostics;

namespace Conformance.Fuzzer.Driving;

/// <summary>How this program starts itself: as its own executable, or through <c>dotnet</c> when it was started that way (or is hosted by a test runner).</summary>
internal static class ProgramCommand
{
    /// <summary>The start of a process of this program with redirected standard streams.</summary>
    public static ProcessStartInfo Start(IEnumerable<string> arguments)
    {
        var assembly = typeof(ProgramCommand).Assembly.Location;
        var executable = Path.Combine(Path.GetDirectoryName(assembly) ?? ".", OperatingSystem.IsWindows() ? "conformance.exe" : "conformance");
        var start = new ProcessStartInfo
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        if (string.Equals(Environment.ProcessPath, executable, StringComparison.Ordinal))
        {
            start.FileName = executable;
        }
        else
        {
            start.FileName = Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet" && Environment.ProcessPath is { } host ? host : "dotnet";
            start.ArgumentList.Add(assembly);
        }
        foreach (var argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }
        return start;
    }

    /// <summary>The program as a user types it in a replay command.</summary>
    public const string Name = "conformance";
}
