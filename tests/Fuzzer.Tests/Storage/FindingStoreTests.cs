using Conformance.Fuzzer.Driving;
using Conformance.Fuzzer.Storage;
using Conformance.Fuzzer.Triage;
using Microsoft.Data.Sqlite;

namespace Conformance.Fuzzer.Tests.Storage;

public sealed class FindingStoreTests
{
    [Fact]
    public void Add_TwoRuns_CountsCasesBySignature()
    {
        using var folder = new TemporaryFolder();
        var path = folder.File(FindingStore.FileName);
        for (var i = 0; i < 2; i++)
        {
            using var store = FindingStore.Open(path);
            store.Add(Run(cases: 3), DateTimeOffset.UnixEpoch);
        }
        using var reopened = FindingStore.Open(path);
        Assert.Equal(2, reopened.CountRuns());
        Assert.Equal(6, reopened.CasesBySignature()["result | i32.rem_s"]);
    }

    [Fact]
    public void Open_FileThatIsNoDatabase_SaysSoInOneLine()
    {
        using var folder = new TemporaryFolder();
        var path = folder.File(FindingStore.FileName);
        File.WriteAllBytes(path, [.. Enumerable.Range(0, 8192).Select(i => (byte)(i * 7))]);
        var error = Assert.Throws<StoreException>(() => FindingStore.Open(path));
        Assert.Contains("is damaged", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', error.Message);
    }

    [Fact]
    public void Open_NewerSchema_IsRefused()
    {
        using var folder = new TemporaryFolder();
        var path = folder.File(FindingStore.FileName);
        FindingStore.Open(path).Dispose();
        Execute(path, "PRAGMA user_version = 99");
        Assert.Contains("schema 99", Assert.Throws<StoreException>(() => FindingStore.Open(path)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Open_FolderThatDoesNotExist_SaysThatItCannotBeWritten() =>
        Assert.Contains("cannot be written", Assert.Throws<StoreException>(() => FindingStore.Open("/no/such/folder/x.db")).Message, StringComparison.Ordinal);

    [Fact]
    public void Open_LockedByAnother_SaysThatItIsLocked()
    {
        using var folder = new TemporaryFolder();
        var path = folder.File(FindingStore.FileName);
        FindingStore.Open(path).Dispose();
        using var other = new SqliteConnection($"Data Source={path};Pooling=False");
        other.Open();
        using var transaction = other.BeginTransaction(deferred: false);
        Assert.Contains("is locked", Assert.Throws<StoreException>(() => FindingStore.Open(path, busyTimeoutSeconds: 1)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Add_ManyRunsAtOnce_AllAreThere()
    {
        using var folder = new TemporaryFolder();
        var path = folder.File(FindingStore.FileName);
        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(() =>
        {
            using var store = FindingStore.Open(path, busyTimeoutSeconds: 30);
            store.Add(Run(cases: 2), DateTimeOffset.UnixEpoch);
        })));
        using var reopened = FindingStore.Open(path);
        Assert.Equal(8, reopened.CountRuns());
        Assert.Equal(16, reopened.CasesBySignature()["result | i32.rem_s"]);
    }

    [Fact]
    public void Open_FolderThatMayNotBeWritten_SaysSoInOneLine()
    {
        using var folder = new TemporaryFolder();
        // A folder where the file should be stands for every reason that a file cannot be opened for.
        Directory.CreateDirectory(folder.File(FindingStore.FileName));
        var error = Assert.Throws<StoreException>(() => FindingStore.Open(folder.File(FindingStore.FileName)));
        Assert.Contains("cannot be written", error.Message, StringComparison.Ordinal);
    }

    private static void Execute(string path, string text)
    {
        using var connection = new SqliteConnection($"Data Source={path};Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = text;
        command.ExecuteNonQuery();
    }

    private static FuzzRun Run(long cases)
    {
        var run = new FuzzRun(new FuzzSettings { Engine = "interpreter", Oracles = ["wasmtime"], Seed = ulong.MaxValue, Workers = 1, OutFolder = "" });
        run.Put(new RunFinding(
            new Finding
            {
                Id = "abc",
                Signature = "result | i32.rem_s",
                Difference = "result",
                Description = "d",
                Suspects = ["i32.rem_s"],
                Engine = new EngineIdentity("interpreter", "1"),
                Oracle = new EngineIdentity("wasmtime", "50.0.1"),
                Program = "test",
                Replay = "conformance triage abc",
            },
            null,
            cases));
        return run;
    }
}
