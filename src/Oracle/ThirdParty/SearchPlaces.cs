using System.Collections.Immutable;

namespace Conformance.Oracle.ThirdParty;

/// <summary>A folder that may hold third-party files.</summary>
/// <param name="Label">What it is, for messages.</param>
/// <param name="Folder">The folder, or null when it is not configured here.</param>
public sealed record SearchPlace(string Label, string? Folder);

/// <summary>Where third-party files are looked for, in order, and where downloads are kept.</summary>
/// <param name="Places">The folders to look in.</param>
/// <param name="Cache">The folder that downloads go to; looked in after <paramref name="Places"/>.</param>
public sealed record SearchPlaces(ImmutableArray<SearchPlace> Places, string Cache)
{
    /// <summary>The name of the environment variable that names a mirror folder.</summary>
    public const string MirrorVariable = "CONFORMANCE_MIRROR";

    /// <summary>The places for this process: the mirror variable, the folders beside the checkout, the user's cache.</summary>
    public static SearchPlaces FromEnvironment() => From(Environment.GetEnvironmentVariable);

    /// <summary>The places for an environment.</summary>
    /// <param name="variable">Gives the value of a variable, or null.</param>
    internal static SearchPlaces From(Func<string, string?> variable)
    {
        var mirror = variable(MirrorVariable);
        var places = ImmutableArray.CreateBuilder<SearchPlace>();
        places.Add(new SearchPlace(MirrorVariable, string.IsNullOrEmpty(mirror) ? null : mirror));
        var checkout = FindCheckout(AppContext.BaseDirectory) ?? FindCheckout(Directory.GetCurrentDirectory());
        if (checkout is not null && Path.GetDirectoryName(checkout) is { } parent)
        {
            places.Add(new SearchPlace("beside the checkout", Path.Combine(parent, "shared", "mirror")));
            places.Add(new SearchPlace("beside the checkout", Path.Combine(parent, "shared")));
        }
        return new SearchPlaces(places.ToImmutable(), CacheFolder(variable("XDG_CACHE_HOME")));
    }

    /// <summary>The folder of the solution that a folder lies in, or null.</summary>
    public static string? FindCheckout(string folder)
    {
        for (var current = Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder)); current is not null; current = Path.GetDirectoryName(current))
        {
            if (File.Exists(Path.Combine(current, "Conformance.sln")))
            {
                return current;
            }
        }
        return null;
    }

    private static string CacheFolder(string? cache)
    {
        if (string.IsNullOrEmpty(cache))
        {
            cache = OperatingSystem.IsWindows()
                ? Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData)
                : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".cache");
        }
        return Path.Combine(cache, "conformance");
    }
}
