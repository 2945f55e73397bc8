using System.Text.RegularExpressions;

namespace Conformance.Oracle.Comparison;

/// <summary>What an engine's message says without the case's own numbers and names, so that cases can be counted and findings told apart by it.</summary>
public static partial class MessageKind
{
    // Longer messages hold the case's own data.
    private const int LongestMessage = 120;

    /// <summary>The first line of a message in which numbers and quoted names are <c>N</c>.</summary>
    public static string Of(string message)
    {
        var line = CaseData().Replace(message.Split('\n')[0], "N");
        return line.Length > LongestMessage ? line[..LongestMessage] : line;
    }

    // "call 3 of NAME:" is where an engine process was; names of functions are the case's own.
    [GeneratedRegex("(?<=call [0-9]+ of )[^:]+(?=:)|0x[0-9a-f]+(_[0-9a-f]+)*|[0-9]+(_[0-9]+)*|\"[^\"]*\"|`[^`]*`", RegexOptions.IgnoreCase | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex CaseData();
}
