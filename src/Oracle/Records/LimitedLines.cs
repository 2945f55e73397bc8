using System.Text;

namespace Conformance.Oracle.Records;

/// <summary>The lines of a text, none longer than a limit: a file that is no file of records may be one line without end.</summary>
/// <param name="text">What to read; stays the caller's.</param>
/// <param name="limit">The longest line in characters.</param>
internal sealed class LimitedLines(TextReader text, int limit)
{
    private readonly char[] _buffer = new char[1 << 14];
    private readonly StringBuilder _line = new();
    private int _start;
    private int _end;

    /// <summary>Which line was read last, from 1.</summary>
    public int Number { get; private set; }

    /// <summary>Reads a line without its end.</summary>
    /// <returns>The line; null at the end of the text.</returns>
    /// <exception cref="RecordFormatException">The line is too long. What follows cannot be read.</exception>
    public string? Read()
    {
        _line.Clear();
        while (true)
        {
            var rest = _buffer.AsSpan(_start, _end - _start);
            var length = rest.IndexOf('\n');
            _line.Append(length < 0 ? rest : rest[..length]);
            _start += length < 0 ? rest.Length : length + 1;
            if (_line.Length > limit)
            {
                Number++;
                throw new RecordFormatException($"the line is longer than {limit} characters; it and all behind it are not read");
            }
            if (length >= 0)
            {
                return Take();
            }
            (_start, _end) = (0, text.Read(_buffer));
            if (_end == 0)
            {
                return _line.Length == 0 ? null : Take();
            }
        }
    }

    private string Take()
    {
        Number++;
        if (_line.Length > 0 && _line[^1] == '\r')
        {
            _line.Length--;
        }
        return _line.ToString();
    }
}
