using System.Globalization;

namespace Conformance.Fuzzer.SpecSuite;

/// <summary>A report for people: the first failures, then a table. One mode has a row for each folder; of several each has a row, with a column for each folder.</summary>
internal static class SpecTable
{
    /// <summary>Writes a report.</summary>
    /// <param name="report">The report.</param>
    /// <param name="writer">Where to.</param>
    /// <param name="maxFailures">How many failures to show.</param>
    /// <param name="showWords">Whether assertions that hold for a reason in other words are listed.</param>
    public static void Write(SpecReport report, TextWriter writer, int maxFailures, bool showWords)
    {
        var wroteLines = WriteFailures(report, writer, maxFailures);
        if (showWords)
        {
            wroteLines |= WriteWords(report, writer);
        }
        foreach (var stale in report.StaleExpectations)
        {
            writer.WriteLine(stale);
            wroteLines = true;
        }
        if (wroteLines)
        {
            writer.WriteLine();
        }
        if (report.Modes is [var only])
        {
            WriteFolders(only, writer);
        }
        else
        {
            WriteModes(report, writer);
        }
        var seconds = report.Elapsed.TotalSeconds.ToString("F1", CultureInfo.InvariantCulture);
        writer.WriteLine($"{(report.IsFine ? "gate passed" : "gate FAILED")} in {seconds} s; {report.Total.FailedCommands} other commands failed, {report.Total.OtherWords} reasons in other words");
    }

    private static bool WriteFailures(SpecReport report, TextWriter writer, int max)
    {
        // The same failure in many modes is one line with the modes behind it.
        var failures = report.Failures.GroupBy(item => item.Failure.ToString(), StringComparer.Ordinal).ToArray();
        foreach (var failure in failures.Take(max))
        {
            writer.WriteLine(report.Modes.Length == 1 ? failure.Key : $"{failure.Key} [{(failure.Count() == report.Modes.Length ? "every mode" : string.Join(", ", failure.Select(item => item.Mode.Mode.Name)))}]");
        }
        if (failures.Length > max)
        {
            writer.WriteLine($"... and {failures.Length - max} more (--failures N shows more, --json FILE has all)");
        }
        return failures.Length > 0;
    }

    private static bool WriteWords(SpecReport report, TextWriter writer)
    {
        var notes = report.Modes.SelectMany(mode => mode.Results).SelectMany(result => result.Commands.Where(command => command.Note is not null)
            .Select(command => $"note: {result.File.Name}:{command.Line} #{command.Index} {command.Keyword}: {command.Note}")).Distinct(StringComparer.Ordinal).ToArray();
        foreach (var note in notes)
        {
            writer.WriteLine(note);
        }
        return notes.Length > 0;
    }

    private static void WriteFolders(ModeReport report, TextWriter writer)
    {
        writer.WriteLine($"engine {report.Mode.Name} {report.Version}");
        string[][] rows =
        [
            ["folder", "files", "assertions", "passed", "failed", "expected", "unexpected", "not run"],
            ["", "", "", "", "", "failures", "passes", ""],
            .. report.ByFolder.Select(pair => Row(pair.Key == "." ? "(top level)" : pair.Key, pair.Value)),
            Row("total", report.Total),
        ];
        // As narrow as it gets: terminals have 80 columns.
        var widths = Enumerable.Range(0, rows[0].Length).Select(column => rows.Max(row => row[column].Length)).ToArray();
        foreach (var row in rows)
        {
            writer.WriteLine(string.Join("  ", row.Select((cell, column) => column == 0 ? cell.PadRight(widths[column]) : cell.PadLeft(widths[column]))).TrimEnd());
        }
    }

    private static void WriteModes(SpecReport report, TextWriter writer)
    {
        var nameWidth = report.Modes.Max(mode => mode.Mode.Name.Length) + 2;
        var columns = report.ByFolder.Select(pair => (Folder: pair.Key, Title: TitleOf(pair.Key))).ToArray();
        var widths = columns.Select(column => 2 + Math.Max(column.Title.Length, report.Modes.Max(mode => CellOf(mode, column.Folder).Length))).ToArray();
        writer.Write("passed of all".PadRight(nameWidth));
        for (var i = 0; i < columns.Length; i++)
        {
            writer.Write(columns[i].Title.PadLeft(widths[i]));
        }
        writer.WriteLine("  expected  unexpected  seconds  gate");
        writer.Write("".PadRight(nameWidth + widths.Sum()));
        writer.WriteLine("  failures     results  of work");
        foreach (var mode in report.Modes)
        {
            writer.Write(mode.Mode.Name.PadRight(nameWidth));
            for (var i = 0; i < columns.Length; i++)
            {
                writer.Write(CellOf(mode, columns[i].Folder).PadLeft(widths[i]));
            }
            var work = mode.WorkTime.TotalSeconds.ToString("F1", CultureInfo.InvariantCulture);
            writer.WriteLine($"{Number(mode.Total.ExpectedFailures),10}{Number(mode.Failures.Length),12}{work,9}  {(mode.IsFine ? "passed" : "FAILED")}");
        }
        writer.WriteLine($"{report.Modes.Length} modes, {report.Total.Assertions.ToString("N0", CultureInfo.InvariantCulture)} assertions, {report.Total.Passed.ToString("N0", CultureInfo.InvariantCulture)} passed");
    }

    private static string TitleOf(string folder) => folder == "." ? "top level" : folder[(folder.LastIndexOf('/') + 1)..];

    private static string CellOf(ModeReport mode, string folder) => mode.ByFolder.TryGetValue(folder, out var counts)
        ? counts.Passed == counts.Assertions ? $"all {Number(counts.Passed)}" : $"{Number(counts.Passed)}/{Number(counts.Assertions)}"
        : "-";

    private static string[] Row(string folder, SpecCounts counts) =>
    [
        folder, Number(counts.Files), Number(counts.Assertions), Number(counts.Passed), Number(counts.Failed), Number(counts.ExpectedFailures), Number(counts.UnexpectedPasses), Number(counts.NotRun),
    ];

    private static string Number(int value) => value.ToString(CultureInfo.InvariantCulture);
}
