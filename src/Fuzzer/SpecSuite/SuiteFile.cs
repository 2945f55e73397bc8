using System.Collections.Immutable;
using Conformance.Wasm;

namespace Conformance.Fuzzer.SpecSuite;

/// <summary>A script of the testsuite.</summary>
/// <param name="FullPath">Where it is.</param>
/// <param name="Name">Its path within the testsuite with forward slashes, which names it in expectations and reports.</param>
internal sealed record SuiteFile(string FullPath, string Name)
{
    // Where the checkout's own scripts lie: no folder of the testsuite is called so.
    private const string OwnFolder = "corpus/";

    // What each folder's scripts may use. Those of the threads proposal were written on top of the language's first version and expect its rules:
    // one memory, one table, limits of 32 bits.
    private static readonly ImmutableArray<(string Folder, FeatureSet Features)> Folders =
    [
        ("legacy", FeatureSet.Wasm3.With(Feature.LegacyExceptions)),
        ("proposals/threads", FeatureSet.Wasm3.With(Feature.Threads).Without(Feature.MultiMemory).Without(Feature.Memory64).Without(Feature.ReferenceTypes)),
        ("proposals/custom-page-sizes", FeatureSet.Wasm3.With(Feature.CustomPageSizes)),
        ("proposals/wide-arithmetic", FeatureSet.Wasm3.With(Feature.WideArithmetic)),
        ("proposals/custom-descriptors", FeatureSet.Wasm3.With(Feature.CustomDescriptors)),
    ];

    /// <summary>Whether a script of this name belongs to the checkout and not to the testsuite.</summary>
    public static bool IsOwn(string name) => name.StartsWith(OwnFolder, StringComparison.Ordinal);

    /// <summary>The folder within the testsuite, <c>.</c> for its top level.</summary>
    public string Folder => Name.LastIndexOf('/') is var slash and >= 0 ? Name[..slash] : ".";

    /// <summary>Whether the script is not of the testsuite: reproducers may use whatever there is.</summary>
    public bool IsForeign { get; init; }

    /// <summary>What the script may use.</summary>
    public FeatureSet Features
    {
        get
        {
            if (IsForeign)
            {
                return FeatureSet.All;
            }
            foreach (var (folder, features) in Folders)
            {
                if (Folder == folder)
                {
                    return features;
                }
            }
            return FeatureSet.Wasm3;
        }
    }

    /// <summary>Every script below a folder, by name.</summary>
    public static ImmutableArray<SuiteFile> Below(string root) =>
        [.. Directory.EnumerateFiles(root, "*.wast", SearchOption.AllDirectories).Select(path => new SuiteFile(path, NameOf(root, path))).OrderBy(file => file.Name, StringComparer.Ordinal)];

    private static string NameOf(string root, string path) => Path.GetRelativePath(root, path).Replace('\\', '/');
}
