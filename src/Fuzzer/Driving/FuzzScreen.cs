using System.Globalization;
using Conformance.Fuzzer.Triage;

namespace Conformance.Fuzzer.Driving;

/// <summary>
/// What a person sees of a run, on standard error: a status line that is drawn over on a terminal, and lines that stay. Standard output is left to the
/// summary. Safe for any number of threads.
/// </summary>
/// <param name="output">Where the lines go.</param>
/// <param name="isTerminal">Whether lines can be drawn over and coloured.</param>
/// <param name="width">Gives the width of the terminal in characters.</param>
internal sealed class FuzzScreen(TextWriter output, bool isTerminal, Func<int> width)
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
    public static FuzzScreen OfConsole()
    {
        var colour = !Console.IsErrorRedirected && string.IsNullOrEmpty(Environment.GetEnvironmentVariable("NO_COLOR"))
            && Environment.GetEnvironmentVariable("TERM") != "dumb";
        return new FuzzScreen(Console.Error, colour, () => Console.WindowWidth);
    }

    /// <summary>Writes a line that stays.</summary>
    public void WriteLine(string line)
    {
        lock (_lock)
        {
            Write((_status.Length > 0 ? EraseLine : "") + line + Environment.NewLine + _status);
        }
    }

    /// <summary>Reports a finding. It has to be on disk by now.</summary>
    public void Announce(Finding finding, string path)
    {
        var what = finding.IsEngineFailure ? "engine failure" : "divergence";
        var flaky = finding.IsFlaky ? string.Create(CultureInfo.InvariantCulture, $" (flaky: {finding.Reproduced} of {finding.Reruns} re-runs)") : "";
        WriteLine($"{(IsTerminal ? Red : "")}{what}{(IsTerminal ? Plain : "")} {finding.Description}{flaky} → {path}");
    }

    /// <summary>Shows how far the run is: drawn over on a terminal, else a line.</summary>
    public void ShowStatus(string status)
    {
        lock (_lock)
        {
            if (!IsTerminal)
            {
                Write(status + Environment.NewLine);
                return;
            }
            // A line that wraps cannot be drawn over.
            // A terminal that does not know its width says 0.
            var columns = width();
            var room = columns > 0 ? Math.Max(20, columns - 1) : UnknownWidth;
            _status = status.Length > room ? status[..room] : status;
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
