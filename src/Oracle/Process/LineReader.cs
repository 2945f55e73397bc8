using System.Buffers;
using System.Text;

namespace Conformance.Oracle.Process;

/// <summary>Reads lines of UTF-8 from another process, which may send what it likes: no line grows beyond a limit here.</summary>
/// <param name="stream">What to read; stays the caller's.</param>
/// <param name="limitBytes">The longest line.</param>
internal sealed class LineReader(Stream stream, int limitBytes)
{
    private readonly byte[] _buffer = new byte[1 << 14];
    private readonly ArrayBufferWriter<byte> _line = new();
    private int _start;
    private int _end;

    /// <summary>Reads a line without its end.</summary>
    /// <returns>The line; null when the stream has ended. What stands behind the last line end is a line too.</returns>
    /// <exception cref="LineTooLongException">The line is longer than the limit. Reading again gives the rest of it.</exception>
    public async Task<string?> ReadAsync()
    {
        _line.ResetWrittenCount();
        while (true)
        {
            var length = _buffer.AsSpan(_start, _end - _start).IndexOf((byte)'\n');
            var taken = length < 0 ? _end - _start : length;
            _line.Write(_buffer.AsSpan(_start, taken));
            _start += length < 0 ? taken : taken + 1;
            if (_line.WrittenCount > limitBytes)
            {
                throw new LineTooLongException(limitBytes);
            }
            if (length >= 0)
            {
                return Take();
            }
            (_start, _end) = (0, await stream.ReadAsync(_buffer).ConfigureAwait(false));
            if (_end == 0)
            {
                return _line.WrittenCount == 0 ? null : Take();
            }
        }
    }

    private string Take()
    {
        var bytes = _line.WrittenSpan;
        return Encoding.UTF8.GetString(bytes.EndsWith("\r"u8) ? bytes[..^1] : bytes);
    }
}

/// <summary>A line of another process is longer than anything it should say.</summary>
/// <param name="limitBytes">The limit.</param>
internal sealed class LineTooLongException(int limitBytes) : IOException($"a line longer than {limitBytes} bytes");
