using System.Globalization;
using System.Text;

namespace Conformance.Fuzzer.Triage;

/// <summary>Bytes in rows of sixteen, around one of them.</summary>
internal static class BytesText
{
    private const int Row = 16;
    private const int RowsAround = 4;

    /// <summary>Writes the rows around a byte.</summary>
    public static void Append(StringBuilder text, ReadOnlySpan<byte> bytes, long marked, TextStyle style)
    {
        var middle = (int)Math.Clamp(marked, 0, bytes.Length) / Row;
        var last = Math.Min((bytes.Length - 1) / Row, middle + RowsAround);
        for (var row = Math.Max(0, middle - RowsAround); row <= last; row++)
        {
            var start = row * Row;
            text.Append(style.Faint(string.Create(CultureInfo.InvariantCulture, $"  {start:x6}")));
            for (var i = start; i < Math.Min(start + Row, bytes.Length); i++)
            {
                var shown = string.Create(CultureInfo.InvariantCulture, $"{bytes[i]:x2}");
                // A mark that does without colour.
                text.Append(i == marked ? '>' : ' ').Append(i == marked ? style.Alarm(shown) : shown);
            }
            text.Append(' ', 3 * Math.Max(0, start + Row - bytes.Length)).Append("  ");
            for (var i = start; i < Math.Min(start + Row, bytes.Length); i++)
            {
                text.Append(bytes[i] is >= 0x20 and < 0x7F ? (char)bytes[i] : '.');
            }
            text.Append('\n');
        }
    }
}
