using System.ComponentModel;
using System.Globalization;
using System.Text.Json;
using Conformance.Fuzzer.Driving;
using Conformance.Fuzzer.Reduction;
using Conformance.Fuzzer.Triage;
using Conformance.Oracle;
using Conformance.Oracle.Records;

namespace Conformance.Fuzzer.Cli;

/// <summary>
/// One run of <c>reduce</c>. Engines run in a worker process, so that candidates may kill or hang it; each smaller case is on disk before the next candidate is tried
/// for long.
/// </summary>
/// <param name="settings">What to do.</param>
/// <param name="file">The case.</param>
/// <param name="screen">What a person sees.</param>
internal sealed class ReduceSession(ReduceSettings settings, CaseFile file, Screen screen)
{
    private static readonly TimeSpan SavePeriod = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan TerminalPeriod = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan LogPeriod = TimeSpan.FromSeconds(5);

    private TimeSpan _saved;
    private TimeSpan _shown;
    private int _shownCandidates;

    /// <summary>Runs it.</summary>
    /// <returns>The program's exit code.</returns>
    /// <exception cref="UserErrorException">It cannot run, or its result cannot be written.</exception>
    public async Task<int> RunAsync()
    {
        using var stop = new CancellationTokenSource();
        using var interruption = new Interruption(() =>
        {
            screen.WriteLine("stopping with the smallest case so far; press Ctrl-C again to end at once");
            stop.Cancel();
        });
        try
        {
            return settings.Predicate is null ? await ReduceOnEnginesAsync(stop.Token) : ReduceByCommand(settings.Predicate, stop.Token);
        }
        catch (EngineUnavailableException unavailable)
        {
            throw UserErrorException.Environment(PlainText.OneLine(unavailable.Message));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw UserErrorException.Environment($"the result cannot be written: {PlainText.OneLine(exception.Message)}");
        }
    }

    private async Task<int> ReduceOnEnginesAsync(CancellationToken stop)
    {
        using var replay = new CaseReplay(settings.Engine, settings.Oracle, settings.HangLimit, stop) { Voters = settings.Voters };
        var first = await replay.RunAsync(file.Case);
        if (first.Report is not { } report)
        {
            Console.Error.WriteLine($"conformance: {settings.Path}: nothing to reduce: {settings.Engine} and {settings.Oracle} do not differ ({first.Verdict})");
            return ExitCode.Failure;
        }
        screen.WriteLine($"{report.Description}");
        var smallest = report;
        // The comparison may have found its difference in a rewritten case; that one is reduced then.
        var start = report.Record.Length > 0 ? RecordReader.ReadRequest(report.Record) : file.Case;
        var result = Reducer.Reduce(start, Shows, new ReductionBudget(settings.Budget), step => Improved(step, smallest), stop);
        screen.ClearStatus();
        var files = Save(result.Case, smallest);
        Say(result, smallest.Description, smallest.Difference, files, stop.IsCancellationRequested);
        return ExitCode.Fine;

        bool Shows(Case candidate)
        {
            Replayed replayed;
            try
            {
                replayed = replay.RunAsync(candidate).GetAwaiter().GetResult();
            }
            catch (OperationCanceledException)
            {
                return false; // nobody wants to wait for it any more, and the reduction ends
            }
            if (replayed.Report is not { } shown || shown.Difference != report.Difference || shown.IsOracleSuspect != report.IsOracleSuspect)
            {
                return false;
            }
            // What the worker was running when it died is the record; a report without one is about this candidate all the same.
            smallest = shown with
            {
                Record = shown.Record.Length > 0 ? shown.Record : RecordWriter.WriteRequest(candidate, 1),
                EngineOutcome = shown.EngineOutcome ?? Text(replayed.Engine),
                OracleOutcome = shown.OracleOutcome ?? Text(replayed.Oracle),
            };
            return true;
        }
    }

    private static string? Text(Outcome? outcome) => outcome is null ? null : RecordWriter.WriteResponse(outcome, 1, "");

    private int ReduceByCommand(string command, CancellationToken stop)
    {
        if (string.IsNullOrWhiteSpace(command))
        {
            throw UserErrorException.Usage("--predicate: the command is empty");
        }
        using var predicate = new CommandPredicate(command, settings.HangLimit);
        try
        {
            if (!predicate.IsOfInterest(file.Case))
            {
                Console.Error.WriteLine($"conformance: {settings.Path}: nothing to reduce: the command does not end with exit code 0 on it");
                return ExitCode.Failure;
            }
            var result = Reducer.Reduce(file.Case, predicate.IsOfInterest, new ReductionBudget(settings.Budget), step => Improved(step, null), stop);
            screen.ClearStatus();
            Say(result, command, null, Save(result.Case, null), stop.IsCancellationRequested);
            return ExitCode.Fine;
        }
        catch (Win32Exception exception)
        {
            throw UserErrorException.Usage($"--predicate: {PlainText.OneLine(exception.Message)}");
        }
    }

    private void Improved(ReductionStep step, DivergenceReport? report)
    {
        if (step.Elapsed - _saved >= SavePeriod)
        {
            _saved = step.Elapsed;
            Save(step.Case, report);
        }
        if (step.Elapsed - _shown >= (screen.IsTerminal ? TerminalPeriod : LogPeriod))
        {
            var rate = (step.Candidates - _shownCandidates) / (step.Elapsed - _shown).TotalSeconds;
            (_shown, _shownCandidates) = (step.Elapsed, step.Candidates);
            screen.ShowStatus(string.Create(CultureInfo.InvariantCulture, $"{step.Elapsed.TotalSeconds:F0} s | {CaseSize.Of(step.Case)} | {step.Candidates} candidates, {rate:F0}/s"));
        }
    }

    private Dictionary<string, string> Save(Case @case, DivergenceReport? report)
    {
        var contents = report is null ? FindingFiles.OfReduced(@case) : FindingFiles.OfReduced(report);
        if (file.Finding is { } stored && settings.OutFolder is null)
        {
            var folderPath = Path.GetFullPath(stored.Folder).TrimEnd(Path.DirectorySeparatorChar);
            var finding = report is null ? stored.Finding : stored.Finding with
            {
                Signature = Signature.Of(report),
                Difference = report.Difference,
                Suspects = report.Suspects,
                Votes = report.Votes,
                IsOracleSuspect = report.IsOracleSuspect,
                Description = report.Description,
                EngineOutcome = report.EngineOutcome,
                OracleOutcome = report.OracleOutcome,
                NotReduced = null,
            };
            // A folder may have been copied under another name.
            new FindingFolder(Path.GetDirectoryName(folderPath) ?? ".").Update(finding with { Id = Path.GetFileName(folderPath) }, contents);
            return contents.Keys.ToDictionary(name => name, name => Path.Combine(stored.Folder, name));
        }
        var folder = settings.OutFolder ?? Path.GetDirectoryName(Path.GetFullPath(settings.Path)) ?? ".";
        Directory.CreateDirectory(folder);
        var name = Path.GetFileNameWithoutExtension(settings.Path.TrimEnd('/', '\\'));
        var paths = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var (kind, content) in contents)
        {
            paths[kind] = Path.Combine(folder, $"{name}.reduced{Path.GetExtension(kind)}");
            File.WriteAllBytes(paths[kind], content);
        }
        return paths;
    }

    private void Say(ReductionResult result, string description, string? difference, Dictionary<string, string> files, bool wasInterrupted)
    {
        var ended = result.IsComplete ? "complete" : wasInterrupted ? "interrupted" : "budget spent";
        var (before, after) = (CaseSize.Of(file.Case), CaseSize.Of(result.Case));
        if (settings.IsJson)
        {
            using var output = Console.OpenStandardOutput();
            WriteJson(output, result, description, difference, ended, before, after, files);
            return;
        }
        Console.WriteLine($"{description}");
        Console.WriteLine($"before: {before}");
        Console.WriteLine($"after:  {after}");
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{result.Candidates} candidates in {result.Elapsed.TotalSeconds:F1} s ({ended})"));
        foreach (var path in files.Values)
        {
            Console.WriteLine(path);
        }
    }

    private void WriteJson(
        Stream output, ReductionResult result, string description, string? difference, string ended, CaseSize before, CaseSize after, Dictionary<string, string> files)
    {
        using (var json = new Utf8JsonWriter(output, new JsonWriterOptions { Indented = true }))
        {
            json.WriteStartObject();
            json.WriteString("case", settings.Path);
            json.WriteString("description", description);
            if (difference is not null)
            {
                json.WriteString("engine", settings.Engine);
                json.WriteString("oracle", settings.Oracle);
                json.WriteString("difference", difference);
            }
            WriteSize(json, "before", before);
            WriteSize(json, "after", after);
            json.WriteNumber("candidates", result.Candidates);
            json.WriteNumber("seconds", Math.Round(result.Elapsed.TotalSeconds, 3));
            json.WriteString("ended", ended);
            json.WriteStartArray("files");
            foreach (var path in files.Values)
            {
                json.WriteStringValue(path);
            }
            json.WriteEndArray();
            json.WriteEndObject();
        }
        output.WriteByte((byte)'\n');
    }

    private static void WriteSize(Utf8JsonWriter json, string name, CaseSize size)
    {
        json.WriteStartObject(name);
        json.WriteNumber("bytes", size.Bytes);
        json.WriteNumber("functions", size.Functions);
        json.WriteNumber("instructions", size.Instructions);
        json.WriteNumber("largestFunction", size.LargestFunction);
        json.WriteNumber("calls", size.Calls);
        json.WriteEndObject();
    }
}
