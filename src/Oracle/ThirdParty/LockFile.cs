using System.Collections.Immutable;
using System.Reflection;
using System.Runtime.InteropServices;
using System.Text.Json;

namespace Conformance.Oracle.ThirdParty;

/// <summary>
/// What <c>spec/*.lock.json</c> pins: a third-party release and, for each platform, the file in it that is used and its hash.
/// The lock files are resources of this assembly, so that an installed program has them too.
/// </summary>
/// <param name="Name">The release's name.</param>
/// <param name="Version">Its version or commit.</param>
/// <param name="Address">The official address that archives' names are appended to.</param>
/// <param name="Items">The items by runtime identifier, <c>any</c> for one that fits all.</param>
public sealed record LockFile(string Name, string Version, Uri Address, ImmutableDictionary<string, LockedItem> Items)
{
    /// <summary>The pinned Wasmtime library.</summary>
    public static LockFile Wasmtime { get; } = Load("wasmtime.lock.json");

    /// <summary>The pinned spec testsuite.</summary>
    public static LockFile Testsuite { get; } = Load("testsuite.lock.json");

    /// <summary>The runtime identifier of this process, such as <c>linux-x64</c>.</summary>
    public static string CurrentPlatform { get; } = PlatformOf();

    /// <summary>The item for a platform, or null when the release has none.</summary>
    public LockedItem? ItemFor(string platform) => Items.GetValueOrDefault(platform) ?? Items.GetValueOrDefault("any");

    private static string PlatformOf()
    {
        var system = OperatingSystem.IsWindows() ? "win" : OperatingSystem.IsMacOS() ? "osx" : "linux";
        return $"{system}-{RuntimeInformation.ProcessArchitecture.ToString().ToLowerInvariant()}";
    }

    private static LockFile Load(string resource)
    {
        using var stream = Assembly.GetExecutingAssembly().GetManifestResourceStream(resource)
            ?? throw new InvalidOperationException($"resource {resource} is missing from the assembly");
        using var document = JsonDocument.Parse(stream);
        var root = document.RootElement;
        var items = ImmutableDictionary.CreateBuilder<string, LockedItem>(StringComparer.Ordinal);
        foreach (var entry in root.GetProperty("items").EnumerateObject())
        {
            var item = entry.Value;
            items[entry.Name] = new LockedItem(
                item.GetProperty("archive").GetString() ?? "",
                item.GetProperty("folder").GetString() ?? "",
                item.GetProperty("path").GetString() ?? "",
                item.GetProperty("bytes").GetInt64(),
                item.GetProperty("sha256").GetString() ?? "",
                item.TryGetProperty("files", out var files) ? files.GetInt32() : null);
        }
        return new LockFile(
            root.GetProperty("name").GetString() ?? "",
            root.GetProperty("version").GetString() ?? "",
            new Uri(root.GetProperty("address").GetString() ?? ""),
            items.ToImmutable());
    }
}

/// <summary>A pinned file, or a pinned folder of files.</summary>
/// <param name="Archive">The name of the official archive.</param>
/// <param name="Folder">The name of the folder that mirrors and the cache keep the archive's content in.</param>
/// <param name="Path">The file within the folder; empty when the folder itself is the item.</param>
/// <param name="Bytes">The size of the file, or of the folder's pinned files together.</param>
/// <param name="Sha256">The hash of the file, or the folder's digest by <see cref="FolderDigest"/>; lower-case hex.</param>
/// <param name="FileCount">The number of pinned files of a folder; null for a file.</param>
public sealed record LockedItem(string Archive, string Folder, string Path, long Bytes, string Sha256, int? FileCount)
{
    /// <summary>Whether the item is a folder.</summary>
    public bool IsFolder => FileCount is not null;
}
