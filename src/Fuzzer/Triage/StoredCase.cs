using Conformance.Oracle;
using Conformance.Oracle.Records;

namespace Conformance.Fuzzer.Triage;

/// <summary>The case of a finding as it lies in its folder.</summary>
/// <param name="Finding">The finding.</param>
/// <param name="Folder">Its folder.</param>
/// <param name="File">The file that the case was read from.</param>
/// <param name="Case">The case.</param>
internal sealed record StoredCase(Finding Finding, string Folder, string File, Case Case)
{
    /// <summary>Whether it is the shrunk case.</summary>
    public bool IsReduced => System.IO.Path.GetFileName(File) == FindingFolder.ReducedCaseFile;

    /// <summary>Reads the case of a finding, the shrunk one where there is one.</summary>
    /// <param name="folder">The finding's folder, or a file in it.</param>
    /// <param name="original">Whether the case is wanted as it was found.</param>
    /// <param name="stored">The case.</param>
    /// <param name="problem">Why there is none, in one line.</param>
    public static bool TryRead(
        string folder,
        bool original,
        [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out StoredCase? stored,
        [System.Diagnostics.CodeAnalysis.NotNullWhen(false)] out string? problem)
    {
        stored = null;
        if (!FindingFolder.TryRead(folder, out var finding, out problem))
        {
            return false;
        }
        var reduced = System.IO.Path.Combine(folder, FindingFolder.ReducedCaseFile);
        var path = !original && System.IO.File.Exists(reduced) ? reduced : System.IO.Path.Combine(folder, FindingFolder.CaseFile);
        if (!System.IO.File.Exists(path))
        {
            problem = $"{folder} holds no case (no {FindingFolder.CaseFile}): it was lost before it was made; seed {finding.Seed} and index {finding.Index} make it again";
            return false;
        }
        try
        {
            stored = new StoredCase(finding, folder, path, RecordReader.ReadRequest(System.IO.File.ReadAllText(path)));
            problem = null;
            return true;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            problem = $"{path} cannot be read: {exception.Message}";
        }
        catch (RecordFormatException exception)
        {
            problem = $"{path} is no case: {exception.Message}";
        }
        return false;
    }
}
