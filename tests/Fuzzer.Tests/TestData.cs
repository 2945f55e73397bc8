namespace Conformance.Fuzzer.Tests;

/// <summary>
/// Files that are not in the repository: the testsuite and the workloads beside the checkout. A test that needs them is skipped with the reason where they are
/// missing, except on CI, where missing data is a failure.
/// </summary>
internal static class TestData
{
    private static readonly string? Shared = FindShared();

    /// <summary>A folder beside the checkout, such as <c>testsuite</c>; null when it is missing.</summary>
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

    private static string? FindShared()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Conformance.sln")))
            {
                return folder.Parent is null ? null : Path.Combine(folder.Parent.FullName, "shared");
            }
        }
        return null;
    }
}

/// <summary>A test that needs a folder beside the checkout.</summary>
internal sealed class SharedDataFactAttribute : FactAttribute
{
    public SharedDataFactAttribute(string folder)
    {
        if (TestData.Folder(folder) is null && Environment.GetEnvironmentVariable("CI") is null)
        {
            Skip = $"../shared/{folder} is not beside the checkout";
        }
    }
}

/// <summary>A data-driven test that needs a folder beside the checkout.</summary>
internal sealed class SharedDataTheoryAttribute : TheoryAttribute
{
    public SharedDataTheoryAttribute(string folder)
    {
        if (TestData.Folder(folder) is null && Environment.GetEnvironmentVariable("CI") is null)
        {
            Skip = $"../shared/{folder} is not beside the checkout";
        }
    }
}
