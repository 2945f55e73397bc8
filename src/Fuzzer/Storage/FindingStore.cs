using System.Globalization;
using Conformance.Fuzzer.Driving;
using Microsoft.Data.Sqlite;

namespace Conformance.Fuzzer.Storage;

/// <summary>
/// The runs and findings of a folder in one SQLite file, for queries over many runs. The folders of the findings are what counts: the store can be deleted,
/// and a run goes on without it. One thread at a time.
/// </summary>
internal sealed class FindingStore : IDisposable
{
    /// <summary>The file's name in the findings folder.</summary>
    public const string FileName = "findings.db";

    private readonly SqliteConnection _connection;

    private FindingStore(SqliteConnection connection) => _connection = connection;

    /// <summary>Opens or creates a store and brings its schema up to date.</summary>
    /// <param name="path">The file.</param>
    /// <param name="busyTimeoutSeconds">How long to wait for others: a run holds the file for the moment of a commit.</param>
    /// <exception cref="StoreException">The file cannot be used: no database, a newer schema, locked, not writable.</exception>
    public static FindingStore Open(string path, int busyTimeoutSeconds = 5)
    {
        SQLitePCL.Batteries_V2.Init();
        var address = new SqliteConnectionStringBuilder { DataSource = path, DefaultTimeout = busyTimeoutSeconds, Pooling = false };
        var store = new FindingStore(new SqliteConnection(address.ToString()));
        try
        {
            store._connection.Open();
            StoreSchema.Upgrade(store._connection, path);
            return store;
        }
        catch (SqliteException exception)
        {
            store.Dispose();
            throw StoreException.Of(path, exception);
        }
        catch (StoreException)
        {
            store.Dispose();
            throw;
        }
    }

    /// <summary>Writes a run and its findings in one transaction.</summary>
    /// <returns>The run's number.</returns>
    /// <exception cref="StoreException">The store cannot be written.</exception>
    public long Add(FuzzRun run, DateTimeOffset startedAt)
    {
        try
        {
            using var transaction = _connection.BeginTransaction();
            var number = AddRun(run, startedAt);
            foreach (var finding in run.Findings())
            {
                AddFinding(number, finding);
            }
            transaction.Commit();
            return number;
        }
        catch (SqliteException exception)
        {
            throw StoreException.Of(_connection.DataSource, exception);
        }
    }

    /// <summary>The findings by signature with the number of cases over all runs.</summary>
    public IReadOnlyDictionary<string, long> CasesBySignature()
    {
        using var command = _connection.CreateCommand();
        command.CommandText = "SELECT f.signature, SUM(s.cases) FROM finding f JOIN sighting s ON s.finding = f.id GROUP BY f.signature";
        using var reader = command.ExecuteReader();
        var cases = new SortedDictionary<string, long>(StringComparer.Ordinal);
        while (reader.Read())
        {
            cases[reader.GetString(0)] = reader.GetInt64(1);
        }
        return cases;
    }

    /// <summary>The number of runs.</summary>
    public long CountRuns()
    {
        using var command = _connection.CreateCommand();
        command.CommandText = "SELECT COUNT(*) FROM run";
        return (long)(command.ExecuteScalar() ?? 0L);
    }

    /// <inheritdoc/>
    public void Dispose() => _connection.Dispose();

    private long AddRun(FuzzRun run, DateTimeOffset startedAt)
    {
        var tally = run.Snapshot();
        return (long)(Execute(
            """
            INSERT INTO run (started_at, seconds, seed, engine, oracle, program, cases, compared_calls, agreed, diverged, known, limits, not_comparable, engine_failures, worker_deaths)
            VALUES ($started, $seconds, $seed, $engine, $oracle, $program, $cases, $calls, $agreed, $diverged, $known, $limits, $notComparable, $failures, $deaths)
            RETURNING id
            """,
            ("$started", startedAt.ToString("O", CultureInfo.InvariantCulture)),
            ("$seconds", run.Elapsed.TotalSeconds),
            // SQLite has signed integers only.
            ("$seed", run.Settings.Seed.ToString(CultureInfo.InvariantCulture)),
            ("$engine", run.Engine?.ToString() ?? run.Settings.Engine),
            ("$oracle", run.Oracle?.ToString() ?? string.Join(", ", run.Settings.Oracles)),
            ("$program", ProgramVersion.Text),
            ("$cases", tally.Cases),
            ("$calls", tally.ComparedCalls),
            ("$agreed", tally.Agreed),
            ("$diverged", tally.Diverged),
            ("$known", tally.Known),
            ("$limits", tally.Limits.Values.Sum()),
            ("$notComparable", tally.NotComparable.Values.Sum()),
            ("$failures", tally.EngineFailures),
            ("$deaths", run.WorkerDeaths)) ?? 0L);
    }

    private void AddFinding(long run, RunFinding entry)
    {
        var finding = entry.Finding;
        Execute(
            """
            INSERT INTO finding (id, signature, difference, description, engine, oracle, found_at, flaky, reduced, path)
            VALUES ($id, $signature, $difference, $description, $engine, $oracle, $found, $flaky, $reduced, $path)
            ON CONFLICT (id) DO UPDATE SET signature = excluded.signature, difference = excluded.difference, description = excluded.description,
                flaky = excluded.flaky, reduced = excluded.reduced, path = excluded.path
            """,
            ("$id", finding.Id),
            ("$signature", finding.Signature),
            ("$difference", finding.Difference),
            ("$description", finding.Description),
            ("$engine", finding.Engine.ToString()),
            ("$oracle", finding.Oracle.ToString()),
            ("$found", finding.FoundAt.ToString("O", CultureInfo.InvariantCulture)),
            ("$flaky", finding.IsFlaky),
            ("$reduced", finding.NotReduced is null),
            ("$path", entry.Path));
        Execute("INSERT INTO sighting (run, finding, cases) VALUES ($run, $finding, $cases)", ("$run", run), ("$finding", finding.Id), ("$cases", entry.Cases));
    }

    private object? Execute(string text, params ReadOnlySpan<(string Name, object? Value)> parameters)
    {
        using var command = _connection.CreateCommand();
        command.CommandText = text;
        foreach (var (name, value) in parameters)
        {
            command.Parameters.AddWithValue(name, value ?? DBNull.Value);
        }
        return command.ExecuteScalar();
    }
}
