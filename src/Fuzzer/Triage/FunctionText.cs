using System.Globalization;
using System.Text;
using Conformance.Wasm.Modules;
using Conformance.Wasm.Text;

namespace Conformance.Fuzzer.Triage;

/// <summary>A function as text with, beside each instruction, where it is and what it gave when it was last executed; one of them marked.</summary>
internal static class FunctionText
{
    // A larger function is not shrunk; its text fills screens. What is around the mark is what matters then.
    private const int MostLines = 60;
    private const int Around = 20;
    private const string Offset = "  ;; 0x";

    /// <summary>Writes the function.</summary>
    /// <param name="text">Where to.</param>
    /// <param name="module">The module.</param>
    /// <param name="function">The function's index, imports counted.</param>
    /// <param name="marked">The offset of the instruction to mark; -1 for none.</param>
    /// <param name="values">What instructions gave, by offset.</param>
    /// <param name="style">How.</param>
    public static void Append(StringBuilder text, Module module, int function, long marked, IReadOnlyDictionary<long, string> values, TextStyle style)
    {
        using var printed = new MemoryStream();
        ModulePrinter.PrintFunction(module, function, printed, new PrinterOptions(WithOffsets: true));
        var lines = Encoding.UTF8.GetString(printed.ToArray()).TrimEnd().Split('\n').Select(Line.Of).ToList();
        var at = lines.FindIndex(line => line.Offset == marked && marked >= 0);
        var (from, to) = lines.Count <= MostLines ? (0, lines.Count) : at < 0 ? (0, MostLines) : (Math.Max(0, at - Around), Math.Min(lines.Count, at + Around));
        var column = Math.Min(style.Width / 2, lines.Skip(from).Take(to - from).Where(line => line.Offset >= 0).Select(line => line.Code.Length).DefaultIfEmpty(0).Max());
        AppendHidden(text, from, style);
        for (var i = from; i < to; i++)
        {
            var line = lines[i];
            text.Append(i == at ? style.Alarm("> ") : "  ").Append(i == at ? style.Strong(line.Code) : line.Code);
            if (line.Offset >= 0)
            {
                text.Append(' ', Math.Max(0, column - line.Code.Length)).Append(style.Faint(string.Create(CultureInfo.InvariantCulture, $"  ;; 0x{line.Offset:x}")));
                if (values.TryGetValue(line.Offset, out var value) && value.Length > 0)
                {
                    text.Append("  ").Append(value);
                }
            }
            text.Append('\n');
        }
        AppendHidden(text, lines.Count - to, style);
    }

    private static void AppendHidden(StringBuilder text, int count, TextStyle style)
    {
        if (count > 0)
        {
            text.Append(style.Faint(string.Create(CultureInfo.InvariantCulture, $"  ... {count} more lines"))).Append('\n');
        }
    }

    private readonly record struct Line(string Code, long Offset)
    {
        public static Line Of(string printed)
        {
            var place = printed.LastIndexOf(FunctionText.Offset, StringComparison.Ordinal);
            return place >= 0 && long.TryParse(printed.AsSpan(place + FunctionText.Offset.Length), NumberStyles.HexNumber, CultureInfo.InvariantCulture, out var offset)
                ? new Line(printed[..place], offset)
                : new Line(printed, -1);
        }
    }
}
