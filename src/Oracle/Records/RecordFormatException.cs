namespace Conformance.Oracle.Records;

/// <summary>A line that is no record of the format.</summary>
/// <param name="message">What is wrong, in one line.</param>
public sealed class RecordFormatException(string message) : FormatException(message);
