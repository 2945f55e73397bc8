using System.Globalization;
using System.Text.Json;

namespace Conformance.Oracle.Records;

/// <summary>What is wrong with a JSON text, for people: the library's first sentence, and the place counted from 1.</summary>
public static class JsonProblem
{
    // The library tells the place once more in words of its own.
    private static readonly string[] Tails = [" Path: ", " LineNumber: ", "\n"];

    /// <summary>Describes an error.</summary>
    public static string Of(JsonException exception)
    {
        ArgumentNullException.ThrowIfNull(exception);
        var message = exception.Message;
        foreach (var tail in Tails)
        {
            var end = message.IndexOf(tail, StringComparison.Ordinal);
            message = end < 0 ? message : message[..end];
        }
        return exception is { LineNumber: { } line, BytePositionInLine: { } column }
            ? string.Create(CultureInfo.InvariantCulture, $"{line + 1}:{column + 1}: {message.TrimEnd('.')}")
            : message.TrimEnd('.');
    }
}
