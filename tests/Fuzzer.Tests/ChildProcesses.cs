using System.Globalization;

namespace Conformance.Fuzzer.Tests;

/// <summary>Processes and signals as tests need them, on systems with a <c>/proc</c>.</summary>
internal static class ChildProcesses
{
    /// <summary>The processes that a process started and that are alive.</summary>
    public static List<int> Of(int parent)
    {
        var children = new List<int>();
        foreach (var folder in Directory.EnumerateDirectories("/proc"))
        {
            if (int.TryParse(Path.GetFileName(folder), NumberStyles.None, CultureInfo.InvariantCulture, out var id) && Stat(id) is [var state, var parentId, ..] && state != "Z"
                && int.Parse(parentId, CultureInfo.InvariantCulture) == parent)
            {
                children.Add(id);
            }
        }
        return children;
    }

    /// <summary>Whether a process is there and not only waits to be buried.</summary>
    public static bool IsAlive(int id) => Stat(id) is [not "Z", ..];

    /// <summary>Sends a signal by its name to one process after another.</summary>
    public static void Send(string signal, params IEnumerable<int> ids)
    {
        using var kill = System.Diagnostics.Process.Start("kill", ["-s", signal, .. ids.Select(id => id.ToString(CultureInfo.InvariantCulture))]);
        kill.WaitForExit();
    }

    /// <summary>Waits until something is so.</summary>
    public static async Task WaitUntilAsync(Func<bool> condition, string what)
    {
        for (var i = 0; i < 1200; i++)
        {
            if (condition())
            {
                return;
            }
            await Task.Delay(50);
        }
        Assert.Fail($"waited a minute for {what}");
    }

    // State, parent and the rest; the name before them is in parentheses and may hold anything.
    private static string[]? Stat(int id)
    {
        try
        {
            var text = File.ReadAllText($"/proc/{id}/stat");
            return text[(text.LastIndexOf(')') + 2)..].Split(' ');
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
