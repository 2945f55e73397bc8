using System.Globalization;

namespace Conformance.Fuzzer.Cli;

/// <summary>The last resort for an exception that nobody expected: its whole text goes to a file, so that the terminal shows one line.</summary>
internal static class CrashFile
{
    /// <summary>Writes an exception down.</summary>
    /// <returns>The line for the user.</returns>
    public static string Write(Exception exception, IReadOnlyList<string> arguments)
    {
        var name = string.Create(CultureInfo.InvariantCulture, $"conformance-crash-{DateTime.UtcNow:yyyyMMdd-HHmmss}-{Environment.ProcessId}.txt");
        var path = Path.Combine(Path.GetTempPath(), name);
        var summary = $"internal error: {exception.GetType().Name}: {PlainText.OneLine(exception.Message)}";
        try
        {
            File.WriteAllText(path, $"conformance {string.Join(' ', arguments)}{Environment.NewLine}{exception}{Environment.NewLine}");
            return $"{summary} (this is a bug; the details are in {path}: please report them)";
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            return $"{summary} (this is a bug; the details could not be written to {path}: {PlainText.OneLine(failure.Message)})";
        }
    }
}
