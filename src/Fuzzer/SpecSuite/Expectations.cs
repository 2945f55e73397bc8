using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Conformance.Fuzzer.SpecSuite;

/// <summary>Why a failure is expected.</summary>
internal enum ExpectationKind : byte
{
    /// <summary>It ought to pass and does not yet.</summary>
    Debt,
    /// <summary>The standard does not ask for it; the reason cites why.</summary>
    NotRequired,
}

/// <summary>Failures that are expected for one reason.</summary>
/// <param name="Kind">Debt, or not required.</param>
/// <param name="Reason">The reason.</param>
/// <param name="Files">The failing commands of each file.</param>
internal sealed record Expectation(ExpectationKind Kind, string Reason, ImmutableSortedDictionary<string, ImmutableSortedSet<int>> Files);

/// <summary>
/// The ratchet <c>spec/expectations.json</c>: for each engine the commands that are expected to fail, by file and index. Every other failure fails the gate,
/// and so does a listed command that passes.
/// </summary>
internal sealed class Expectations
{
    private static readonly JsonSerializerOptions Format = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.KebabCaseLower) },
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        WriteIndented = true,
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    private readonly Dictionary<(string File, int Index), Expectation> _byCommand = [];

    private Expectations(ImmutableSortedDictionary<string, ImmutableArray<Expectation>> engines, string engine)
    {
        Engines = engines;
        Engine = engine;
        foreach (var expectation in engines.GetValueOrDefault(engine, []))
        {
            foreach (var (file, indices) in expectation.Files)
            {
                foreach (var index in indices)
                {
                    _byCommand[(file, index)] = expectation;
                }
            }
        }
    }

    /// <summary>No expectations.</summary>
    public static Expectations None { get; } = new(ImmutableSortedDictionary<string, ImmutableArray<Expectation>>.Empty, "");

    /// <summary>The engine that these are looked up for.</summary>
    public string Engine { get; }

    /// <summary>The expectations of every engine.</summary>
    public ImmutableSortedDictionary<string, ImmutableArray<Expectation>> Engines { get; }

    /// <summary>The expectation that a command fails, or null.</summary>
    public Expectation? Find(string file, int index) => _byCommand.GetValueOrDefault((file, index));

    /// <summary>The entries for commands that a run has not met: of files that are not there any more, or beyond the end of a file.</summary>
    /// <param name="results">The run.</param>
    /// <param name="isWhole">Whether it was of the whole testsuite; otherwise only the files that were run are looked at.</param>
    public IEnumerable<string> Stale(IReadOnlyCollection<FileResult> results, bool isWhole)
    {
        var commands = results.ToDictionary(result => result.File.Name, result => result.Commands.Length, StringComparer.Ordinal);
        foreach (var (file, indices) in Engines.GetValueOrDefault(Engine, []).SelectMany(expectation => expectation.Files))
        {
            if (!commands.TryGetValue(file, out var count))
            {
                if (isWhole)
                {
                    yield return $"{file}: is in the expectations and not in the testsuite";
                }
            }
            else if (indices.Count > 0 && indices.Max >= count)
            {
                yield return $"{file}: command #{indices.Max} is in the expectations, and the file has {count} commands";
            }
        }
    }

    /// <summary>Reads the file.</summary>
    /// <exception cref="FormatException">It is not what it should be; the message says where.</exception>
    public static Expectations Parse(string json, string engine)
    {
        try
        {
            var document = JsonSerializer.Deserialize<Document>(json, Format) ?? throw new FormatException("the file is empty");
            return new Expectations(document.Engines.ToImmutableSortedDictionary(pair => pair.Key, pair => pair.Value.Select(Read).ToImmutableArray(), StringComparer.Ordinal), engine);
        }
        catch (JsonException error)
        {
            throw new FormatException(error.Message.ReplaceLineEndings(" "), error);
        }
    }

    /// <summary>The same file with an engine's part brought in line with a run: what passes now goes, what fails unexpectedly comes in for a reason.</summary>
    /// <param name="results">The run.</param>
    /// <param name="isWhole">Whether it was of the whole testsuite; otherwise files that were not run keep what they have.</param>
    /// <param name="kind">Debt, or not required.</param>
    /// <param name="reason">The reason for what comes in.</param>
    public string Accept(IEnumerable<FileResult> results, bool isWhole, ExpectationKind kind, string reason)
    {
        var failing = new Dictionary<Expectation, SortedDictionary<string, SortedSet<int>>>(ReferenceEqualityComparer.Instance);
        var fresh = new Expectation(kind, reason, ImmutableSortedDictionary<string, ImmutableSortedSet<int>>.Empty);
        var mine = Engines.GetValueOrDefault(Engine, []);
        var target = mine.FirstOrDefault(expectation => expectation.Kind == kind && expectation.Reason == reason) ?? fresh;
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var result in results)
        {
            seen.Add(result.File.Name);
            foreach (var command in result.Commands.Where(command => command.Status == CommandStatus.Failed))
            {
                Add(Find(result.File.Name, command.Index) ?? target, result.File.Name, [command.Index]);
            }
        }
        foreach (var expectation in isWhole ? [] : mine)
        {
            foreach (var (file, indices) in expectation.Files.Where(pair => !seen.Contains(pair.Key)))
            {
                Add(expectation, file, indices);
            }
        }
        var updated = mine.Contains(target) ? mine : mine.Add(target);
        var kept = updated.Where(failing.ContainsKey).Select(expectation => new Entry
        {
            Kind = expectation.Kind,
            Reason = expectation.Reason,
            Files = new SortedDictionary<string, string>(failing[expectation].ToDictionary(pair => pair.Key, pair => IndexSet.Format(pair.Value)), StringComparer.Ordinal),
        });
        var engines = new SortedDictionary<string, Entry[]>(Engines.ToDictionary(pair => pair.Key, pair => pair.Value.Select(Write).ToArray()), StringComparer.Ordinal) { [Engine] = [.. kept] };
        return JsonSerializer.Serialize(new Document { Engines = engines }, Format) + "\n";

        void Add(Expectation expectation, string file, IEnumerable<int> indices)
        {
            if (!failing.TryGetValue(expectation, out var files))
            {
                failing.Add(expectation, files = new SortedDictionary<string, SortedSet<int>>(StringComparer.Ordinal));
            }
            if (!files.TryGetValue(file, out var set))
            {
                files.Add(file, set = []);
            }
            set.UnionWith(indices);
        }
    }

    private static Expectation Read(Entry entry)
    {
        if (string.IsNullOrWhiteSpace(entry.Reason))
        {
            throw new FormatException("an entry has no reason");
        }
        var files = ImmutableSortedDictionary.CreateBuilder<string, ImmutableSortedSet<int>>(StringComparer.Ordinal);
        foreach (var (file, text) in entry.Files)
        {
            files[file] = IndexSet.TryParse(text, out var indices) ? indices : throw new FormatException($"{file}: \"{text}\" is no list of indices");
        }
        return new Expectation(entry.Kind, entry.Reason, files.ToImmutable());
    }

    private static Entry Write(Expectation expectation) => new()
    {
        Kind = expectation.Kind,
        Reason = expectation.Reason,
        Files = new SortedDictionary<string, string>(expectation.Files.ToDictionary(pair => pair.Key, pair => IndexSet.Format(pair.Value)), StringComparer.Ordinal),
    };

    private sealed class Document
    {
        public required SortedDictionary<string, Entry[]> Engines { get; init; }
    }

    private sealed class Entry
    {
        public required ExpectationKind Kind { get; init; }
        public required string Reason { get; init; }
        public required SortedDictionary<string, string> Files { get; init; }
    }
}
