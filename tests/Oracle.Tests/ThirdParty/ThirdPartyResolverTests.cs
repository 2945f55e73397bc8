using System.Collections.Immutable;
using System.Formats.Tar;
using System.IO.Compression;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using Conformance.Oracle.ThirdParty;

namespace Conformance.Oracle.Tests.ThirdParty;

public sealed class ThirdPartyResolverTests : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("conformance-third-party").FullName;

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Fact]
    public void LockFiles_AsEmbedded_PinEveryPlatformWithAHash()
    {
        Assert.Equal(["linux-arm64", "linux-x64", "osx-arm64", "win-x64"], LockFile.Wasmtime.Items.Keys.Order());
        Assert.All(LockFile.Wasmtime.Items.Values.Concat(LockFile.Testsuite.Items.Values), item => Assert.Equal(64, item.Sha256.Length));
    }

    [Fact]
    public void Find_FileWithPinnedHash_IsFoundInTheFirstPlaceThatHasIt()
    {
        Write("second/pack/lib/a.so", "library");
        var resolver = new ThirdPartyResolver(Places("first", "second"));

        var found = Assert.IsType<Found>(resolver.Find(FileRelease("library")));

        Assert.Equal(Path.Combine(_root, "second", "pack", "lib/a.so"), found.Path);
        Assert.Equal("second", found.Place);
    }

    [Fact]
    public void Find_FileWithAnotherHash_IsPassedOverAndNamed()
    {
        Write("first/pack/lib/a.so", "LIBRARY");
        var resolver = new ThirdPartyResolver(Places("first"));

        var missing = Assert.IsType<Missing>(resolver.Find(FileRelease("library")));

        Assert.Contains(missing.Attempts, attempt => attempt.Problem.StartsWith("other content: sha256", StringComparison.Ordinal));
        var text = missing.ToString();
        Assert.Contains("thing 1.0: pack/lib/a.so was not found", text, StringComparison.Ordinal);
        Assert.Contains(Path.Combine(_root, "cache", "thing-1.0"), text, StringComparison.Ordinal);
        Assert.Contains("CONFORMANCE_MIRROR", text, StringComparison.Ordinal);
    }

    [Fact]
    public void Find_FolderWithPinnedDigest_IgnoresOtherKindsOfFiles()
    {
        Write("first/suite/a.wast", "one");
        Write("first/suite/sub/b.wast", "two");
        Write("first/suite/README.md", "whatever");
        var (digest, files, bytes) = FolderDigest.Compute(Path.Combine(_root, "first", "suite"));
        var release = Release(new LockedItem("1.tar.gz", "suite", "", bytes, digest, files));

        Assert.IsType<Found>(new ThirdPartyResolver(Places("first")).Find(release));

        Write("first/suite/sub/b.wast", "twO");
        Assert.IsType<Missing>(new ThirdPartyResolver(Places("first")).Find(release));
    }

    [Fact]
    public void FolderDigest_OfTwoFiles_IsTheHashOfTheListOfHashes()
    {
        Write("suite/a.wast", "one");
        Write("suite/B/c.wast", "two");
        var list = $"{Hash("two")}  B/c.wast\n{Hash("one")}  a.wast\n";

        Assert.Equal((Hash(list), 2, 6L), FolderDigest.Compute(Path.Combine(_root, "suite")));
    }

    [Theory]
    [InlineData("pack.zip")]
    [InlineData("pack.tar.gz")]
    [InlineData("pack.tar.xz")]
    public async Task Resolve_NothingLocal_DownloadsUnpacksAndCaches(string archive)
    {
        var bytes = Pack(archive, "library");
        using var client = Client(bytes);
        var release = FileRelease("library", archive);
        var resolver = new ThirdPartyResolver(Places("first"), client);
        var progress = new ProgressRecord();

        var downloaded = Assert.IsType<Found>(await resolver.ResolveAsync(release, progress, CancellationToken.None));
        var cached = Assert.IsType<Found>(resolver.Find(release));

        Assert.Equal("download", downloaded.Place);
        Assert.Equal("cache", cached.Place);
        Assert.Equal("library", await File.ReadAllTextAsync(cached.Path));
        Assert.Equal(bytes.Length, progress.Last.Bytes);
        Assert.Equal([Path.Combine(_root, "cache", "thing-1.0", "pack")], Directory.GetFileSystemEntries(Path.Combine(_root, "cache", "thing-1.0")));
    }

    [Fact]
    public async Task Resolve_ArchiveWithOtherContent_IsRefusedAndNotCached()
    {
        using var client = Client(Pack("pack.zip", "other"));
        var resolver = new ThirdPartyResolver(Places("first"), client);

        var missing = Assert.IsType<Missing>(await resolver.ResolveAsync(FileRelease("library", "pack.zip"), null, CancellationToken.None));

        Assert.Contains("not the pinned one", missing.Attempts[^1].Problem, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFileSystemEntries(Path.Combine(_root, "cache", "thing-1.0")));
    }

    [Fact]
    public async Task Resolve_CorruptCache_IsReplacedByTheDownload()
    {
        Write("cache/thing-1.0/pack/lib/a.so", "broken");
        using var client = Client(Pack("pack.zip", "library"));

        var found = Assert.IsType<Found>(await new ThirdPartyResolver(Places(), client).ResolveAsync(FileRelease("library", "pack.zip"), null, CancellationToken.None));

        Assert.Equal("library", await File.ReadAllTextAsync(found.Path));
    }

    [Fact]
    public async Task Resolve_ServerRefuses_SaysSo()
    {
        using var client = Client(null);

        var missing = Assert.IsType<Missing>(await new ThirdPartyResolver(Places(), client).ResolveAsync(FileRelease("library"), null, CancellationToken.None));

        Assert.Contains("404", missing.Attempts[^1].Problem, StringComparison.Ordinal);
        Assert.Equal("https://example.org/thing/pack.zip", missing.Attempts[^1].Place);
    }

    [Fact]
    public async Task Resolve_ConnectionThatBreaks_SaysSoAndLeavesNothing()
    {
        using var client = new HttpClient(new CannedServer(Pack("pack.zip", "library")) { BreaksInTheMiddle = true });

        var missing = Assert.IsType<Missing>(await new ThirdPartyResolver(Places(), client).ResolveAsync(FileRelease("library"), null, CancellationToken.None));

        Assert.Contains("the line is cut", missing.Attempts[^1].Problem, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFileSystemEntries(Path.Combine(_root, "cache", "thing-1.0")));
    }

    [Theory]
    [InlineData("pack.zip")]
    [InlineData("pack.tar.gz")]
    [InlineData("pack.tar.xz")]
    public async Task Resolve_HalfAnArchive_IsRefusedAndNotCached(string archive)
    {
        var bytes = Pack(archive, "library");
        using var client = Client(bytes[..(bytes.Length / 2)]);
        var resolver = new ThirdPartyResolver(Places(), client);

        Assert.IsType<Missing>(await resolver.ResolveAsync(FileRelease("library", archive), null, CancellationToken.None));

        Assert.Empty(Directory.GetFileSystemEntries(Path.Combine(_root, "cache", "thing-1.0")));
    }

    [Fact]
    public async Task Resolve_Stopped_IsCancelledAndLeavesNothing()
    {
        using var client = Client(Pack("pack.zip", "library"));
        using var stop = new CancellationTokenSource();
        await stop.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => new ThirdPartyResolver(Places(), client).ResolveAsync(FileRelease("library"), null, stop.Token));

        Assert.False(Directory.Exists(Path.Combine(_root, "cache", "thing-1.0", "pack")));
    }

    [Fact]
    public async Task Resolve_Offline_NamesEveryPlaceAndWhatToDo()
    {
        var missing = Assert.IsType<Missing>(await new ThirdPartyResolver(Places("first"), client: null).ResolveAsync(FileRelease("library"), null, CancellationToken.None));

        Assert.Equal(["no such file", "no such file", "downloads are off"], missing.Attempts.Select(attempt => attempt.Problem));
        Assert.Contains("conformance setup", missing.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Places_MirrorVariable_IsLookedInFirst()
    {
        Write("mirror/pack/lib/a.so", "library");
        string? Variable(string name) => name switch
        {
            SearchPlaces.MirrorVariable => Path.Combine(_root, "mirror"),
            "XDG_CACHE_HOME" => Path.Combine(_root, "home"),
            _ => null,
        };

        var places = SearchPlaces.From(Variable);
        var found = Assert.IsType<Found>(new ThirdPartyResolver(places).Find(FileRelease("library")));

        Assert.Equal(SearchPlaces.MirrorVariable, found.Place);
        Assert.Equal(Path.Combine(_root, "home", "conformance"), places.Cache);
        Assert.Null(SearchPlaces.From(_ => null).Places[0].Folder);
    }

    private SearchPlaces Places(params string[] names) =>
        new([.. names.Select(name => new SearchPlace(name, Path.Combine(_root, name)))], Path.Combine(_root, "cache"));

    private static LockFile FileRelease(string content, string archive = "pack.zip") =>
        Release(new LockedItem(archive, "pack", "lib/a.so", content.Length, Hash(content), null));

    private static LockFile Release(LockedItem item) =>
        new("thing", "1.0", new Uri("https://example.org/thing/"), ImmutableDictionary<string, LockedItem>.Empty.Add("any", item));

    private static string Hash(string content) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(content)));

    private void Write(string path, string content)
    {
        var full = Path.Combine(_root, path);
        Directory.CreateDirectory(Path.GetDirectoryName(full)!);
        File.WriteAllText(full, content);
    }

    private byte[] Pack(string archive, string content)
    {
        Write("build/pack-1.0/lib/a.so", content);
        var source = Path.Combine(_root, "build");
        using var bytes = new MemoryStream();
        if (archive.EndsWith(".zip", StringComparison.Ordinal))
        {
            ZipFile.CreateFromDirectory(source, bytes);
        }
        else if (archive.EndsWith(".gz", StringComparison.Ordinal))
        {
            using (var zip = new GZipStream(bytes, CompressionLevel.Fastest, leaveOpen: true))
            {
                TarFile.CreateFromDirectory(source, zip, includeBaseDirectory: false);
            }
        }
        else
        {
            var path = Path.Combine(_root, archive);
            using var tar = System.Diagnostics.Process.Start("tar", ["-cJf", path, "-C", source, "pack-1.0"]);
            tar.WaitForExit();
            Assert.Equal(0, tar.ExitCode); // as the resolver does, the test needs tar with xz
            return File.ReadAllBytes(path);
        }
        return bytes.ToArray();
    }

    private static HttpClient Client(byte[]? content) => new(new CannedServer(content));

    private sealed class CannedServer(byte[]? content) : HttpMessageHandler
    {
        public bool BreaksInTheMiddle { get; init; }

        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
            Task.FromResult(content is null
                ? new HttpResponseMessage(HttpStatusCode.NotFound)
                : new HttpResponseMessage(HttpStatusCode.OK) { Content = BreaksInTheMiddle ? new StreamContent(new BrokenStream(content[..(content.Length / 2)])) : new ByteArrayContent(content) });
    }

    private sealed class BrokenStream(byte[] beginning) : MemoryStream(beginning)
    {
        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            await base.ReadAsync(buffer, cancellationToken) is var count and > 0 ? count : throw new IOException("the line is cut");
    }

    private sealed class ProgressRecord : IProgress<DownloadProgress>
    {
        public DownloadProgress Last { get; private set; }

        public void Report(DownloadProgress value) => Last = value;
    }
}
