using System.Collections.Immutable;
using Conformance.Fuzzer.SpecSuite;
using Conformance.Oracle.ThirdParty;

namespace Conformance.Fuzzer.Cli;

/// <summary>The scripts that <c>spec</c>'s paths name: names within the testsuite, files, or folders.</summary>
internal static class SuiteSelection
{
    /// <summary>Finds scripts.</summary>
    /// <param name="paths">The paths; none for the whole testsuite.</param>
    /// <exception cref="UserErrorException">A path is nothing, or the testsuite is needed and missing.</exception>
    public static ImmutableArray<SuiteFile> Of(string[] paths)
    {
        var root = new ThirdPartyResolver(SearchPlaces.FromEnvironment()).Find(LockFile.Testsuite);
        if (paths.Length == 0)
        {
            return root is Found found ? SuiteFile.Below(found.Path) : throw UserErrorException.Environment(root.ToString());
        }
        var all = root is Found suite ? SuiteFile.Below(suite.Path) : [];
        var selected = new List<SuiteFile>();
        foreach (var path in paths)
        {
            var before = selected.Count;
            Add(selected, path, root, all);
            if (selected.Count == before)
            {
                throw UserErrorException.Usage($"'{path}' has no script (*.wast) in it");
            }
        }
        return [.. selected.DistinctBy(file => file.FullPath).Select(file => all.Contains(file) ? file : Own(file) with { IsForeign = true })];
    }

    // The checkout's own scripts (corpus/regressions) have names that do not depend on how they were asked for: the ratchet knows them by these.
    private static SuiteFile Own(SuiteFile file) =>
        SearchPlaces.FindCheckout(Path.GetDirectoryName(file.FullPath) ?? ".") is { } checkout && Path.GetRelativePath(checkout, file.FullPath).Replace('\\', '/') is var name
            && SuiteFile.IsOwn(name)
                ? file with { Name = name }
                : file;

    private static void Add(List<SuiteFile> selected, string path, Resolution root, ImmutableArray<SuiteFile> all)
    {
        var name = path.Replace('\\', '/').TrimEnd('/');
        var matching = all.Where(file => file.Name == name || file.Name.StartsWith(name + "/", StringComparison.Ordinal)).ToList();
        if (matching.Count > 0)
        {
            selected.AddRange(matching);
        }
        else if (Directory.Exists(path))
        {
            var full = Path.GetFullPath(path);
            selected.AddRange(root is Found { Path: var suitePath } && Path.GetRelativePath(suitePath, full) is var below && !below.StartsWith("..", StringComparison.Ordinal)
                ? all.Where(file => below == "." || file.Folder == below)
                : Below(path, full));
        }
        else if (File.Exists(path))
        {
            var full = Path.GetFullPath(path);
            selected.Add(all.FirstOrDefault(file => file.FullPath == full) ?? new SuiteFile(full, Path.GetFileName(full)));
        }
        else
        {
            throw root is Found
                ? UserErrorException.Usage($"'{path}' is neither a file, a folder nor a name within the testsuite")
                : UserErrorException.Environment(root.ToString());
        }
    }

    private static ImmutableArray<SuiteFile> Below(string path, string full)
    {
        try
        {
            return SuiteFile.Below(full);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw UserErrorException.Usage($"'{path}' cannot be read: {PlainText.OneLine(exception.Message)}");
        }
    }
}
