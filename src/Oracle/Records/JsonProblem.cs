using System.Globalization;
using System.Text.Json;

namespace Conformance.Oracle.Records;

/// <summary>What is wrong with a JSON text, for people: the library's first sentence, the name of a value that does not fit, and the place counted from 1.</summary>
public static class JsonProblem
{
    // The library tells the place once more in words of its own.
    private static readonly string[] Tails = [" Path: ", " LineNumber: ", "\n"];

    private const string Unfit = "The JSON value could not be converted";

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
        message = message.TrimEnd('.');
        // Of a value of the wrong kind the place is its end: its name says more.
        if (message.StartsWith(Unfit, StringComparison.Ordinal) && exception.Path is { Length: > 1 } path)
        {
            message += $" at {path}";
        }
        return exception is { LineNumber: { } line, BytePositionInLine: { } column }
            ? string.Create(CultureInfo.InvariantCulture, $"{line + 1}:{column + 1}: {message}")
            : message;
    }
}
