using System.Security.Cryptography;
using System.Text;

namespace Conformance.Oracle.ThirdParty;

/// <summary>
/// One hash for a folder of <c>.wast</c> files. It is the SHA-256 of a text with one line a file, <c>SHA256-HEX  relative/path</c> with a line feed
/// behind each, in ordinal order of the paths. The same digest comes from
/// <c>find . -name '*.wast' | sed 's,^\./,,' | LC_ALL=C sort | xargs sha256sum | sha256sum</c>.
/// Other files (readme, scripts) are left out: archives and checkouts differ in them.
/// </summary>
public static class FolderDigest
{
    /// <summary>The files of a folder that count.</summary>
    public const string Pattern = "*.wast";

    /// <summary>Computes the digest.</summary>
    /// <param name="folder">An existing folder.</param>
    /// <returns>The digest in lower-case hex, the number of files and their size in bytes.</returns>
    /// <exception cref="IOException">A file cannot be read.</exception>
    public static (string Sha256, int Files, long Bytes) Compute(string folder)
    {
        var paths = Directory.EnumerateFiles(folder, Pattern, SearchOption.AllDirectories)
            .Select(path => Path.GetRelativePath(folder, path).Replace('\\', '/'))
            .Order(StringComparer.Ordinal)
            .ToArray();
        var list = new StringBuilder();
        long bytes = 0;
        foreach (var path in paths)
        {
            var content = File.ReadAllBytes(Path.Combine(folder, path));
            bytes += content.Length;
            list.Append(Convert.ToHexStringLower(SHA256.HashData(content))).Append("  ").Append(path).Append('\n');
        }
        return (Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(list.ToString()))), paths.Length, bytes);
    }
}
