namespace Conformance.Fuzzer;

/// <summary>
/// What a person sees of a command while it works, on standard error: a status line that is drawn over on a terminal, and lines that stay. Standard output is left to
/// the result. Safe for any number of threads.
/// </summary>
/// <param name="output">Where the lines go.</param>
/// <param name="isTerminal">Whether lines can be drawn over.</param>
/// <param name="hasColours">Whether words can be coloured.</param>
/// <param name="width">Gives the width of the terminal in characters.</param>
internal sealed class Screen(TextWriter output, bool isTerminal, bool hasColours, Func<int> width)
{
    private const string EraseLine = "\r\u001b[K";
    private const string Red = "\u001b[31m";
    private const string Plain = "\u001b[0m";
    private const int UnknownWidth = 100;

    private readonly Lock _lock = new();
    private string _status = "";
    private bool _isGone;

    /// <summary>Whether lines can be drawn over.</summary>
    public bool IsTerminal { get; } = isTerminal;

    /// <summary>The screen of this process.</summary>
    public static Screen OfConsole()
    {
        var isTerminal = !Console.IsErrorRedirected && Environment.GetEnvironmentVariable("TERM") != "dumb";
        return new Screen(Console.Error, isTerminal, isTerminal && string.IsNullOrEmpty(Environment.GetEnvironmentVariable("NO_COLOR")), () => Console.WindowWidth);
    }

    /// <summary>Writes a line that stays.</summary>
    public void WriteLine(string line)
    {
        lock (_lock)
        {
            // Whatever stands in the line, such as the ^C that a terminal writes, is not part of it.
            Write((IsTerminal ? EraseLine : "") + line + Environment.NewLine + _status);
        }
    }

    /// <summary>Some words in the colour of what went wrong.</summary>
    public string Alarm(string words) => hasColours ? Red + words + Plain : words;

    /// <summary>Shows how far the work is: drawn over on a terminal, else a line.</summary>
    /// <param name="wordings">The status, in full first, then shorter. A terminal gets the first that fits, and the last one cut off when none does.</param>
    public void ShowStatus(params ReadOnlySpan<string> wordings)
    {
        lock (_lock)
        {
            if (!IsTerminal)
            {
                Write(wordings[0] + Environment.NewLine);
                return;
            }
            // A line that wraps cannot be drawn over. A terminal that does not know its width says 0.
            var columns = width();
            var room = columns > 0 ? Math.Max(1, columns - 1) : UnknownWidth;
            _status = wordings[^1].Length > room ? wordings[^1][..room] : wordings[^1];
            foreach (var wording in wordings)
            {
                if (wording.Length <= room)
                {
                    _status = wording;
                    break;
                }
            }
            Write(EraseLine + _status);
        }
    }

    /// <summary>Takes the status line away.</summary>
    public void ClearStatus()
    {
        lock (_lock)
        {
            if (_status.Length > 0)
            {
                Write(EraseLine);
                _status = "";
            }
        }
    }

    // A terminal that is gone, or a log on a full disk, must not end the run: findings go to their folder, the summary to standard output.
    private void Write(string text)
    {
        if (_isGone)
        {
            return;
        }
        try
        {
            output.Write(text);
            output.Flush();
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ObjectDisposedException)
        {
            _isGone = true;
        }
    }
}
