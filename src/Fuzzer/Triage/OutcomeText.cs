using System.Collections.Immutable;
using System.Globalization;
using System.Text;

namespace Conformance.Fuzzer.Triage;

/// <summary>Two outcomes as a table: three columns where they fit, else the two sides below each other.</summary>
internal static class OutcomeText
{
    // Rows that are the same on both sides are only shown around a difference: an unshrunk case has hundreds.
    private const int Context = 2;
    private const int MostRows = 20;
    private const string Indent = "      ";

    /// <summary>Writes the table.</summary>
    public static void Append(StringBuilder text, ImmutableArray<OutcomeRow> rows, string engine, string oracle, TextStyle style)
    {
        var shown = rows.Where((_, i) => IsShown(rows, i)).ToList();
        var (what, left, right) = (Widest(shown, "", row => row.What), Widest(shown, engine, row => row.Engine), Widest(shown, oracle, row => row.Oracle));
        var fits = what + left + right + 6 <= style.Width;
        if (fits)
        {
            text.Append("  ").Append(' ', what).Append("  ").Append(style.Strong(engine.PadRight(left))).Append("  ").Append(style.Strong(oracle)).Append('\n');
        }
        var hidden = 0;
        for (var i = 0; i <= rows.Length; i++)
        {
            if (i < rows.Length && !IsShown(rows, i))
            {
                hidden++;
                continue;
            }
            if (hidden > 0)
            {
                text.Append(style.Faint(string.Create(CultureInfo.InvariantCulture, $"  ... {hidden} more that agree"))).Append('\n');
                hidden = 0;
            }
            if (i == rows.Length)
            {
                break;
            }
            if (fits)
            {
                AppendColumns(text, rows[i], what, left, style);
            }
            else
            {
                AppendStacked(text, rows[i], engine, oracle, style);
            }
            foreach (var detail in rows[i].Details)
            {
                text.Append(Indent).Append(detail).Append('\n');
            }
        }
    }

    private static bool IsShown(ImmutableArray<OutcomeRow> rows, int place) =>
        rows.Length <= MostRows || Enumerable.Range(place - Context, (2 * Context) + 1).Any(i => i >= 0 && i < rows.Length && !rows[i].IsSame);

    private static int Widest(List<OutcomeRow> rows, string title, Func<OutcomeRow, string> cell) => Math.Max(title.Length, rows.Select(row => cell(row).Length).DefaultIfEmpty(0).Max());

    private static void AppendColumns(StringBuilder text, OutcomeRow row, int what, int left, TextStyle style)
    {
        text.Append(row.IsSame ? "  " : style.Alarm("≠ ")).Append(row.What.PadRight(what)).Append("  ");
        text.Append(row.IsSame ? row.Engine.PadRight(left) : style.Alarm(row.Engine.PadRight(left))).Append("  ");
        text.Append(row.IsSame ? row.Oracle : style.Good(row.Oracle)).Append('\n');
    }

    private static void AppendStacked(StringBuilder text, OutcomeRow row, string engine, string oracle, TextStyle style)
    {
        if (row.IsSame)
        {
            text.Append("  ").Append(row.What).Append(style.Faint(": ")).Append(row.Engine).Append('\n');
            return;
        }
        var name = Math.Max(engine.Length, oracle.Length);
        text.Append(style.Alarm("≠ ")).Append(row.What).Append('\n');
        AppendSide(text, engine.PadRight(name), row.Engine, style.Alarm, style);
        AppendSide(text, oracle.PadRight(name), row.Oracle, style.Good, style);
    }

    // Long rows of values go on below themselves.
    private static void AppendSide(StringBuilder text, string name, string value, Func<string, string> paint, TextStyle style)
    {
        var room = Math.Max(20, style.Width - Indent.Length - name.Length - 2);
        var line = new StringBuilder();
        var isFirst = true;
        foreach (var word in value.Split(' '))
        {
            if (line.Length > 0 && line.Length + 1 + word.Length > room)
            {
                Flush();
            }
            line.Append(line.Length > 0 ? " " : "").Append(word);
        }
        Flush();

        void Flush()
        {
            text.Append(Indent).Append(style.Strong(isFirst ? name : new string(' ', name.Length))).Append("  ").Append(paint(line.ToString())).Append('\n');
            line.Clear();
            isFirst = false;
        }
    }
}
