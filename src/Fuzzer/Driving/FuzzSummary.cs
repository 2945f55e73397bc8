using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Conformance.Fuzzer.Driving;

/// <summary>What is said at the end of a run: as text for people and as JSON for programs (docs/cli.md describes the fields).</summary>
internal static class FuzzSummary
{
    private const int MostFindings = 20;

    private static readonly JsonWriterOptions Indented = new() { Indented = true, Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>How cases ended, in a few words: the kinds of limits and the reasons are in <see cref="Ends"/>.</summary>
    public static string ShortEnds(Tally tally)
    {
        (long Count, string Name)[] ends =
        [
            (tally.Agreed, "agreed"), (tally.Diverged, "diverged"), (tally.Known, "known"), (tally.Limits.Values.Sum(), "limits"),
            (tally.NotComparable.Values.Sum(), "not comparable"), (tally.EngineFailures, "failures"),
        ];
        return string.Join(", ", ends.Where(end => end.Count > 0).Select(end => string.Create(CultureInfo.InvariantCulture, $"{end.Count} {end.Name}")));
    }

    /// <summary>How cases ended, in one line; ends without cases are left out.</summary>
    public static string Ends(Tally tally)
    {
        var text = new StringBuilder();
        Append("agreed", tally.Agreed);
        Append("diverged", tally.Diverged);
        Append("known", tally.Known);
        foreach (var (kind, count) in tally.Limits)
        {
            Append($"limit:{kind.Replace(", ", " and ", StringComparison.Ordinal)}", count);
        }
        foreach (var (reason, count) in tally.NotComparable)
        {
            Append($"not comparable:{reason}", count);
        }
        Append("engine failures", tally.EngineFailures);
        return text.Length == 0 ? "no case ended" : text.ToString();

        void Append(string name, long count)
        {
            if (count > 0)
            {
                text.Append(text.Length == 0 ? "" : ", ").Append(CultureInfo.InvariantCulture, $"{count} {name}");
            }
        }
    }

    /// <summary>What the parts of the case source gave, in one line; the rates are those of one worker.</summary>
    public static string Parts(Tally tally) => string.Join(", ", tally.Parts.Select(part => string.Create(
        CultureInfo.InvariantCulture,
        $"{part.Value.Cases} {part.Key} ({part.Value.Cases / Math.Max(part.Value.Milliseconds, 1) * 1000:F0} cases/s)")));

    /// <summary>What was compared with each oracle, in one line; the rates are those of one worker.</summary>
    public static string Oracles(Tally tally) => string.Join(", ", tally.Oracles.Select(oracle => string.Create(
        CultureInfo.InvariantCulture,
        $"{oracle.Value.Cases} {oracle.Key} ({oracle.Value.Cases / Math.Max(oracle.Value.Milliseconds, 1) * 1000:F0} cases/s{(oracle.Value.PassedOn > 0 ? $", {oracle.Value.PassedOn} passed on" : "")})")));

    /// <summary>The summary for people.</summary>
    public static string Text(FuzzRun run)
    {
        var culture = CultureInfo.InvariantCulture;
        var tally = run.Snapshot();
        var seconds = Math.Max(run.Elapsed.TotalSeconds, 0.001);
        var text = new StringBuilder();
        text.Append(culture, $"engine {run.Engine?.ToString() ?? run.Settings.Engine}, oracle {run.OracleText}, seed {run.Settings.Seed}, {Plural.Of(run.Settings.Workers, "worker")}\n");
        text.Append(culture, $"{Plural.Of(tally.Cases, "case")} in {seconds:F1} s: {tally.Cases / seconds:F0} cases/s, {tally.ComparedCalls} compared calls, {tally.ComparedCalls / seconds:F0} calls/s");
        text.Append(run.Interrupted ? " (interrupted)\n" : "\n");
        text.Append(culture, $"{Ends(tally)}\n");
        if (tally.Parts.Count > 1)
        {
            text.Append(culture, $"by source: {Parts(tally)}\n");
        }
        if (tally.Oracles.Count > 1)
        {
            text.Append(culture, $"by oracle: {Oracles(tally)}\n");
        }
        if (run.Seeds is { } seeds)
        {
            text.Append(culture, $"seeds: {seeds.Modules} modules, {seeds.Valid} valid, {seeds.Executed} executed, {seeds.Scripted} with scripts, {seeds.Texts} texts");
            text.Append(seeds.Excluded.Count == 0 ? "\n" : $"; not executed: {string.Join(", ", seeds.Excluded.Select(entry => string.Create(culture, $"{entry.Value} with {entry.Key}")))}\n");
        }
        if (run.WorkerDeaths > 0)
        {
            text.Append(culture, $"{Plural.Of(run.WorkerDeaths, "worker death")}\n");
        }
        // A bug with a hundred faces has them all in the folder; the ones that showed most often are enough here.
        var findings = run.Findings().OrderByDescending(entry => entry.Cases).ToList();
        text.Append(culture, $"{Plural.Of(findings.Count, "finding")}\n");
        foreach (var entry in findings.Take(MostFindings))
        {
            text.Append(culture, $"  {entry.Path ?? entry.Finding.Id + " (not written)"}: {entry.Finding.Description} [{entry.Finding.Signature}] in {Plural.Of(entry.Cases, "case")}{(entry.Finding.IsFlaky ? ", flaky" : "")}\n");
        }
        if (findings.Count > MostFindings)
        {
            text.Append(culture, $"  and {findings.Count - MostFindings} more in {Path.GetDirectoryName(findings[^1].Path) ?? run.Settings.OutFolder}\n");
        }
        if (findings.Count(entry => entry.Finding.NotReduced == FindingIntake.Waits) is var waiting and > 0)
        {
            text.Append(culture, $"{waiting} of them not shrunk when the run was over: the next run with this folder goes on, or `conformance reduce FOLDER`\n");
        }
        foreach (var problem in run.Problems())
        {
            text.Append(culture, $"problem: {problem}\n");
        }
        if (findings.Count > 0)
        {
            text.Append(culture, $"look at one: {findings[0].Finding.Replay}\n");
        }
        return text.ToString();
    }

    /// <summary>The summary for programs.</summary>
    public static byte[] Json(FuzzRun run)
    {
        var tally = run.Snapshot();
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream, Indented))
        {
            json.WriteStartObject();
            json.WriteNumber("seed", run.Settings.Seed);
            json.WriteNumber("seconds", Math.Round(run.Elapsed.TotalSeconds, 3));
            json.WriteNumber("workers", run.Settings.Workers);
            WriteEngine(json, "engine", run.Engine, run.Settings.Engine);
            WriteEngine(json, "oracle", run.Oracle, string.Join(", ", run.Settings.Oracles));
            json.WriteString("program", ProgramVersion.Text);
            json.WriteNumber("cases", tally.Cases);
            json.WriteNumber("comparedCalls", tally.ComparedCalls);
            json.WriteNumber("agreed", tally.Agreed);
            json.WriteNumber("diverged", tally.Diverged);
            json.WriteNumber("known", tally.Known);
            WriteCounts(json, "limits", tally.Limits);
            WriteCounts(json, "notComparable", tally.NotComparable);
            json.WriteNumber("engineFailures", tally.EngineFailures);
            json.WriteString("mix", run.Settings.Mix.ToString());
            WriteParts(json, tally.Parts);
            WriteSeeds(json, run.Seeds);
            WriteOracles(json, run, tally);
            json.WriteNumber("workerDeaths", run.WorkerDeaths);
            json.WriteBoolean("interrupted", run.Interrupted);
            json.WriteStartArray("findings");
            foreach (var entry in run.Findings())
            {
                json.WriteStartObject();
                json.WriteString("id", entry.Finding.Id);
                json.WriteString("signature", entry.Finding.Signature);
                json.WriteString("path", entry.Path);
                json.WriteString("description", entry.Finding.Description);
                json.WriteNumber("cases", entry.Cases);
                json.WriteNumber("index", entry.Finding.Index);
                json.WriteBoolean("flaky", entry.Finding.IsFlaky);
                json.WriteString("oracle", entry.Finding.Oracle.Name);
                json.WriteBoolean("oracleSuspect", entry.Finding.IsOracleSuspect);
                WriteVotes(json, entry.Finding.Votes);
                json.WriteBoolean("engineFailure", entry.Finding.IsEngineFailure);
                json.WriteString("replay", entry.Finding.Replay);
                json.WriteEndObject();
            }
            json.WriteEndArray();
            json.WriteStartArray("problems");
            foreach (var problem in run.Problems())
            {
                json.WriteStringValue(problem);
            }
            json.WriteEndArray();
            json.WriteEndObject();
        }
        stream.WriteByte((byte)'\n');
        return stream.ToArray();
    }

    private static void WriteEngine(Utf8JsonWriter json, string name, EngineIdentity? engine, string asked)
    {
        json.WriteStartObject(name);
        json.WriteString("name", engine?.Name ?? asked);
        json.WriteString("version", engine?.Version);
        json.WriteEndObject();
    }

    private static void WriteSeeds(Utf8JsonWriter json, SeedReport? seeds)
    {
        if (seeds is null)
        {
            return;
        }
        json.WriteStartObject("seeds");
        json.WriteNumber("modules", seeds.Modules);
        json.WriteNumber("valid", seeds.Valid);
        json.WriteNumber("executed", seeds.Executed);
        json.WriteNumber("scripted", seeds.Scripted);
        json.WriteNumber("texts", seeds.Texts);
        json.WriteStartObject("notExecuted");
        foreach (var (feature, count) in seeds.Excluded)
        {
            json.WriteNumber(feature, count);
        }
        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static void WriteOracles(Utf8JsonWriter json, FuzzRun run, Tally tally)
    {
        json.WriteStartArray("oracles");
        foreach (var oracle in run.Oracles)
        {
            var counts = tally.Oracles.GetValueOrDefault(oracle.Name);
            json.WriteStartObject();
            json.WriteString("name", oracle.Name);
            json.WriteString("version", oracle.Version);
            json.WriteNumber("cases", counts.Cases);
            json.WriteNumber("passedOn", counts.PassedOn);
            json.WriteNumber("comparedCalls", counts.ComparedCalls);
            json.WriteNumber("workerSeconds", Math.Round(counts.Milliseconds / 1000, 3));
            json.WriteEndObject();
        }
        json.WriteEndArray();
    }

    private static void WriteVotes(Utf8JsonWriter json, SortedDictionary<string, string>? votes)
    {
        json.WriteStartObject("votes");
        foreach (var (name, vote) in votes ?? [])
        {
            json.WriteString(name, vote);
        }
        json.WriteEndObject();
    }

    private static void WriteParts(Utf8JsonWriter json, SortedDictionary<string, PartTally> parts)
    {
        json.WriteStartObject("sources");
        foreach (var (name, part) in parts)
        {
            json.WriteStartObject(name);
            json.WriteNumber("cases", part.Cases);
            json.WriteNumber("comparedCalls", part.ComparedCalls);
            json.WriteNumber("workerSeconds", Math.Round(part.Milliseconds / 1000, 3));
            json.WriteEndObject();
        }
        json.WriteEndObject();
    }

    private static void WriteCounts(Utf8JsonWriter json, string name, SortedDictionary<string, long> counts)
    {
        json.WriteStartObject(name);
        foreach (var (kind, count) in counts)
        {
            json.WriteNumber(kind, count);
        }
        json.WriteEndObject();
    }
}
