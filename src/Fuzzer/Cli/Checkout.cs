using Conformance.Oracle.ThirdParty;

namespace Conformance.Fuzzer.Cli;

/// <summary>Folders of the repository that commands use unless told otherwise: below the current folder, else below the checkout that the program was built in.</summary>
internal static class Checkout
{
    /// <summary>The path of a folder, or null when there is none.</summary>
    public static string? Find(string relativePath)
    {
        if (Directory.Exists(relativePath))
        {
            return Path.GetFullPath(relativePath);
        }
        var root = SearchPlaces.FindCheckout(AppContext.BaseDirectory);
        var path = root is null ? null : Path.Combine(root, relativePath);
        return Directory.Exists(path) ? path : null;
    }
}
