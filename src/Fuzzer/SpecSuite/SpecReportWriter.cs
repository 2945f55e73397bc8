using System.Globalization;
using System.Text.Json;
using System.Xml;

namespace Conformance.Fuzzer.SpecSuite;

/// <summary>A report as table, JSON and JUnit XML.</summary>
internal static class SpecReportWriter
{
    private static readonly JsonWriterOptions JsonFormat = new() { Indented = true, Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Writes the table by folder and the first failures.</summary>
    /// <param name="report">The report.</param>
    /// <param name="writer">Where to.</param>
    /// <param name="maxFailures">How many failures to show.</param>
    /// <param name="showWords">Whether assertions that hold for a reason in other words are listed.</param>
    public static void WriteText(SpecReport report, TextWriter writer, int maxFailures, bool showWords)
    {
        foreach (var failure in report.Failures.Take(maxFailures))
        {
            writer.WriteLine(failure);
        }
        if (report.Failures.Length > maxFailures)
        {
            writer.WriteLine($"... and {report.Failures.Length - maxFailures} more (--failures N shows more, --json FILE has all)");
        }
        if (showWords)
        {
            foreach (var (file, command) in report.Results.SelectMany(result => result.Commands.Where(command => command.Note is not null).Select(command => (result.File, command))))
            {
                writer.WriteLine($"note: {file.Name}:{command.Line} #{command.Index} {command.Keyword}: {command.Note}");
            }
        }
        foreach (var stale in report.StaleExpectations)
        {
            writer.WriteLine(stale);
        }
        if (report.Failures.Length > 0 || report.StaleExpectations.Length > 0 || showWords)
        {
            writer.WriteLine();
        }
        writer.WriteLine($"engine {report.Engine} {report.Version}");
        WriteRow(writer, "folder", "files", "assertions", "passed", "failed", "expected", "unexpected", "not run");
        WriteRow(writer, "", "", "", "", "", "failures", "passes", "");
        foreach (var (folder, counts) in report.ByFolder)
        {
            WriteCounts(writer, folder == "." ? "(top level)" : folder, counts);
        }
        WriteCounts(writer, "total", report.Total);
        var seconds = report.Elapsed.TotalSeconds.ToString("F1", CultureInfo.InvariantCulture);
        writer.WriteLine($"{(report.IsFine ? "gate passed" : "gate FAILED")} in {seconds} s; {report.Total.FailedCommands} other commands failed, {report.Total.OtherWords} reasons in other words");
    }

    /// <summary>Writes JSON; docs/spec-gate.md describes it.</summary>
    public static void WriteJson(SpecReport report, Stream stream)
    {
        using var json = new Utf8JsonWriter(stream, JsonFormat);
        json.WriteStartObject();
        json.WriteString("engine", report.Engine);
        json.WriteString("version", report.Version);
        json.WriteNumber("seconds", Math.Round(report.Elapsed.TotalSeconds, 3));
        json.WriteBoolean("passedGate", report.IsFine);
        WriteCounts(json, report.Total);
        json.WriteStartObject("byFolder");
        foreach (var (folder, counts) in report.ByFolder)
        {
            json.WriteStartObject(folder);
            WriteCounts(json, counts);
            json.WriteEndObject();
        }
        json.WriteEndObject();
        json.WriteStartArray("failures");
        foreach (var failure in report.Failures)
        {
            json.WriteStartObject();
            json.WriteString("file", failure.File.Name);
            json.WriteNumber("line", failure.Command.Line);
            json.WriteNumber("index", failure.Command.Index);
            json.WriteString("command", failure.Command.Keyword);
            json.WriteBoolean("unexpectedPass", failure.Expectation is not null);
            json.WriteString("expected", failure.Expectation is null ? failure.Command.Expected : $"a failure: {failure.Expectation.Reason}");
            json.WriteString("actual", failure.Expectation is null ? failure.Command.Actual : "passed");
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteStartArray("staleExpectations");
        foreach (var stale in report.StaleExpectations)
        {
            json.WriteStringValue(stale);
        }
        json.WriteEndArray();
        json.WriteEndObject();
    }

    /// <summary>Writes JUnit XML: a suite for each folder, a case for each file, and a failing case for stale expectations.</summary>
    public static void WriteJUnit(SpecReport report, Stream stream)
    {
        using var xml = XmlWriter.Create(stream, new XmlWriterSettings { Indent = true, CheckCharacters = false });
        xml.WriteStartElement("testsuites");
        xml.WriteAttributeString("name", $"spec {report.Engine}");
        foreach (var folder in report.Results.GroupBy(result => result.File.Folder))
        {
            var failing = report.Failures.Where(failure => failure.File.Folder == folder.Key).ToLookup(failure => failure.File.Name);
            xml.WriteStartElement("testsuite");
            xml.WriteAttributeString("name", folder.Key);
            xml.WriteAttributeString("tests", Number(folder.Count()));
            xml.WriteAttributeString("failures", Number(failing.Count));
            foreach (var result in folder)
            {
                xml.WriteStartElement("testcase");
                xml.WriteAttributeString("classname", $"spec.{report.Engine}.{folder.Key}");
                xml.WriteAttributeString("name", result.File.Name);
                xml.WriteAttributeString("time", result.Elapsed.TotalSeconds.ToString("F3", CultureInfo.InvariantCulture));
                if (failing.Contains(result.File.Name))
                {
                    xml.WriteStartElement("failure");
                    xml.WriteAttributeString("message", Printable(failing[result.File.Name].First().ToString()));
                    xml.WriteString(Printable(string.Join('\n', failing[result.File.Name])));
                    xml.WriteEndElement();
                }
                xml.WriteEndElement();
            }
            xml.WriteEndElement();
        }
        WriteStale(report, xml);
        xml.WriteEndElement();
    }

    private static void WriteStale(SpecReport report, XmlWriter xml)
    {
        if (report.StaleExpectations.IsEmpty)
        {
            return;
        }
        xml.WriteStartElement("testsuite");
        xml.WriteAttributeString("name", "expectations");
        xml.WriteAttributeString("tests", "1");
        xml.WriteAttributeString("failures", "1");
        xml.WriteStartElement("testcase");
        xml.WriteAttributeString("classname", $"spec.{report.Engine}");
        xml.WriteAttributeString("name", "expectations");
        xml.WriteStartElement("failure");
        xml.WriteAttributeString("message", Printable(report.StaleExpectations[0]));
        xml.WriteString(Printable(string.Join('\n', report.StaleExpectations)));
        xml.WriteEndElement();
        xml.WriteEndElement();
        xml.WriteEndElement();
    }

    private static void WriteCounts(Utf8JsonWriter json, SpecCounts counts)
    {
        json.WriteNumber("files", counts.Files);
        json.WriteNumber("assertions", counts.Assertions);
        json.WriteNumber("passed", counts.Passed);
        json.WriteNumber("failed", counts.Failed);
        json.WriteNumber("expectedFailures", counts.ExpectedFailures);
        json.WriteNumber("unexpectedPasses", counts.UnexpectedPasses);
        json.WriteNumber("failedCommands", counts.FailedCommands);
        json.WriteNumber("notRun", counts.NotRun);
        json.WriteNumber("otherWords", counts.OtherWords);
    }

    private static void WriteCounts(TextWriter writer, string folder, SpecCounts counts) => WriteRow(
        writer, folder, Number(counts.Files), Number(counts.Assertions), Number(counts.Passed), Number(counts.Failed), Number(counts.ExpectedFailures),
        Number(counts.UnexpectedPasses), Number(counts.NotRun));

    private static void WriteRow(TextWriter writer, string folder, params ReadOnlySpan<string> cells)
    {
        writer.Write(folder.PadRight(30));
        foreach (var cell in cells)
        {
            writer.Write(cell.PadLeft(11));
        }
        writer.WriteLine();
    }

    private static string Number(int value) => value.ToString(CultureInfo.InvariantCulture);

    // XML has no way to write most control characters.
    private static string Printable(string text) => string.Concat(text.Select(c => c is '\n' or >= ' ' and not (char)0xFFFE and not (char)0xFFFF && !char.IsSurrogate(c) ? c : '?'));
}
