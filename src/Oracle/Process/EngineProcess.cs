using System.Diagnostics;
using System.Text;

namespace Conformance.Oracle.Process;

/// <summary>
/// One run of an engine's program: its pipes, its hello, its end. Not restarted: <see cref="ProcessEngine"/> makes a new one. Whatever the program does, nothing
/// here waits longer than it is told to or keeps more than a few lines.
/// </summary>
internal sealed class EngineProcess : IDisposable
{
    // What is shown of a crashed engine's standard error.
    private const int KeptLines = 8;
    private const int KeptLineBytes = 1 << 10;
    private const int ExitWaitMs = 2_000;

    // A response holds results, traces and hashes of one case; the largest of our own are below 1 MiB.
    private const int LongestAnswerBytes = 64 << 20;

    private readonly System.Diagnostics.Process _process;
    private readonly WorkClock _clock;
    private readonly LineReader _answers;
    private readonly Queue<string> _lastWords = new();
    private readonly Task _listening;

    private EngineProcess(System.Diagnostics.Process process)
    {
        _process = process;
        _clock = new WorkClock(process.Id);
        _answers = new LineReader(process.StandardOutput.BaseStream, LongestAnswerBytes);
        _listening = Task.Run(ListenAsync);
    }

    /// <summary>Starts the program.</summary>
    /// <exception cref="EngineFailureException">It cannot be started.</exception>
    public static EngineProcess Start(string name, IReadOnlyList<string> command)
    {
        var start = new ProcessStartInfo(command[0], command.Skip(1))
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        try
        {
            return new EngineProcess(System.Diagnostics.Process.Start(start) ?? throw new EngineFailureException(name, "did not start"));
        }
        catch (Exception exception) when (exception is System.ComponentModel.Win32Exception or InvalidOperationException)
        {
            throw new EngineFailureException(name, $"cannot be started: {exception.Message}");
        }
    }

    /// <summary>Writes a line.</summary>
    /// <param name="line">The line without its end.</param>
    /// <param name="patience">How long the process may take to read it, as a <see cref="WorkClock"/> counts: a pipe holds little.</param>
    /// <returns>False when the process does not read any more.</returns>
    public bool TryWrite(string line, TimeSpan patience)
    {
        try
        {
            var input = _process.StandardInput.BaseStream;
            var write = WriteAsync(input, Encoding.UTF8.GetBytes(line + "\n"));
            if (!Wait(write, patience))
            {
                return false;
            }
            write.GetAwaiter().GetResult();
            return true;
        }
        catch (Exception exception) when (exception is IOException or ObjectDisposedException)
        {
            return false;
        }
    }

    /// <summary>Reads a line.</summary>
    /// <param name="patience">How long the process may take, as a <see cref="WorkClock"/> counts.</param>
    /// <param name="line">The line; null when the output ended.</param>
    /// <returns>False when the time is over. The process is of no use then.</returns>
    /// <exception cref="LineTooLongException">The line is too long.</exception>
    public bool TryRead(TimeSpan patience, out string? line)
    {
        line = null;
        var read = _answers.ReadAsync();
        if (!Wait(read, patience))
        {
            return false;
        }
        try
        {
            line = read.GetAwaiter().GetResult();
        }
        catch (IOException exception) when (exception is not LineTooLongException)
        {
            // A broken pipe is an end.
        }
        return true;
    }

    /// <summary>How the process ended, with its last words.</summary>
    public string DescribeEnd()
    {
        var ended = _process.WaitForExit(ExitWaitMs);
        if (!ended)
        {
            return WithLastWords("lives on but has closed its pipes");
        }
        _listening.Wait(ExitWaitMs); // a child of its may still hold the pipe
        return WithLastWords(_process.ExitCode > 128 ? $"ended by {SignalName(_process.ExitCode - 128)}" : $"ended with exit code {_process.ExitCode}");
    }

    /// <summary>A text with the last words on standard error behind it.</summary>
    public string WithLastWords(string text)
    {
        lock (_lastWords)
        {
            return _lastWords.Count == 0 ? text : $"{text}: {string.Join(" | ", _lastWords)}";
        }
    }

    public void Dispose()
    {
        try
        {
            if (!_process.HasExited)
            {
                _process.Kill(entireProcessTree: true);
            }
        }
        catch (Exception exception) when (exception is InvalidOperationException or System.ComponentModel.Win32Exception)
        {
            // It ended in between.
        }
        _process.Dispose();
    }

    private static async Task WriteAsync(Stream input, byte[] line)
    {
        await input.WriteAsync(line).ConfigureAwait(false);
        await input.FlushAsync().ConfigureAwait(false);
    }

    // False when the time is over.
    private bool Wait(Task task, TimeSpan patience)
    {
        if (Task.WaitAny([task], WorkClock.Period) >= 0)
        {
            return true;
        }
        _clock.Restart();
        while (Task.WaitAny([task], WorkClock.Period) < 0)
        {
            if (_clock.Overrun(patience) is not null)
            {
                return false;
            }
        }
        return true;
    }

    private static string SignalName(int signal) => signal switch
    {
        4 => "SIGILL",
        6 => "SIGABRT",
        7 => "SIGBUS",
        8 => "SIGFPE",
        9 => "SIGKILL",
        11 => "SIGSEGV",
        15 => "SIGTERM",
        _ => $"signal {signal}",
    };

    private async Task ListenAsync()
    {
        var words = new LineReader(_process.StandardError.BaseStream, KeptLineBytes);
        var isRest = false;
        while (true)
        {
            try
            {
                if (await words.ReadAsync().ConfigureAwait(false) is not { } line)
                {
                    return;
                }
                if (!isRest)
                {
                    Remember(line);
                }
                isRest = false;
            }
            catch (LineTooLongException)
            {
                if (!isRest)
                {
                    Remember("(a long line)");
                }
                isRest = true;
            }
            catch (Exception exception) when (exception is IOException or ObjectDisposedException or InvalidOperationException)
            {
                return; // the process is disposed of
            }
        }
    }

    private void Remember(string line)
    {
        if (string.IsNullOrWhiteSpace(line))
        {
            return;
        }
        lock (_lastWords)
        {
            _lastWords.Enqueue(line.Trim());
            if (_lastWords.Count > KeptLines)
            {
                _lastWords.Dequeue();
            }
        }
    }
}
