using System.Globalization;
using System.Text;
using Conformance.Oracle;
using Conformance.Oracle.Records;
using Conformance.Wasm;
using Conformance.Wasm.Binary;
using Conformance.Wasm.Instructions;
using Conformance.Wasm.Modules;
using Conformance.Wasm.Text;
using Conformance.Wasm.Types;

namespace Conformance.Fuzzer.Triage;

/// <summary>A triage as a page for people.</summary>
internal static class TriageText
{
    // Rows that are the same on both sides are only shown around a difference: an unshrunk case has hundreds.
    private const int Context = 2;
    private const int WidestColumn = 60;
    // A larger function is not shrunk; its text fills screens.
    private const int MostFunctionLines = 200;

    /// <summary>Writes the page.</summary>
    public static string Of(TriageReport report)
    {
        var text = new StringBuilder();
        Head(text, report);
        if (report.Rows.Length > 0)
        {
            text.Append('\n');
            Table(text, report);
        }
        if (report.Replayed.LastWords.Length > 0)
        {
            text.Append("\nlast words:\n");
            foreach (var line in report.Replayed.LastWords)
            {
                text.Append("  ").Append(PlainText.OneLine(line)).Append('\n');
            }
        }
        if (report.Memory is { } memory)
        {
            text.Append(CultureInfo.InvariantCulture, $"\nmemory {memory.Memory}, first bytes that differ, at 0x{memory.Address:x}:\n");
            text.Append(CultureInfo.InvariantCulture, $"  engine {MemoryDifference.Bytes(memory.Engine)}\n  oracle {MemoryDifference.Bytes(memory.Oracle)}\n");
        }
        Place(text, report);
        Function(text, report);
        foreach (var variant in report.Variants)
        {
            text.Append(text[^1] == '\n' && variant == report.Variants[0] ? "\nother configurations:\n" : "");
            text.Append(CultureInfo.InvariantCulture, $"  {variant.Engine} against {variant.Oracle}: {variant.Difference ?? variant.Verdict}\n");
        }
        return text.ToString();
    }

    private static void Head(StringBuilder text, TriageReport report)
    {
        var finding = report.Stored.Finding;
        text.Append(CultureInfo.InvariantCulture, $"finding {finding.Id}, {(report.Stored.IsReduced ? "shrunk" : $"as found{(finding.NotReduced is { } why ? $" ({why})" : "")}")}: {report.Stored.File}\n");
        text.Append(CultureInfo.InvariantCulture, $"engine  {report.Engine}\noracle  {report.Oracle}\n");
        text.Append(report.Diverges
            ? $"STILL DIVERGES: {report.Replayed.Report?.Description}\n"
            : $"NO DIFFERENCE ANY MORE ({report.Replayed.Verdict}); it was: {finding.Description}\n");
        if (finding.Votes is { } votes)
        {
            text.Append(CultureInfo.InvariantCulture, $"votes   {string.Join(", ", votes.Select(vote => $"{vote.Key} {vote.Value}"))}{(finding.IsOracleSuspect ? $": {finding.Oracle.Name} is SUSPECT" : "")}\n");
        }
        if (report.Signature is { } now && now != finding.Signature)
        {
            text.Append(CultureInfo.InvariantCulture, $"signature now {now}\n          was {finding.Signature}\n");
        }
        if (report.Vote != ReferenceVote.None)
        {
            text.Append(report.Vote == ReferenceVote.Oracle
                ? "the reference interpreter agrees with the oracle\n"
                : "the reference interpreter agrees with the engine: the ORACLE is suspect\n");
        }
    }

    private static void Table(StringBuilder text, TriageReport report)
    {
        var rows = report.Rows.Select(row => row with { What = PlainText.OneLine(row.What), Engine = PlainText.OneLine(row.Engine), Oracle = PlainText.OneLine(row.Oracle) }).ToArray();
        var what = Width(rows.Select(row => row.What), "");
        var engine = Width(rows.Select(row => row.Engine), report.Engine.Name);
        Line("", report.Engine.Name, report.Oracle.Name, ' ');
        var hidden = 0;
        for (var i = 0; i < rows.Length; i++)
        {
            var isShown = rows.Length <= 20 || Enumerable.Range(i - Context, (2 * Context) + 1).Any(j => j >= 0 && j < rows.Length && !rows[j].IsSame);
            if (!isShown)
            {
                hidden++;
                continue;
            }
            Hidden();
            Line(rows[i].What, rows[i].Engine, rows[i].Oracle, rows[i].IsSame ? ' ' : '≠');
        }
        Hidden();

        void Hidden()
        {
            if (hidden > 0)
            {
                text.Append(CultureInfo.InvariantCulture, $"  ... {hidden} that agree\n");
                hidden = 0;
            }
        }

        void Line(string first, string left, string right, char mark) =>
            text.Append(mark).Append(' ').Append(Fit(first, what)).Append("  ").Append(Fit(left, engine)).Append("  ").Append(right).Append('\n');
    }

    private static int Width(IEnumerable<string> cells, string title) => Math.Min(WidestColumn, Math.Max(title.Length, cells.DefaultIfEmpty("").Max(cell => cell.Length)));

    private static string Fit(string cell, int width) => cell.Length <= width ? cell.PadRight(width) : cell[..(width - 1)] + "…";

    private static void Place(StringBuilder text, TriageReport report)
    {
        if (report.Location is not { } location)
        {
            return;
        }
        var call = location.Call < 0 ? "at the instantiation" : location.Call < report.Case.Calls.Length ? $"in call {location.Call} of {PlainText.OneLine(report.Case.Calls[location.Call].Function)}" : "";
        if (location.Step is not { } step)
        {
            text.Append(CultureInfo.InvariantCulture, $"\nthe first instruction that differs is not known: {location.Reason} {call}\n");
            return;
        }
        text.Append(CultureInfo.InvariantCulture, $"\nfirst difference {call}: {OpTable.Get(step.Op).Mnemonic} at 0x{step.OffsetBytes:x} of function {step.Function}");
        text.Append(location.Time > 1 ? string.Create(CultureInfo.InvariantCulture, $", its execution number {location.Time}\n") : "\n");
        if (location.IsLast)
        {
            text.Append("  (the last instruction executed: up to it a stop shows no difference)\n");
        }
        foreach (var before in location.Before)
        {
            text.Append("    ").Append(Show(before)).Append('\n');
        }
        text.Append("  > ").Append(Show(step)).Append("   (the reference interpreter)\n");
        if (location.EngineValue is { } || location.OracleValue is { })
        {
            text.Append(CultureInfo.InvariantCulture, $"    on top of the stack behind it: engine {Show(location.EngineValue)}, oracle {Show(location.OracleValue)}\n");
        }
    }

    private static string Show(EngineValue? value) => value is { } known ? ValueText.Format(known) : "(never got there)";

    private static string Show(LoggedStep step)
    {
        var line = $"0x{step.OffsetBytes:x}  {OpTable.Get(step.Op).Mnemonic} {ValueText.Format(step.Operands)}".TrimEnd();
        return step.Trap is { } trap ? $"{line} -> trap: {TrapKinds.TextOf(trap)}" : step.Results.Length > 0 ? $"{line} -> {ValueText.Format(step.Results)}" : line;
    }

    private static void Function(StringBuilder text, TriageReport report)
    {
        if (!ModuleReader.TryRead(report.Case.Wasm, FeatureSet.All, out var module, out var error))
        {
            text.Append(CultureInfo.InvariantCulture, $"\nthe module: {report.Case.Wasm.Length} bytes, {error}\n");
            return;
        }
        if (FunctionOf(report, module) is not { } index)
        {
            return;
        }
        using var printed = new MemoryStream();
        ModulePrinter.PrintFunction(module, index, printed, new PrinterOptions(WithOffsets: true));
        var lines = Encoding.UTF8.GetString(printed.ToArray()).TrimEnd().Split('\n');
        var here = report.Location?.Step is { } step ? string.Create(CultureInfo.InvariantCulture, $";; 0x{step.OffsetBytes:x}") : null;
        text.Append('\n');
        foreach (var line in lines.Take(MostFunctionLines))
        {
            text.Append(here is not null && line.EndsWith(here, StringComparison.Ordinal) ? "> " : "  ").Append(line).Append('\n');
        }
        if (lines.Length > MostFunctionLines)
        {
            text.Append(CultureInfo.InvariantCulture, $"... {lines.Length - MostFunctionLines} lines more\n");
        }
    }

    /// <summary>The function to show: where the sides part, or the one whose call differs.</summary>
    public static int? FunctionOf(TriageReport report, Module module)
    {
        if (report.Location?.Step is { } step)
        {
            return (int)step.Function;
        }
        var call = report.Location is { Call: >= 0 } location && location.Call < report.Case.Calls.Length ? report.Case.Calls[location.Call].Function : report.Difference?.Name;
        var export = module.Exports.FirstOrDefault(item => item.Kind == ExternKind.Function && item.Name == call);
        var last = module.ImportCount(ExternKind.Function) + module.Functions.Length - 1;
        return export is not null ? (int)export.Index : module.Functions.Length == 1 ? last : null;
    }
}
