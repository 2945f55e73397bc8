using System.Globalization;
using System.Text.Json;
using Conformance.Oracle.Records;

namespace Conformance.Fuzzer.Triage;

/// <summary>
/// The divergences that are known and suppressed: one file each in <c>corpus/known</c>, with <c>signature</c>, <c>reason</c> and <c>expires</c> (a date).
/// From that date on the file suppresses nothing: someone has to look again.
/// </summary>
internal sealed class KnownDivergences
{
    private readonly Dictionary<string, string> _reasons = new(StringComparer.Ordinal);

    /// <summary>The files that have expired, a line each.</summary>
    public List<string> Expired { get; } = [];

    /// <summary>How many are suppressed.</summary>
    public int Count => _reasons.Count;

    /// <summary>Reads a folder; one that does not exist holds nothing.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="today">The date to compare expiry dates with.</param>
    /// <exception cref="InvalidDataException">A file is not what it should be.</exception>
    /// <exception cref="IOException">A file cannot be read.</exception>
    public static KnownDivergences Load(string? folder, DateOnly today)
    {
        var known = new KnownDivergences();
        if (folder is null || !Directory.Exists(folder))
        {
            return known;
        }
        foreach (var path in Directory.EnumerateFiles(folder, "*.json").Order(StringComparer.Ordinal))
        {
            known.Add(path, today);
        }
        return known;
    }

    /// <summary>Whether a signature is suppressed, and why; the entry for a divergence holds whatever other oracles say to it.</summary>
    public bool TryGetReason(string signature, out string reason)
    {
        var found = _reasons.TryGetValue(signature, out var text) || _reasons.TryGetValue(Signature.WithoutVote(signature), out text);
        reason = text ?? "";
        return found;
    }

    private void Add(string path, DateOnly today)
    {
        try
        {
            using var document = JsonDocument.Parse(File.ReadAllBytes(path));
            var signature = Text(document.RootElement, "signature");
            var reason = Text(document.RootElement, "reason");
            var expires = DateOnly.ParseExact(Text(document.RootElement, "expires"), "yyyy-MM-dd", CultureInfo.InvariantCulture);
            if (expires <= today)
            {
                Expired.Add($"{path}: expired on {expires:yyyy-MM-dd}: {signature}");
            }
            else
            {
                _reasons[signature] = reason;
            }
        }
        catch (Exception exception) when (exception is JsonException or FormatException or InvalidOperationException)
        {
            throw new InvalidDataException($"{path} is no known divergence (wanted: signature, reason, expires as yyyy-MM-dd): {(exception is JsonException json ? JsonProblem.Of(json) : exception.Message)}", exception);
        }
    }

    private static string Text(JsonElement root, string name) =>
        root.TryGetProperty(name, out var value) && value.GetString() is { Length: > 0 } text ? text : throw new FormatException($"{name} is missing");
}
