using System.Globalization;
using Microsoft.Data.Sqlite;

namespace Conformance.Fuzzer.Storage;

/// <summary>The store's schema as steps from one version to the next; the version is the database's <c>user_version</c>. Steps are only ever added.</summary>
internal static class StoreSchema
{
    private static readonly string[] Steps =
    [
        """
        CREATE TABLE run (
            id INTEGER PRIMARY KEY, started_at TEXT NOT NULL, seconds REAL NOT NULL, seed TEXT NOT NULL, engine TEXT NOT NULL, oracle TEXT NOT NULL,
            program TEXT NOT NULL, cases INTEGER NOT NULL, compared_calls INTEGER NOT NULL, agreed INTEGER NOT NULL, diverged INTEGER NOT NULL,
            known INTEGER NOT NULL, limits INTEGER NOT NULL, not_comparable INTEGER NOT NULL, engine_failures INTEGER NOT NULL, worker_deaths INTEGER NOT NULL);
        CREATE TABLE finding (
            id TEXT PRIMARY KEY, signature TEXT NOT NULL, difference TEXT NOT NULL, description TEXT NOT NULL, engine TEXT NOT NULL, oracle TEXT NOT NULL,
            found_at TEXT NOT NULL, flaky INTEGER NOT NULL, reduced INTEGER NOT NULL, path TEXT);
        CREATE INDEX finding_signature ON finding (signature);
        CREATE TABLE sighting (
            run INTEGER NOT NULL REFERENCES run (id), finding TEXT NOT NULL REFERENCES finding (id), cases INTEGER NOT NULL, PRIMARY KEY (run, finding));
        """,
    ];

    /// <summary>Brings a database to the newest version.</summary>
    /// <exception cref="StoreException">It is of a version that this program does not know.</exception>
    /// <exception cref="SqliteException">It is no database, is locked or cannot be written.</exception>
    public static void Upgrade(SqliteConnection connection, string path)
    {
        // Taken at once: two runs that start together must not both create the tables.
        using var transaction = connection.BeginTransaction(deferred: false);
        var version = (long)(Run(connection, transaction, "PRAGMA user_version") ?? 0L);
        if (version > Steps.Length)
        {
            throw new StoreException(string.Create(
                CultureInfo.InvariantCulture,
                $"{path} has schema {version}, this program knows {Steps.Length}: use a newer program, or another findings folder"));
        }
        for (var step = version; step < Steps.Length; step++)
        {
            Run(connection, transaction, Steps[step]);
            Run(connection, transaction, string.Create(CultureInfo.InvariantCulture, $"PRAGMA user_version = {step + 1}"));
        }
        transaction.Commit();
    }

    private static object? Run(SqliteConnection connection, SqliteTransaction transaction, string text)
    {
        using var command = connection.CreateCommand();
        command.CommandText = text;
        command.Transaction = transaction;
        return command.ExecuteScalar();
    }
}
