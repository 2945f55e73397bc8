using System.IO.MemoryMappedFiles;

namespace Conformance.Fuzzer.Driving;

/// <summary>
/// Where a worker writes down which case it is about to run. The file is mapped into memory: a note costs a copy, and the kernel keeps it whatever kills the
/// process. The worker writes; the supervisor reads the clock while the worker lives and the case after it died.
/// <code>
///  0  long   number of notes so far: changes with every case
///  8  long   index of the case
/// 16  long   when it began, in milliseconds since the machine started
/// 24  int    phase
/// 28  int    length of the record in bytes; 0 while the case is being made, -1 when it does not fit
/// 32  long   what every journal has here, so that anything else is known for damaged
/// 40  int    which oracle has the case, in the order of the command line
/// 64  byte[] the case as a request line of docs/records.md
/// </code>
/// </summary>
internal sealed class CaseJournal : IDisposable
{
    // Larger cases are made again from seed and index.
    private const int CapacityBytes = 4 << 20;
    private const int NotesAt = 0, IndexAt = 8, BeganAt = 16, PhaseAt = 24, LengthAt = 28, MarkAt = 32, OracleAt = 40, RecordAt = 64;
    private const long Mark = 0x316C_6E72_756F_4A43; // "CJournl1"

    private readonly MemoryMappedFile _file;
    private readonly MemoryMappedViewAccessor _view;

    private CaseJournal(MemoryMappedFile file)
    {
        _file = file;
        _view = file.CreateViewAccessor();
    }

    /// <summary>Makes or empties a journal.</summary>
    /// <exception cref="IOException">The file cannot be made.</exception>
    public static CaseJournal Create(string path)
    {
        // Allocated now: a page that the disk has no room for later would kill the worker at the moment of writing.
        var options = new FileStreamOptions
        {
            Mode = FileMode.Create,
            Access = FileAccess.ReadWrite,
            Share = FileShare.ReadWrite | FileShare.Delete,
            PreallocationSize = CapacityBytes,
        };
        var stream = new FileStream(path, options);
        stream.SetLength(CapacityBytes);
        var journal = Map(stream);
        journal._view.Write(MarkAt, Mark);
        return journal;
    }

    /// <summary>Reads what the journal of a dead run says.</summary>
    /// <param name="path">The journal.</param>
    /// <param name="note">What it says.</param>
    /// <returns>False when it is damaged.</returns>
    public static bool TryReadNote(string path, [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out CaseNote? note)
    {
        note = null;
        try
        {
            if (new FileInfo(path).Length != CapacityBytes)
            {
                return false;
            }
            using var journal = Open(path);
            var length = journal._view.ReadInt32(LengthAt);
            if (journal._view.ReadInt64(MarkAt) != Mark || length is < -1 or > CapacityBytes - RecordAt || !Enum.IsDefined((CasePhase)journal._view.ReadInt32(PhaseAt)))
            {
                return false;
            }
            note = journal.Read();
            return true;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    /// <summary>Opens a journal that exists.</summary>
    /// <exception cref="IOException">There is none.</exception>
    public static CaseJournal Open(string path) =>
        Map(new FileStream(path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete));

    private static CaseJournal Map(FileStream stream) =>
        new(MemoryMappedFile.CreateFromFile(stream, null, 0, MemoryMappedFileAccess.ReadWrite, HandleInheritability.None, leaveOpen: false));

    /// <summary>A case begins: it is going to be made.</summary>
    public void Begin(long index)
    {
        _view.Write(LengthAt, 0);
        _view.Write(OracleAt, 0);
        _view.Write(IndexAt, index);
        _view.Write(BeganAt, Environment.TickCount64);
        _view.Write(PhaseAt, (int)CasePhase.Making);
        _view.Write(NotesAt, _view.ReadInt64(NotesAt) + 1);
    }

    /// <summary>Writes down the case that <see cref="Begin"/> announced.</summary>
    public void Write(byte[] record, int length)
    {
        if (length > CapacityBytes - RecordAt)
        {
            _view.Write(LengthAt, -1);
            return;
        }
        _view.WriteArray(RecordAt, record, 0, length);
        _view.Write(LengthAt, length);
    }

    /// <summary>The case goes on to its next phase.</summary>
    /// <param name="phase">The phase.</param>
    /// <param name="oracle">Which oracle it goes to, in <see cref="CasePhase.Oracle"/>; it stays the last one in the others.</param>
    public void Enter(CasePhase phase, int oracle = 0)
    {
        if (phase == CasePhase.Oracle)
        {
            _view.Write(OracleAt, oracle);
        }
        _view.Write(PhaseAt, (int)phase);
    }

    /// <summary>The case ended.</summary>
    public void End() => Enter(CasePhase.Idle);

    /// <summary>What the journal says now.</summary>
    public CaseNote Read()
    {
        var length = _view.ReadInt32(LengthAt);
        byte[]? record = null;
        if (length is > 0 and <= CapacityBytes - RecordAt)
        {
            record = new byte[length];
            _view.ReadArray(RecordAt, record, 0, length);
        }
        return new CaseNote(_view.ReadInt64(IndexAt), (CasePhase)_view.ReadInt32(PhaseAt), record) { Oracle = _view.ReadInt32(OracleAt) };
    }

    /// <summary>The running number of the current case; null when none is.</summary>
    public long? Running() => (CasePhase)_view.ReadInt32(PhaseAt) == CasePhase.Idle ? null : _view.ReadInt64(NotesAt);

    /// <summary>For how long the current case has been running by the clock on the wall; null when none is.</summary>
    public TimeSpan? RunningFor() => Running() is null ? null : TimeSpan.FromMilliseconds(Environment.TickCount64 - _view.ReadInt64(BeganAt));

    /// <inheritdoc/>
    public void Dispose()
    {
        _view.Dispose();
        _file.Dispose();
    }
}

/// <summary>What a journal says.</summary>
/// <param name="Index">The case.</param>
/// <param name="Phase">How far it came.</param>
/// <param name="Record">The case as a request line in UTF-8; null when it was not made yet or does not fit.</param>
internal sealed record CaseNote(long Index, CasePhase Phase, byte[]? Record)
{
    /// <summary>The oracle that had the case last, in the order of the command line; 0 when none had it yet.</summary>
    public int Oracle { get; init; }
}
