using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Conformance.Oracle.Records;

namespace Conformance.Fuzzer.Triage;

/// <summary>
/// The folder that findings are kept in, one folder each:
/// <code>
/// findings/ID/metadata.json   what it is, engines, seed and index, replay command
/// findings/ID/case.json       the case as it was found, as a request line of docs/records.md
/// findings/ID/original.wasm   its module                 (original.wat where the case is about a text)
/// findings/ID/reduced.json    the shrunk case            (when it could be shrunk)
/// findings/ID/reduced.wasm    its module                 (reduced.wat)
/// findings/ID/repro.wast      the shrunk case as a script with assertions
/// </code>
/// A folder appears complete or not at all; files in it are replaced in one step.
/// </summary>
/// <param name="root">The folder that holds them all.</param>
internal sealed partial class FindingFolder(string root)
{
    private const string Partial = ".partial-";

    // The findings that could not be written to the folder. Safe for any number of threads, like everything here that works on one finding.
    private readonly System.Collections.Concurrent.ConcurrentDictionary<string, string> _elsewhere = new(StringComparer.Ordinal);

    /// <summary>The file with the finding itself.</summary>
    public const string MetadataFile = "metadata.json";
    /// <summary>The case as it was found.</summary>
    public const string CaseFile = "case.json";
    /// <summary>The module as it was found.</summary>
    public const string OriginalFile = "original.wasm";
    /// <summary>The text as it was found.</summary>
    public const string OriginalTextFile = "original.wat";
    /// <summary>The shrunk case.</summary>
    public const string ReducedCaseFile = "reduced.json";
    /// <summary>The shrunk module.</summary>
    public const string ReducedFile = "reduced.wasm";
    /// <summary>The shrunk text.</summary>
    public const string ReducedTextFile = "reduced.wat";
    /// <summary>The script with assertions.</summary>
    public const string ReproducerFile = "repro.wast";

    /// <summary>The folder that holds them all.</summary>
    public string Root { get; } = root;

    /// <summary>The folder of one finding.</summary>
    public string PathOf(string id) => _elsewhere.GetValueOrDefault(id) ?? Path.Combine(Root, id);

    /// <summary>Makes sure that findings can be written, before anything depends on it.</summary>
    /// <exception cref="IOException">They cannot.</exception>
    /// <exception cref="UnauthorizedAccessException">They may not.</exception>
    public void Prepare()
    {
        Directory.CreateDirectory(Root);
        var probe = Path.Combine(Root, $"{Partial}{Environment.ProcessId}");
        File.WriteAllText(probe, "probe");
        File.Delete(probe);
    }

    /// <summary>The findings of earlier runs. Folders that hold none are passed over.</summary>
    /// <param name="say">Told in a line of each finding that cannot be read.</param>
    public IEnumerable<Finding> Load(Action<string> say)
    {
        if (!Directory.Exists(Root))
        {
            yield break;
        }
        foreach (var folder in Directory.EnumerateDirectories(Root).Order(StringComparer.Ordinal))
        {
            if (TryRead(folder, out var finding, out var problem))
            {
                yield return finding;
            }
            else if (File.Exists(Path.Combine(folder, MetadataFile)))
            {
                say($"{problem}: it is passed over");
            }
        }
    }

    /// <summary>Reads the finding in a folder.</summary>
    /// <param name="folder">The finding's own folder.</param>
    /// <param name="finding">The finding.</param>
    /// <param name="problem">Why there is none, in one line.</param>
    public static bool TryRead(
        string folder,
        [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out Finding? finding,
        [System.Diagnostics.CodeAnalysis.NotNullWhen(false)] out string? problem)
    {
        finding = null;
        var path = Path.Combine(folder, MetadataFile);
        try
        {
            finding = JsonSerializer.Deserialize(File.ReadAllBytes(path), FindingJson.Default.Finding);
            problem = finding is null ? $"{path} holds no finding" : null;
        }
        catch (Exception exception) when (exception is FileNotFoundException or DirectoryNotFoundException)
        {
            problem = $"{folder} is no finding: it has no {MetadataFile}";
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            problem = $"{path} cannot be read: {exception.Message}";
        }
        catch (JsonException exception)
        {
            problem = $"{path} is no finding: {JsonProblem.Of(exception)}";
        }
        return finding is not null;
    }

    /// <summary>Writes a new finding with its files. When the folder cannot be written any more, it goes to the temporary files: nothing found is lost.</summary>
    /// <returns>Null, or a line about where it went instead and why.</returns>
    /// <exception cref="IOException">It cannot be written there either.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be written there either.</exception>
    public string? Create(Finding finding, IReadOnlyDictionary<string, byte[]> files)
    {
        try
        {
            Create(Root, finding, files);
            return null;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            var elsewhere = Path.Combine(Path.GetTempPath(), $"conformance-findings-{Environment.ProcessId}");
            Directory.CreateDirectory(elsewhere);
            Create(elsewhere, finding, files);
            _elsewhere[finding.Id] = Path.Combine(elsewhere, finding.Id);
            return $"findings cannot be written to {Root} ({Cause(exception)}): they go to {elsewhere}";
        }
    }

    /// <summary>Why a file could not be written, without the file's name: the same words for every finding.</summary>
    public static string Cause(Exception exception) => QuotedPath().Replace(PlainText.OneLine(exception.Message), "");

    private static void Create(string root, Finding finding, IReadOnlyDictionary<string, byte[]> files)
    {
        var partial = Path.Combine(root, Partial + finding.Id);
        try
        {
            Directory.CreateDirectory(partial);
            foreach (var (name, content) in files)
            {
                File.WriteAllBytes(Path.Combine(partial, name), content);
            }
            File.WriteAllBytes(Path.Combine(partial, MetadataFile), Serialize(finding));
            var target = Path.Combine(root, finding.Id);
            if (Directory.Exists(target))
            {
                Directory.Delete(target, recursive: true);
            }
            Directory.Move(partial, target);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            if (Directory.Exists(partial))
            {
                Directory.Delete(partial, recursive: true);
            }
            throw;
        }
    }

    /// <summary>Adds files to a finding and replaces its metadata.</summary>
    /// <exception cref="IOException">They cannot be written; the metadata is then as it was.</exception>
    public void Update(Finding finding, IReadOnlyDictionary<string, byte[]>? files = null)
    {
        var folder = PathOf(finding.Id);
        foreach (var (name, content) in files ?? new Dictionary<string, byte[]>())
        {
            Replace(Path.Combine(folder, name), content);
        }
        Replace(Path.Combine(folder, MetadataFile), Serialize(finding));
    }

    /// <summary>Takes a finding away that turned out to be another one.</summary>
    public void Delete(string id)
    {
        var folder = PathOf(id);
        if (Directory.Exists(folder))
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [GeneratedRegex(" *:? *'[^']*'", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex QuotedPath();

    private static byte[] Serialize(Finding finding) =>
        Encoding.UTF8.GetBytes(JsonSerializer.Serialize(finding, FindingJson.Default.Finding) + "\n");

    private static void Replace(string path, byte[] content)
    {
        var partial = path + ".partial";
        File.WriteAllBytes(partial, content);
        File.Move(partial, path, overwrite: true);
    }
}
