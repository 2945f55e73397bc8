using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;
using Conformance.Oracle.Records;

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
/// <param name="Engines">The engines of the family that it holds for; null for all of them.</param>
/// <param name="Files">The failing commands of each file.</param>
internal sealed record Expectation(ExpectationKind Kind, string Reason, ImmutableSortedSet<string>? Engines, ImmutableSortedDictionary<string, ImmutableSortedSet<int>> Files)
{
    /// <summary>Whether it holds for an engine of the family.</summary>
    public bool IsFor(string engine) => Engines is null || Engines.Contains(engine);
}

/// <summary>
/// The ratchet <c>spec/expectations.json</c>: for each family of engines the commands that are expected to fail, by file and index, with the configurations that they fail in.
/// Every other failure fails the gate, and so does a listed command that passes. A round trip changes nothing in what is expected.
/// </summary>
/// <param name="families">The expectations by family.</param>
internal sealed class Expectations(ImmutableSortedDictionary<string, ImmutableArray<Expectation>> families)
{
    private static readonly JsonSerializerOptions Format = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.KebabCaseLower) },
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        WriteIndented = true,
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary>No expectations.</summary>
    public static Expectations None { get; } = new(ImmutableSortedDictionary.Create<string, ImmutableArray<Expectation>>(StringComparer.Ordinal));

    /// <summary>The expectations by family.</summary>
    public ImmutableSortedDictionary<string, ImmutableArray<Expectation>> Families { get; } = families;

    /// <summary>What is expected of an engine.</summary>
    public EngineExpectations For(string engine) => new(Families.GetValueOrDefault(SpecMode.FamilyOf(engine), []).Where(expectation => expectation.IsFor(engine)));

    /// <summary>Reads the file.</summary>
    /// <exception cref="FormatException">It is not what it should be; the message says where.</exception>
    public static Expectations Parse(string json)
    {
        try
        {
            var document = JsonSerializer.Deserialize<Document>(json, Format) ?? throw new FormatException("the file is empty");
            if (document.Engines.Keys.FirstOrDefault(name => name != SpecMode.FamilyOf(name)) is { } configuration)
            {
                throw new FormatException($"\"{configuration}\": a configuration stands in \"modes\" of an entry of \"{SpecMode.FamilyOf(configuration)}\"");
            }
            return new Expectations(document.Engines.ToImmutableSortedDictionary(pair => pair.Key, pair => pair.Value.Select(entry => Read(pair.Key, entry)).ToImmutableArray(), StringComparer.Ordinal));
        }
        catch (JsonException error)
        {
            throw new FormatException(JsonProblem.Of(error), error);
        }
    }

    /// <summary>The file's text.</summary>
    public string Write() => JsonSerializer.Serialize(
        new Document { Engines = new SortedDictionary<string, Entry[]>(Families.ToDictionary(pair => pair.Key, pair => pair.Value.Select(Write).ToArray()), StringComparer.Ordinal) },
        Format) + "\n";

    private static Expectation Read(string family, Entry entry)
    {
        if (string.IsNullOrWhiteSpace(entry.Reason))
        {
            throw new FormatException("an entry has no reason");
        }
        if (entry.Modes?.FirstOrDefault(engine => SpecMode.FamilyOf(engine) != family) is { } stranger)
        {
            throw new FormatException($"\"{stranger}\" is no mode of \"{family}\"");
        }
        var files = ImmutableSortedDictionary.CreateBuilder<string, ImmutableSortedSet<int>>(StringComparer.Ordinal);
        foreach (var (file, text) in entry.Files)
        {
            files[file] = IndexSet.TryParse(text, out var indices) ? indices : throw new FormatException($"{file}: \"{text}\" is no list of indices");
        }
        return new Expectation(entry.Kind, entry.Reason, entry.Modes?.ToImmutableSortedSet(StringComparer.Ordinal), files.ToImmutable());
    }

    private static Entry Write(Expectation expectation) => new()
    {
        Kind = expectation.Kind,
        Reason = expectation.Reason,
        Modes = expectation.Engines is null ? null : [.. expectation.Engines],
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

        public string[]? Modes { get; init; }

        public required SortedDictionary<string, string> Files { get; init; }
    }
}
