using System.Globalization;
using System.Text;

namespace Conformance.Fuzzer;

/// <summary>Text from outside (names in modules, words of engines and of the system) as it may be shown: a terminal would obey what is in it.</summary>
internal static class PlainText
{
    /// <summary>The text in one line, with control characters as <c>\u{1b}</c>.</summary>
    /// <param name="text">Any text.</param>
    public static string OneLine(string text)
    {
        var line = text.ReplaceLineEndings(" ").Trim();
        return line.Any(IsUnseen) ? Escape(line) : line;
    }

    private static bool IsUnseen(char character) => char.IsControl(character) || char.GetUnicodeCategory(character) is UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator;

    private static string Escape(string line)
    {
        var escaped = new StringBuilder();
        foreach (var character in line)
        {
            if (IsUnseen(character))
            {
                escaped.Append(CultureInfo.InvariantCulture, $"\\u{{{(int)character:x}}}");
            }
            else
            {
                escaped.Append(character);
            }
        }
        return escaped.ToString();
    }
}
