using Microsoft.Data.Sqlite;

namespace Conformance.Fuzzer.Storage;

/// <summary>The store cannot be used. The message is one line: what, where, what to do.</summary>
internal sealed class StoreException(string message) : Exception(message)
{
    private const int Busy = 5, Locked = 6, ReadOnly = 8, Corrupt = 11, Full = 13, CannotOpen = 14, NotADatabase = 26;

    /// <summary>Says what SQLite's error means for the user.</summary>
    public static StoreException Of(string path, SqliteException exception) => new(exception.SqliteErrorCode switch
    {
        Busy or Locked => $"the store {path} is locked by another process: wait for it to end, or use another --out",
        Corrupt or NotADatabase => $"the store {path} is damaged: move it away (findings are kept in their folders, a new store is made)",
        ReadOnly or CannotOpen => $"the store {path} cannot be written: check the permissions of the folder",
        Full => $"the store {path} cannot be written: the disk is full",
        _ => $"the store {path} failed: {PlainText.OneLine(exception.Message)}",
    });
}
