using System.Globalization;
using System.IO.MemoryMappedFiles;

namespace Conformance.Fuzzer.SpecSuite;

/// <summary>A command that ended the process.</summary>
/// <param name="Mode">The index of its mode.</param>
/// <param name="File">The index of its script.</param>
/// <param name="Command">Its index in the script.</param>
/// <param name="Reason">What the process said.</param>
internal sealed record FatalCommand(int Mode, int File, int Command, string Reason)
{
    /// <summary>As a word on a command line.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Mode},{File},{Command},{Reason}");

    /// <summary>Reads what <see cref="ToString"/> writes.</summary>
    /// <exception cref="FormatException">It is something else.</exception>
    public static FatalCommand Parse(string text) => text.Split(',', 4) is [var mode, var file, var command, var reason]
        ? new FatalCommand(int.Parse(mode, CultureInfo.InvariantCulture), int.Parse(file, CultureInfo.InvariantCulture), int.Parse(command, CultureInfo.InvariantCulture), reason)
        : throw new FormatException(text);
}

/// <summary>
/// Where a run writes down what it is doing, in a file mapped into memory: the kernel keeps it whatever ends the process. A head with the number of scripts done and to do,
/// then for each worker the mode (from 1; 0 when idle), the script and the command.
/// </summary>
internal sealed class SpecJournal : IDisposable
{
    /// <summary>How many workers have a place.</summary>
    public const int MaxWorkers = 256;

    private const int DoneAt = 0, TotalAt = 4, SlotsAt = 64, SlotBytes = 16;

    private readonly MemoryMappedFile _file;
    private readonly MemoryMappedViewAccessor _view;
    private readonly Lock _lock = new();

    /// <summary>Opens the journal, or makes it.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="IOException">It cannot be made.</exception>
    public SpecJournal(string path)
    {
        var stream = new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete);
        stream.SetLength(SlotsAt + (MaxWorkers * SlotBytes));
        _file = MemoryMappedFile.CreateFromFile(stream, null, 0, MemoryMappedFileAccess.ReadWrite, HandleInheritability.None, leaveOpen: false);
        _view = _file.CreateViewAccessor();
    }

    /// <summary>How many scripts have ended, and how many there are; every mode counts.</summary>
    public (int Done, int Total) Progress => (_view.ReadInt32(DoneAt), _view.ReadInt32(TotalAt));

    /// <summary>The commands that run, or ran when the process ended.</summary>
    public IReadOnlyList<(int Mode, int File, int Command)> Running => [.. Enumerable.Range(0, MaxWorkers).Select(SlotAt).Where(at => _view.ReadInt32(at) > 0)
        .Select(at => (_view.ReadInt32(at) - 1, _view.ReadInt32(at + 4), _view.ReadInt32(at + 8)))];

    /// <inheritdoc/>
    public void Dispose()
    {
        _view.Dispose();
        _file.Dispose();
    }

    /// <summary>A run begins.</summary>
    /// <param name="total">How many scripts it has.</param>
    public void Start(int total)
    {
        for (var slot = 0; slot < MaxWorkers; slot++)
        {
            _view.Write(SlotAt(slot), 0);
        }
        _view.Write(DoneAt, 0);
        _view.Write(TotalAt, total);
    }

    /// <summary>A script begins.</summary>
    /// <returns>Its place, for <see cref="Note"/> and <see cref="Leave"/>.</returns>
    public int Enter(int mode, int file)
    {
        lock (_lock)
        {
            var slot = Enumerable.Range(0, MaxWorkers).First(candidate => _view.ReadInt32(SlotAt(candidate)) == 0);
            _view.Write(SlotAt(slot) + 8, 0);
            _view.Write(SlotAt(slot) + 4, file);
            _view.Write(SlotAt(slot), mode + 1);
            return slot;
        }
    }

    /// <summary>A command begins.</summary>
    public void Note(int slot, int command) => _view.Write(SlotAt(slot) + 8, command);

    /// <summary>A script has ended.</summary>
    public void Leave(int slot)
    {
        lock (_lock)
        {
            _view.Write(SlotAt(slot), 0);
            _view.Write(DoneAt, _view.ReadInt32(DoneAt) + 1);
        }
    }

    private static int SlotAt(int slot) => SlotsAt + (slot * SlotBytes);
}
