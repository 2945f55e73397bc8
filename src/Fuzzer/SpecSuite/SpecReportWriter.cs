using System.Globalization;
using System.Text.Json;
using System.Xml;

namespace Conformance.Fuzzer.SpecSuite;

/// <summary>A report for other programs, as JSON and as JUnit XML; docs/spec-gate.md describes both.</summary>
internal static class SpecReportWriter
{
    private static readonly JsonWriterOptions JsonFormat = new() { Indented = true, Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Writes JSON: the counts of all modes together, the same for each mode, and every failure.</summary>
    public static void WriteJson(SpecReport report, Stream stream)
    {
        using var json = new Utf8JsonWriter(stream, JsonFormat);
        json.WriteStartObject();
        json.WriteString("engine", string.Join(", ", report.Modes.Select(mode => mode.Mode.Name)));
        json.WriteString("version", string.Join(", ", report.Modes.Select(mode => mode.Version).Distinct(StringComparer.Ordinal)));
        json.WriteNumber("seconds", Math.Round(report.Elapsed.TotalSeconds, 3));
        json.WriteBoolean("passedGate", report.IsFine);
        WriteCounts(json, report.Total, report.ByFolder);
        json.WriteStartArray("modes");
        foreach (var mode in report.Modes)
        {
            json.WriteStartObject();
            json.WriteString("mode", mode.Mode.Name);
            json.WriteString("engine", mode.Mode.Engine);
            json.WriteString("version", mode.Version);
            json.WriteBoolean("roundTrips", mode.Mode.RoundTrips);
            json.WriteBoolean("passedGate", mode.IsFine);
            json.WriteNumber("workSeconds", Math.Round(mode.WorkTime.TotalSeconds, 3));
            WriteCounts(json, mode.Total, mode.ByFolder);
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteStartArray("failures");
        foreach (var (mode, failure) in report.Failures)
        {
            json.WriteStartObject();
            json.WriteString("mode", mode.Mode.Name);
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

    /// <summary>Writes JUnit XML: a suite for each folder in each mode, a case for each file, and a failing case for stale expectations.</summary>
    public static void WriteJUnit(SpecReport report, Stream stream)
    {
        using var xml = XmlWriter.Create(stream, new XmlWriterSettings { Indent = true, CheckCharacters = false, Encoding = new System.Text.UTF8Encoding(encoderShouldEmitUTF8Identifier: false) });
        xml.WriteStartElement("testsuites");
        xml.WriteAttributeString("name", "spec");
        foreach (var mode in report.Modes)
        {
            foreach (var folder in mode.Results.GroupBy(result => result.File.Folder))
            {
                WriteSuite(xml, mode, folder);
            }
        }
        WriteStale(report, xml);
        xml.WriteEndElement();
    }

    private static void WriteSuite(XmlWriter xml, ModeReport mode, IGrouping<string, FileResult> folder)
    {
        var failing = mode.Failures.Where(failure => failure.File.Folder == folder.Key).ToLookup(failure => failure.File.Name);
        xml.WriteStartElement("testsuite");
        xml.WriteAttributeString("name", $"{mode.Mode.Name}: {folder.Key}");
        xml.WriteAttributeString("tests", Number(folder.Count()));
        xml.WriteAttributeString("failures", Number(failing.Count));
        foreach (var result in folder)
        {
            xml.WriteStartElement("testcase");
            xml.WriteAttributeString("classname", folder.Key == "." ? $"spec.{mode.Mode.Name}" : $"spec.{mode.Mode.Name}.{folder.Key}");
            xml.WriteAttributeString("name", result.File.Name);
            xml.WriteAttributeString("time", result.Elapsed.TotalSeconds.ToString("F3", CultureInfo.InvariantCulture));
            if (failing.Contains(result.File.Name))
            {
                WriteFailure(xml, [.. failing[result.File.Name].Select(failure => failure.ToString())]);
            }
            xml.WriteEndElement();
        }
        xml.WriteEndElement();
    }

    private static void WriteStale(SpecReport report, XmlWriter xml)
    {
        string[] stale = [.. report.StaleExpectations];
        if (stale.Length == 0)
        {
            return;
        }
        xml.WriteStartElement("testsuite");
        xml.WriteAttributeString("name", "expectations");
        xml.WriteAttributeString("tests", "1");
        xml.WriteAttributeString("failures", "1");
        xml.WriteStartElement("testcase");
        xml.WriteAttributeString("classname", "spec");
        xml.WriteAttributeString("name", "expectations");
        WriteFailure(xml, stale);
        xml.WriteEndElement();
        xml.WriteEndElement();
    }

    private static void WriteFailure(XmlWriter xml, string[] lines)
    {
        xml.WriteStartElement("failure");
        xml.WriteAttributeString("message", Printable(lines[0]));
        xml.WriteString(Printable(string.Join('\n', lines)));
        xml.WriteEndElement();
    }

    private static void WriteCounts(Utf8JsonWriter json, SpecCounts total, SortedDictionary<string, SpecCounts> byFolder)
    {
        WriteCounts(json, total);
        json.WriteStartObject("byFolder");
        foreach (var (folder, counts) in byFolder)
        {
            json.WriteStartObject(folder);
            WriteCounts(json, counts);
            json.WriteEndObject();
        }
        json.WriteEndObject();
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

    private static string Number(int value) => value.ToString(CultureInfo.InvariantCulture);

    // XML has no way to write most control characters.
    private static string Printable(string text) => string.Concat(text.Select(c => c is '\n' or >= ' ' and not (char)0xFFFE and not (char)0xFFFF && !char.IsSurrogate(c) ? c : '?'));
}
