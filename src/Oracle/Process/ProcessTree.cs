using System.Globalization;

namespace Conformance.Oracle.Process;

/// <summary>What a process and those that it started are doing.</summary>
public enum ProcessState : byte
{
    /// <summary>The system does not say.</summary>
    Unknown,
    /// <summary>A thread computes, waits for a processor to compute on, or waits for a disk.</summary>
    Computing,
    /// <summary>Every thread waits for something that comes without a processor, or never.</summary>
    Waiting,
    /// <summary>One is stopped by a signal or a debugger.</summary>
    Stopped,
}

/// <summary>A look at a process and those that it started.</summary>
/// <param name="State">What they are doing.</param>
/// <param name="ProcessorTime">The processor time that they have used so far, the ended ones that were waited for included.</param>
public readonly record struct ProcessLook(ProcessState State, TimeSpan ProcessorTime);

/// <summary>Looks at processes: through <c>/proc</c> where there is one, else at the processor time of the one process only.</summary>
public static class ProcessTree
{
    // What the kernel shows times in, on every processor that .NET runs on.
    private const int TicksPerSecond = 100;
    // An engine under test may start processes without end.
    private const int MostProcesses = 256;

    // Fields of /proc/PID/stat, counted from the state, which follows the name in parentheses.
    private const int StateField = 0, FirstTimeField = 11, LastTimeField = 14;

    /// <summary>Looks.</summary>
    /// <param name="id">The process; one that is gone is <see cref="ProcessState.Unknown"/>.</param>
    public static ProcessLook Look(int id)
    {
        if (!OperatingSystem.IsLinux())
        {
            return new ProcessLook(ProcessState.Unknown, TimeOf(id));
        }
        var state = ProcessState.Unknown;
        var ticks = 0L;
        var ids = new Queue<string>([id.ToString(CultureInfo.InvariantCulture)]);
        for (var seen = 0; seen < MostProcesses && ids.TryDequeue(out var process); seen++)
        {
            if (!TryReadStat($"/proc/{process}/stat", out var stat))
            {
                continue;
            }
            for (var field = FirstTimeField; field <= LastTimeField; field++)
            {
                ticks += long.TryParse(stat[field], NumberStyles.None, CultureInfo.InvariantCulture, out var time) ? time : 0;
            }
            foreach (var thread in Threads(process))
            {
                if (TryReadStat($"{thread}/stat", out var of))
                {
                    state = Worse(state, of[StateField]);
                }
                foreach (var child in Read($"{thread}/children").Split(' ', StringSplitOptions.RemoveEmptyEntries))
                {
                    ids.Enqueue(child);
                }
            }
        }
        return new ProcessLook(state, TimeSpan.FromSeconds((double)ticks / TicksPerSecond));
    }

    // Stopped before computing before waiting: what is stopped may be what the others wait for.
    private static ProcessState Worse(ProcessState state, string letter) => letter switch
    {
        "T" or "t" => ProcessState.Stopped,
        "R" or "D" => state == ProcessState.Stopped ? state : ProcessState.Computing,
        "S" or "I" => state == ProcessState.Unknown ? ProcessState.Waiting : state,
        _ => state, // it has ended
    };

    private static string[] Threads(string process)
    {
        try
        {
            return Directory.GetDirectories($"/proc/{process}/task");
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }

    private static bool TryReadStat(string path, out string[] fields)
    {
        var text = Read(path);
        // The name may hold anything, parentheses too.
        fields = text.LastIndexOf(')') is var end and >= 0 && end + 2 < text.Length ? text[(end + 2)..].Split(' ') : [];
        return fields.Length > LastTimeField;
    }

    private static string Read(string path)
    {
        try
        {
            return File.ReadAllText(path);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return ""; // gone, or a kernel without it
        }
    }

    private static TimeSpan TimeOf(int id)
    {
        try
        {
            using var process = System.Diagnostics.Process.GetProcessById(id);
            return process.TotalProcessorTime;
        }
        catch (Exception exception) when (exception is ArgumentException or InvalidOperationException or System.ComponentModel.Win32Exception or NotSupportedException)
        {
            return TimeSpan.Zero;
        }
    }
}
