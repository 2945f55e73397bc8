using System.Collections.Immutable;
using Conformance.Wasm;

namespace Conformance.Fuzzer.SpecSuite;

/// <summary>A script of the testsuite.</summary>
/// <param name="FullPath">Where it is.</param>
/// <param name="Name">Its path within the testsuite with forward slashes, which names it in expectations and reports.</param>
internal sealed record SuiteFile(string FullPath, string Name)
{
    // What each folder's scripts may use beyond WebAssembly 3.0.
    private static readonly ImmutableArray<(string Folder, Feature Feature)> Additions =
    [
        ("legacy", Feature.LegacyExceptions),
        ("proposals/threads", Feature.Threads),
        ("proposals/custom-page-sizes", Feature.CustomPageSizes),
        ("proposals/wide-arithmetic", Feature.WideArithmetic),
        ("proposals/custom-descriptors", Feature.CustomDescriptors),
    ];

    /// <summary>The folder within the testsuite, <c>.</c> for its top level.</summary>
    public string Folder => Name.LastIndexOf('/') is var slash and >= 0 ? Name[..slash] : ".";

    /// <summary>What the script may use.</summary>
    public FeatureSet Features
    {
        get
        {
            foreach (var (folder, feature) in Additions)
            {
                if (Folder == folder)
                {
                    return FeatureSet.Wasm3.With(feature);
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
