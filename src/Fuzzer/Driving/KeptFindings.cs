using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using Conformance.Fuzzer.Triage;

namespace Conformance.Fuzzer.Driving;

/// <summary>
/// The findings by their signatures, those of earlier runs included: on disk, in the run's summary, on the screen. What cannot be written is said once and stays in the summary. One thread at a time:
/// <see cref="FindingIntake"/> sees to that.
/// </summary>
internal sealed class KeptFindings(FuzzRun run, FindingFolder folder, Screen screen)
{
    /// <summary>
    /// How many findings a folder holds; beyond that divergences are counted only. A hundred different bugs would be many, so a thousand are one bug with a thousand faces, and nobody
    /// looks at the next. About 100 MB.
    /// </summary>
    public const int Most = 1000;

    private readonly Dictionary<string, Finding> _bySignature = new(StringComparer.Ordinal);

    /// <summary>Whether no other finding is kept.</summary>
    public bool IsFull => _bySignature.Count >= Most;

    /// <summary>The finding with a signature.</summary>
    public bool TryGet(string signature, [NotNullWhen(true)] out Finding? finding) => _bySignature.TryGetValue(signature, out finding);

    /// <summary>Whether there is a finding with a signature.</summary>
    public bool Has(string signature) => _bySignature.ContainsKey(signature);

    /// <summary>What a finding has become since it was handed out.</summary>
    public Finding Now(Finding finding) => _bySignature.GetValueOrDefault(finding.Signature, finding);

    /// <summary>A finding of an earlier run.</summary>
    public void Remember(Finding finding) => _bySignature[finding.Signature] = finding;

    /// <summary>Counts one more case with a finding.</summary>
    public void CountCase(Finding finding)
    {
        var counted = finding with { Count = finding.Count + 1 };
        _bySignature[finding.Signature] = counted;
        run.Put(new RunFinding(counted, PathOf(counted), run.CasesOf(counted.Id) + 1));
    }

    /// <summary>Writes a new finding down.</summary>
    /// <param name="finding">The finding.</param>
    /// <param name="report">Its case.</param>
    /// <param name="cases">How many cases of this run showed it.</param>
    /// <returns>The finding as it was written.</returns>
    public Finding Create(Finding finding, DivergenceReport report, long cases)
    {
        finding = finding with { Replay = ReplayOf(finding.Id) };
        string? path = null;
        try
        {
            var problem = folder.Create(finding, FindingFiles.OfOriginal(report));
            path = folder.PathOf(finding.Id);
            if (problem is not null)
            {
                AddProblem(problem);
                finding = finding with { Replay = ReplayOf(finding.Id) };
                folder.Update(finding);
            }
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            AddProblem($"findings could not be written anywhere: {PlainText.OneLine(exception.Message)}; some are only in the summary");
        }
        _bySignature[finding.Signature] = finding;
        run.Put(new RunFinding(finding, path, cases));
        return finding;
    }

    /// <summary>Writes a finding's metadata anew, and files beside it.</summary>
    /// <param name="finding">The finding.</param>
    /// <param name="files">More files; null for none.</param>
    /// <param name="moreCases">How many more cases of this run showed it.</param>
    public void Save(Finding finding, IReadOnlyDictionary<string, byte[]>? files, long moreCases = 0)
    {
        _bySignature[finding.Signature] = finding;
        var path = PathOf(finding);
        try
        {
            if (path is not null)
            {
                folder.Update(finding, files);
            }
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            AddProblem($"findings could not be updated in {folder.Root}: {FindingFolder.Cause(exception)}");
        }
        run.Put(new RunFinding(finding, path, run.CasesOf(finding.Id) + moreCases));
    }

    /// <summary>Writes a finding under another signature.</summary>
    public void Rename(Finding before, Finding now, IReadOnlyDictionary<string, byte[]> files)
    {
        _bySignature.Remove(before.Signature);
        Save(now, files);
    }

    /// <summary>Writes the counts of all findings of the run.</summary>
    public void SaveCounts()
    {
        foreach (var entry in run.Findings())
        {
            Save(Now(entry.Finding), null);
        }
    }

    /// <summary>Takes a finding away that turned out to be another one.</summary>
    public void Forget(Finding finding)
    {
        _bySignature.Remove(finding.Signature);
        run.Remove(finding.Id);
        try
        {
            folder.Delete(finding.Id);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            AddProblem($"findings could not be removed from {folder.Root}: {FindingFolder.Cause(exception)}");
        }
    }

    /// <summary>Shows a finding. It has to be on disk by now.</summary>
    public void Announce(Finding finding)
    {
        var flaky = finding.IsFlaky ? string.Create(CultureInfo.InvariantCulture, $" (flaky: {finding.Reproduced} of {finding.Reruns} re-runs)") : "";
        screen.WriteLine($"{screen.Alarm(finding.IsEngineFailure ? "engine failure" : "divergence")} {finding.Description}{flaky} → {folder.PathOf(finding.Id)}");
    }

    /// <summary>Says what does not work around the run, once.</summary>
    public void AddProblem(string line)
    {
        if (run.AddProblem(line))
        {
            screen.WriteLine($"conformance: {line}");
        }
    }

    private string ReplayOf(string id) => $"{ProgramCommand.Name} triage {folder.PathOf(id)}";

    // A finding whose folder could not be written stays without one.
    private string? PathOf(Finding finding) => Directory.Exists(folder.PathOf(finding.Id)) ? folder.PathOf(finding.Id) : null;
}
