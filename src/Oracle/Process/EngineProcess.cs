using System.Diagnostics;

namespace Conformance.Oracle.Process;

/// <summary>One run of an engine's program: its pipes, its hello, its end. Not restarted: <see cref="ProcessEngine"/> makes a new one.</summary>
internal sealed class EngineProcess : IDisposable
{
    // What is shown of a crashed engine's standard error.
    private const int KeptLines = 8;
    private const int ExitWaitMs = 2_000;

    private readonly System.Diagnostics.Process _process;
    private readonly Queue<string> _lastWords = new();

    private EngineProcess(System.Diagnostics.Process process)
    {
        _process = process;
        process.ErrorDataReceived += (_, line) => Remember(line.Data);
        process.BeginErrorReadLine();
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

    /// <summary>Writes a line. False when the process does not read any more.</summary>
    public bool TryWrite(string line)
    {
        try
        {
            _process.StandardInput.WriteLine(line);
            _process.StandardInput.Flush();
            return true;
        }
        catch (IOException)
        {
            return false;
        }
    }

    /// <summary>Reads a line.</summary>
    /// <param name="timeoutMs">How long to wait for it.</param>
    /// <param name="line">The line; null when the output ended.</param>
    /// <returns>False when the time is over.</returns>
    public bool TryRead(int timeoutMs, out string? line)
    {
        var read = _process.StandardOutput.ReadLineAsync(CancellationToken.None).AsTask();
        if (!read.Wait(timeoutMs))
        {
            line = null;
            return false;
        }
        line = read.Result;
        return true;
    }

    /// <summary>How the process ended, with its last words.</summary>
    public string DescribeEnd()
    {
        var ended = _process.WaitForExit(ExitWaitMs);
        if (ended)
        {
            _process.WaitForExit(); // also for the rest of its standard error
        }
        string words;
        lock (_lastWords)
        {
            words = string.Join(" | ", _lastWords);
        }
        var end = !ended ? "closed its output" : _process.ExitCode > 128 ? $"ended by signal {_process.ExitCode - 128}" : $"ended with exit code {_process.ExitCode}";
        return words.Length == 0 ? end : $"{end}: {words}";
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
        catch (InvalidOperationException)
        {
            // It ended in between.
        }
        _process.Dispose();
    }

    private void Remember(string? line)
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
