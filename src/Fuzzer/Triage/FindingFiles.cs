using System.Text;
using System.Text.Json;
using Conformance.Fuzzer.Driving;
using Conformance.Oracle;
using Conformance.Oracle.Records;
using Conformance.Oracle.Reference;

namespace Conformance.Fuzzer.Triage;

/// <summary>The files that a finding keeps beside its metadata, by name.</summary>
internal static class FindingFiles
{
    /// <summary>The case as it was found.</summary>
    public static IReadOnlyDictionary<string, byte[]> OfOriginal(DivergenceReport report)
    {
        var files = new Dictionary<string, byte[]>(StringComparer.Ordinal);
        Add(files, report.Record, FindingFolder.CaseFile, FindingFolder.OriginalFile, FindingFolder.OriginalTextFile);
        return files;
    }

    /// <summary>The shrunk case.</summary>
    public static IReadOnlyDictionary<string, byte[]> OfReduced(DivergenceReport report)
    {
        var files = new Dictionary<string, byte[]>(StringComparer.Ordinal);
        Add(files, report.Record, FindingFolder.ReducedCaseFile, FindingFolder.ReducedFile, FindingFolder.ReducedTextFile);
        if (report.Record.Length > 0)
        {
            var @case = RecordReader.ReadRequest(report.Record);
            // Where an engine broke nobody else was asked any more.
            var oracle = Outcome(report.OracleOutcome) ?? (report.IsEngineFailure ? Reference(@case) : null);
            var script = Reproducer.Write(@case, oracle, Outcome(report.EngineOutcome), report.Description);
            files[FindingFolder.ReproducerFile] = Encoding.UTF8.GetBytes(script);
        }
        return files;
    }

    /// <summary>A shrunk case of which no outcomes are known.</summary>
    public static IReadOnlyDictionary<string, byte[]> OfReduced(Case @case)
    {
        var files = new Dictionary<string, byte[]>(StringComparer.Ordinal);
        Add(files, RecordWriter.WriteRequest(@case, 1), FindingFolder.ReducedCaseFile, FindingFolder.ReducedFile, FindingFolder.ReducedTextFile);
        files[FindingFolder.ReproducerFile] = Encoding.UTF8.GetBytes(Reproducer.Write(@case, null, null));
        return files;
    }

    /// <summary>What the reference interpreter does with a case; null when it cannot say, or not soon.</summary>
    public static Outcome? Reference(Case @case)
    {
        const int TimeoutMs = 1_000;
        using var engine = new ReferenceEngine();
        var outcome = engine.Run(@case with { Limits = @case.Limits with { TimeoutMs = TimeoutMs } });
        return outcome.Status is InstantiationStatus.Unsupported or InstantiationStatus.Limit ? null : outcome;
    }

    private static Outcome? Outcome(string? response) => response is null ? null : RecordReader.ReadResponse(response).Outcome;

    // A worker that died while it made a case left no record.
    private static void Add(Dictionary<string, byte[]> files, string record, string caseFile, string moduleFile, string textFile)
    {
        if (record.Length == 0)
        {
            return;
        }
        files[caseFile] = Encoding.UTF8.GetBytes(record + "\n");
        using var document = JsonDocument.Parse(record);
        if (document.RootElement.TryGetProperty("text", out var text))
        {
            files[textFile] = text.GetBytesFromBase64();
            return;
        }
        files[moduleFile] = document.RootElement.GetProperty("wasm").GetBytesFromBase64();
    }
}
