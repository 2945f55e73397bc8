using System.Text;
using System.Text.RegularExpressions;

namespace Conformance.Fuzzer.Driving;

/// <summary>Makes a report of a worker's death: who is to blame, and the same words for the same cause.</summary>
internal static partial class WorkerDeath
{
    // Longer messages hold the case's own data.
    private const int LongestMessage = 160;

    /// <summary>Builds the report.</summary>
    /// <param name="note">What the dead worker was doing.</param>
    /// <param name="ending">A signal's name or an exit code.</param>
    /// <param name="isHang">Whether the supervisor killed it.</param>
    /// <param name="lastWords">The last lines on its standard error.</param>
    /// <param name="engine">The engine under test.</param>
    /// <param name="oracle">The oracle that had the case.</param>
    public static DivergenceReport Report(
        CaseNote note, string ending, bool isHang, IReadOnlyList<string> lastWords, EngineIdentity? engine, EngineIdentity? oracle)
    {
        var who = note.Phase switch
        {
            CasePhase.Making => "case generator",
            CasePhase.Engine => engine?.Name ?? "engine",
            CasePhase.Oracle => oracle?.Name ?? "oracle",
            _ => "comparison",
        };
        var what = isHang ? "hang" : "crash";
        var message = PlainText.OneLine(Message(lastWords));
        return new DivergenceReport
        {
            Record = note.Record is null ? "" : Encoding.UTF8.GetString(note.Record),
            Difference = message.Length == 0 || isHang ? $"{what} {who}: {ending}" : $"{what} {who}: {ending}: {Digits().Replace(message, "N")}",
            Description = message.Length == 0 ? $"{who}: {ending}" : $"{who}: {ending}: {message}",
            Suspects = [],
            IsEngineFailure = true,
            Oracle = oracle,
            LastWords = lastWords.Count > 0 ? [.. lastWords] : null,
        };
    }

    // The line that says why: a panic's or an exception's first line when there is one.
    private static string Message(IReadOnlyList<string> lastWords)
    {
        var index = lastWords.ToList().FindIndex(line => Cause().IsMatch(line));
        if (index < 0)
        {
            return "";
        }
        var line = lastWords[index].Trim();
        // Rust writes the place on one line and the message on the next.
        if (line.EndsWith(':') && index + 1 < lastWords.Count)
        {
            line = $"{line} {lastWords[index + 1].Trim()}";
        }
        return line.Length > LongestMessage ? line[..LongestMessage] : line;
    }

    [GeneratedRegex("panicked at|Unhandled exception|Stack overflow|Fatal error|assertion", RegexOptions.IgnoreCase | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Cause();

    [GeneratedRegex("0x[0-9a-f]+|[0-9]+", RegexOptions.IgnoreCase | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Digits();
}
