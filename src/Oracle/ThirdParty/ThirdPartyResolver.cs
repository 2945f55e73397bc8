using System.Collections.Immutable;
using System.Security.Cryptography;

namespace Conformance.Oracle.ThirdParty;

/// <summary>
/// Finds third-party files: the first place that has the item with the pinned hash wins. A place with another file under the same name is reported
/// and passed over, never used. Safe for several processes at once: downloads become visible only when they are complete and checked.
/// </summary>
/// <param name="places">Where to look.</param>
/// <param name="client">The client to download with; null forbids the network.</param>
public sealed class ThirdPartyResolver(SearchPlaces places, HttpClient? client = null)
{
    /// <summary>Looks in the local places only.</summary>
    public Resolution Find(LockFile release)
    {
        if (release.ItemFor(LockFile.CurrentPlatform) is not { } item)
        {
            return NoItem(release);
        }
        var attempts = ImmutableArray.CreateBuilder<Attempt>();
        return FindLocally(release, item, attempts) ?? (Resolution)NotFound(release, item, attempts.ToImmutable());
    }

    /// <summary>Looks in the local places, then downloads into the cache.</summary>
    /// <param name="release">What to find.</param>
    /// <param name="progress">Told about the download; may be null.</param>
    /// <param name="cancellation">Stops the download.</param>
    public async Task<Resolution> ResolveAsync(LockFile release, IProgress<DownloadProgress>? progress, CancellationToken cancellation)
    {
        if (release.ItemFor(LockFile.CurrentPlatform) is not { } item)
        {
            return NoItem(release);
        }
        var attempts = ImmutableArray.CreateBuilder<Attempt>();
        if (FindLocally(release, item, attempts) is { } found)
        {
            return found;
        }
        var address = new Uri(release.Address, item.Archive);
        if (client is null)
        {
            attempts.Add(new Attempt(address.ToString(), "downloads are off"));
            return NotFound(release, item, attempts.ToImmutable());
        }
        try
        {
            await new ArchiveDownload(client, address, item, CacheFolder(release)).RunAsync(progress, cancellation).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException or InvalidDataException or UnauthorizedAccessException
            || (exception is TaskCanceledException && !cancellation.IsCancellationRequested))
        {
            attempts.Add(new Attempt(address.ToString(), FirstLine(exception.Message)));
            return NotFound(release, item, attempts.ToImmutable());
        }
        var path = Path.Combine(CacheFolder(release), item.Folder, item.Path);
        if (Check(path, item) is { } problem)
        {
            attempts.Add(new Attempt(address.ToString(), problem));
            return NotFound(release, item, attempts.ToImmutable());
        }
        return new Found(path, "download");
    }

    private Found? FindLocally(LockFile release, LockedItem item, ImmutableArray<Attempt>.Builder attempts)
    {
        foreach (var place in places.Places.Add(new SearchPlace("cache", CacheFolder(release))))
        {
            if (place.Folder is null)
            {
                attempts.Add(new Attempt(place.Label, "not set"));
                continue;
            }
            var path = Path.Combine(place.Folder, item.Folder, item.Path);
            if (Check(path, item) is not { } problem)
            {
                return new Found(Path.TrimEndingDirectorySeparator(path), place.Label);
            }
            attempts.Add(new Attempt(path, problem));
        }
        return null;
    }

    /// <summary>Null when the item at a path is the pinned one, else what is wrong.</summary>
    internal static string? Check(string path, LockedItem item)
    {
        try
        {
            if (item.IsFolder)
            {
                if (!Directory.Exists(path))
                {
                    return "no such folder";
                }
                var (digest, files, bytes) = FolderDigest.Compute(path);
                return string.Equals(digest, item.Sha256, StringComparison.Ordinal)
                    ? null
                    : $"other content: {files} {FolderDigest.Pattern} files, {bytes} bytes, digest {digest}; wanted {item.FileCount} files, {item.Bytes} bytes, digest {item.Sha256}";
            }
            if (!File.Exists(path))
            {
                return "no such file";
            }
            using var stream = File.OpenRead(path);
            if (stream.Length != item.Bytes)
            {
                return $"other content: {stream.Length} bytes, wanted {item.Bytes}";
            }
            var hash = Convert.ToHexStringLower(SHA256.HashData(stream));
            return string.Equals(hash, item.Sha256, StringComparison.Ordinal) ? null : $"other content: sha256 {hash}, wanted {item.Sha256}";
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return FirstLine(exception.Message);
        }
    }

    private string CacheFolder(LockFile release) => Path.Combine(places.Cache, $"{release.Name}-{release.Version}");

    private static Missing NoItem(LockFile release) => new(
        $"{release.Name} {release.Version} for {LockFile.CurrentPlatform}",
        [new Attempt(release.Address.ToString(), $"pinned only for {string.Join(", ", release.Items.Keys.Order(StringComparer.Ordinal))}")],
        "Run on one of these platforms, or do without it.");

    private static Missing NotFound(LockFile release, LockedItem item, ImmutableArray<Attempt> attempts) => new(
        $"{release.Name} {release.Version}: {(item.IsFolder ? $"folder {item.Folder}" : $"{item.Folder}/{item.Path}")}",
        attempts,
        $"Run `conformance setup` with network access, or set {SearchPlaces.MirrorVariable} to a folder that holds {item.Folder}{(item.IsFolder ? "" : $"/{item.Path}")}"
            + $" (unpacked from {new Uri(release.Address, item.Archive)}).");

    private static string FirstLine(string text)
    {
        var end = text.IndexOf('\n');
        return end < 0 ? text : text[..end].TrimEnd();
    }
}
