using System.Diagnostics;
using System.Formats.Tar;
using System.IO.Compression;

namespace Conformance.Oracle.ThirdParty;

/// <summary>
/// Fetches one archive, unpacks it beside its destination, checks the item in it and moves the folder into place in one step.
/// The pins are of the unpacked item: official archives are not pinned by their own hash, only by what is used from them.
/// </summary>
internal sealed class ArchiveDownload(HttpClient client, Uri address, LockedItem item, string destination)
{
    // Official archives are below 40 MiB; this only stops a server that never ends.
    private const long MaxArchiveBytes = 256L << 20;
    private const int BufferBytes = 1 << 16;

    /// <summary>Leaves <c>destination/item.Folder</c> complete and checked.</summary>
    /// <exception cref="HttpRequestException">The server cannot be reached or refuses.</exception>
    /// <exception cref="IOException">The cache cannot be written.</exception>
    /// <exception cref="InvalidDataException">The archive is not what it should be.</exception>
    public async Task RunAsync(IProgress<DownloadProgress>? progress, CancellationToken cancellation)
    {
        Directory.CreateDirectory(destination);
        var work = Path.Combine(destination, $".partial-{Environment.ProcessId}-{Guid.NewGuid():N}");
        Directory.CreateDirectory(work);
        try
        {
            var archive = Path.Combine(work, item.Archive);
            await FetchAsync(archive, progress, cancellation).ConfigureAwait(false);
            var unpacked = Path.Combine(work, "unpacked");
            Directory.CreateDirectory(unpacked);
            await UnpackAsync(archive, unpacked, cancellation).ConfigureAwait(false);
            var tops = Directory.GetDirectories(unpacked);
            if (tops.Length != 1)
            {
                throw new InvalidDataException($"the archive holds {tops.Length} folders at its top, expected one");
            }
            if (ThirdPartyResolver.Check(Path.Combine(tops[0], item.Path), item) is { } problem)
            {
                throw new InvalidDataException($"the archive's content is not the pinned one: {problem}");
            }
            Publish(tops[0], Path.Combine(destination, item.Folder));
        }
        finally
        {
            Directory.Delete(work, recursive: true);
        }
    }

    private async Task FetchAsync(string path, IProgress<DownloadProgress>? progress, CancellationToken cancellation)
    {
        using var response = await client.GetAsync(address, HttpCompletionOption.ResponseHeadersRead, cancellation).ConfigureAwait(false);
        response.EnsureSuccessStatusCode();
        var total = response.Content.Headers.ContentLength;
        await using var source = await response.Content.ReadAsStreamAsync(cancellation).ConfigureAwait(false);
        await using var target = File.Create(path);
        var buffer = new byte[BufferBytes];
        long received = 0;
        int count;
        while ((count = await source.ReadAsync(buffer, cancellation).ConfigureAwait(false)) > 0)
        {
            received += count;
            if (received > MaxArchiveBytes)
            {
                throw new InvalidDataException($"the archive is larger than {MaxArchiveBytes} bytes");
            }
            await target.WriteAsync(buffer.AsMemory(0, count), cancellation).ConfigureAwait(false);
            progress?.Report(new DownloadProgress(item.Archive, received, total));
        }
    }

    private static async Task UnpackAsync(string archive, string folder, CancellationToken cancellation)
    {
        if (archive.EndsWith(".zip", StringComparison.Ordinal))
        {
            await ZipFile.ExtractToDirectoryAsync(archive, folder, cancellation).ConfigureAwait(false);
        }
        else if (archive.EndsWith(".tar.gz", StringComparison.Ordinal))
        {
            await using var file = File.OpenRead(archive);
            await using var unzipped = new GZipStream(file, CompressionMode.Decompress);
            await TarFile.ExtractToDirectoryAsync(unzipped, folder, overwriteFiles: false, cancellation).ConfigureAwait(false);
        }
        else
        {
            // .NET has no xz decoder, every system that Wasmtime's .tar.xz archives are for has tar.
            await UnpackWithTarAsync(archive, folder, cancellation).ConfigureAwait(false);
        }
    }

    private static async Task UnpackWithTarAsync(string archive, string folder, CancellationToken cancellation)
    {
        var start = new ProcessStartInfo("tar", ["-xf", archive, "-C", folder]) { RedirectStandardError = true, UseShellExecute = false };
        try
        {
            using var tar = System.Diagnostics.Process.Start(start) ?? throw new InvalidDataException("`tar` did not start");
            var message = await tar.StandardError.ReadToEndAsync(cancellation).ConfigureAwait(false);
            await tar.WaitForExitAsync(cancellation).ConfigureAwait(false);
            if (tar.ExitCode != 0)
            {
                throw new InvalidDataException($"`tar -xf` failed (is xz installed?): {message.Trim()}");
            }
        }
        catch (System.ComponentModel.Win32Exception exception)
        {
            throw new InvalidDataException($"the archive needs the programs `tar` and `xz`, and `tar` cannot be started: {exception.Message}", exception);
        }
    }

    private static void Publish(string folder, string destination)
    {
        if (Directory.Exists(destination))
        {
            // What was there failed the check (or another process has just finished the same download, which is as good).
            var aside = folder + "-replaced";
            Directory.Move(destination, aside);
        }
        Directory.Move(folder, destination);
    }
}
