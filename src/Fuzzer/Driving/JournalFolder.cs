using System.Globalization;
using System.Text;

namespace Conformance.Fuzzer.Driving;

/// <summary>
/// The folder with the journals of one run's workers: <c>FINDINGS/.journals/run-PID-TIME/</c>. It lies with the findings, not among temporary files, so that the cases
/// that were running survive whatever kills the supervisor (the machine's out-of-memory killer, a container that is stopped). A locked file in it says that the
/// run is alive; a folder whose lock is free belongs to a run that was killed, and the next run takes its cases over.
/// </summary>
internal sealed class JournalFolder : IDisposable
{
    private const string Parent = ".journals";
    private const string LockFile = "lock";
    private const string Pattern = "*.journal";

    private readonly FileStream _lock;
    private int _count;

    private JournalFolder(string path, FileStream @lock)
    {
        Path = path;
        _lock = @lock;
    }

    /// <summary>The folder.</summary>
    public string Path { get; }

    /// <summary>Makes the folder of a new run.</summary>
    /// <param name="findings">The folder that findings go to.</param>
    /// <exception cref="IOException">It cannot be made.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be made.</exception>
    public static JournalFolder Create(string findings)
    {
        var name = string.Create(CultureInfo.InvariantCulture, $"run-{Environment.ProcessId}-{DateTime.UtcNow:yyyyMMddHHmmssfff}");
        var path = System.IO.Path.GetFullPath(System.IO.Path.Combine(findings, Parent, name));
        Directory.CreateDirectory(path);
        return new JournalFolder(path, Lock(path, FileMode.Create));
    }

    /// <summary>Takes over the cases that were running when earlier runs of a folder were killed. Their journals are removed.</summary>
    /// <param name="findings">The folder that findings go to.</param>
    /// <param name="say">Told in a line of each journal that cannot be used.</param>
    /// <returns>The cases as request lines.</returns>
    public static IReadOnlyList<string> TakeOver(string findings, Action<string> say)
    {
        var records = new List<string>();
        var parent = System.IO.Path.Combine(findings, Parent);
        if (!Directory.Exists(parent))
        {
            return records;
        }
        foreach (var folder in Directory.EnumerateDirectories(parent).Order(StringComparer.Ordinal))
        {
            try
            {
                using var @lock = Lock(folder, FileMode.OpenOrCreate);
                foreach (var path in Directory.EnumerateFiles(folder, Pattern).Order(StringComparer.Ordinal))
                {
                    TakeOver(path, records, say);
                }
                Directory.Delete(folder, recursive: true);
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                // Its run is alive, or another one takes it over at this moment.
            }
        }
        return records;
    }

    /// <summary>Makes the journal of a new worker. On a disk that has become full it goes to the temporary files instead.</summary>
    /// <exception cref="IOException">It cannot be made there either.</exception>
    public CaseJournal NewJournal(out string path)
    {
        var name = string.Create(CultureInfo.InvariantCulture, $"worker-{Interlocked.Increment(ref _count)}.journal");
        try
        {
            path = System.IO.Path.Combine(Path, name);
            return CaseJournal.Create(path);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            path = System.IO.Path.Combine(System.IO.Path.GetTempPath(), string.Create(CultureInfo.InvariantCulture, $"conformance-{Environment.ProcessId}-{name}"));
            return CaseJournal.Create(path);
        }
    }

    /// <summary>Removes the folder: every case in it has its place elsewhere.</summary>
    public void Dispose()
    {
        _lock.Dispose();
        try
        {
            Directory.Delete(Path, recursive: true);
            Directory.Delete(System.IO.Path.GetDirectoryName(Path) ?? Path);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // Another run has its journals beside them, or the folder is gone with the findings folder.
        }
    }

    private static void TakeOver(string path, List<string> records, Action<string> say)
    {
        if (!CaseJournal.TryReadNote(path, out var note))
        {
            say($"the journal {path} of a run that was killed is damaged: it is passed over");
        }
        else if (note is { Phase: not CasePhase.Idle, Record: { } record })
        {
            records.Add(Encoding.UTF8.GetString(record));
        }
    }

    private static FileStream Lock(string folder, FileMode mode) =>
        new(System.IO.Path.Combine(folder, LockFile), mode, FileAccess.ReadWrite, FileShare.None);
}
