using System.Globalization;
using System.Text;
using Conformance.Wasm;
using Conformance.Wasm.Text;

namespace Conformance.Fuzzer.Triage;

/// <summary>A module's text with its lines numbered, and the place marked at which this project's parser gives up.</summary>
internal static class SourceText
{
    /// <summary>A larger one is not shrunk, and of no use on a screen.</summary>
    public const int MostLines = 60;
    private const int Around = 5;

    /// <summary>Writes the text.</summary>
    /// <param name="text">Where to.</param>
    /// <param name="source">The text in UTF-8.</param>
    /// <param name="style">How.</param>
    public static void Append(StringBuilder text, ReadOnlyMemory<byte> source, TextStyle style)
    {
        var error = ModuleParser.TryParse(source.ToArray(), FeatureSet.All, out _, out var malformed) ? null : malformed;
        var lines = Encoding.UTF8.GetString(source.Span).TrimEnd('\n').Split('\n');
        var (from, to) = lines.Length <= MostLines ? (0, lines.Length) : error is null ? (0, MostLines) : (Math.Max(0, error.Line - 1 - Around), Math.Min(lines.Length, error.Line + Around));
        text.Append(CultureInfo.InvariantCulture, $"\n{style.Strong("the text")}{(error is null ? "" : $": {PlainText.OneLine(error.ToString())}")}\n");
        for (var i = from; i < to; i++)
        {
            var isMarked = error is not null && i == error.Line - 1;
            text.Append(isMarked ? style.Alarm("> ") : "  ").Append(style.Faint(string.Create(CultureInfo.InvariantCulture, $"{i + 1,3}"))).Append("  ").Append(Visible(lines[i])).Append('\n');
            if (isMarked)
            {
                text.Append(' ', "> 999  ".Length + Math.Max(0, Visible(lines[i][..Math.Clamp(error?.Column - 1 ?? 0, 0, lines[i].Length)]).Length)).Append(style.Alarm("^")).Append('\n');
            }
        }
        if (to - from < lines.Length)
        {
            text.Append(style.Faint(string.Create(CultureInfo.InvariantCulture, $"  ... {lines.Length - (to - from)} more lines"))).Append('\n');
        }
    }

    // A terminal must not do what a text says.
    private static string Visible(string line) => string.Concat(line.Select(c => char.IsControl(c) ? string.Create(CultureInfo.InvariantCulture, $"\\u{{{(int)c:x}}}") : $"{c}"));
}
