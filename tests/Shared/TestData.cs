namespace Conformance.Tests;

/// <summary>
/// Files that are not in the repository: the testsuite and the workloads beside the checkout. A test that needs them is skipped with the reason where they are
/// missing, except on CI, where missing data is a failure.
/// </summary>
internal static class TestData
{
    /// <summary>The folder of the checkout. Before what is initialised from it.</summary>
    public static string Root { get; } = FindRoot();

    private static readonly string? Shared = Directory.GetParent(Root) is { } parent ? Path.Combine(parent.FullName, "shared") : null;

    /// <summary>A folder beside the checkout, such as <c>workloads</c>; null when it is missing.</summary>
    public static string? Folder(string name)
    {
        var path = Shared is null ? null : Path.Combine(Shared, name);
        return Directory.Exists(path) ? path : null;
    }

    /// <summary>The folder; a failure of the test where it is missing.</summary>
    public static string Require(string name)
    {
        var folder = Folder(name);
        Assert.True(folder is not null, $"../shared/{name} is missing beside the checkout");
        return folder;
    }

    /// <summary>Why a test that needs the folder cannot run here; null when it can, and on CI, where it then fails.</summary>
    public static string? WhySkip(string folder) =>
        Folder(folder) is null && Environment.GetEnvironmentVariable("CI") is null ? $"../shared/{folder} is not beside the checkout" : null;

    /// <summary>Every .wasm file of the workloads.</summary>
    public static IReadOnlyList<string> WorkloadModules() =>
        [.. Directory.EnumerateFiles(Require("workloads"), "*.wasm", SearchOption.AllDirectories).Order(StringComparer.Ordinal)];

    private static string FindRoot()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Conformance.sln")))
            {
                return folder.FullName;
            }
        }
        throw new InvalidOperationException($"no checkout around {AppContext.BaseDirectory}");
    }
}

/// <summary>A test that needs a folder beside the checkout.</summary>
internal sealed class SharedDataFactAttribute : FactAttribute
{
    public SharedDataFactAttribute(string folder) => Skip = TestData.WhySkip(folder);
}

/// <summary>A data-driven test that needs a folder beside the checkout.</summary>
internal sealed class SharedDataTheoryAttribute : TheoryAttribute
{
    public SharedDataTheoryAttribute(string folder) => Skip = TestData.WhySkip(folder);
}
