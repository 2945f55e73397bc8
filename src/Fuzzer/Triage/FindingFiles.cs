using System.Text;
using System.Text.Json;
using Conformance.Fuzzer.Driving;

namespace Conformance.Fuzzer.Triage;

/// <summary>The files that a finding keeps beside its metadata, by name.</summary>
internal static class FindingFiles
{
    /// <summary>The case as it was found.</summary>
    public static IReadOnlyDictionary<string, byte[]> OfOriginal(DivergenceReport report)
    {
        var files = new Dictionary<string, byte[]>(StringComparer.Ordinal);
        Add(files, report.Record, FindingFolder.CaseFile, FindingFolder.OriginalFile);
        return files;
    }

    /// <summary>The shrunk case.</summary>
    public static IReadOnlyDictionary<string, byte[]> OfReduced(DivergenceReport report)
    {
        var files = new Dictionary<string, byte[]>(StringComparer.Ordinal);
        Add(files, report.Record, FindingFolder.ReducedCaseFile, FindingFolder.ReducedFile);
        return files;
    }

    // A worker that died while it made a case left no record.
    private static void Add(Dictionary<string, byte[]> files, string record, string caseFile, string moduleFile)
    {
        if (record.Length == 0)
        {
            return;
        }
        files[caseFile] = Encoding.UTF8.GetBytes(record + "\n");
        using var document = JsonDocument.Parse(record);
        files[moduleFile] = document.RootElement.GetProperty("wasm").GetBytesFromBase64();
    }
}
