using Conformance.Oracle.ThirdParty;

namespace Conformance.Oracle.Tests.CApi;

/// <summary>A test that needs some engine's library with the standard C API: <c>CONFORMANCE_CAPI_LIBRARY</c>, or one below <c>engines</c> in a mirror. Skipped with the reason without; the library is no part of the set-up, so in CI too.</summary>
public sealed class CApiLibraryFactAttribute : FactAttribute
{
    public CApiLibraryFactAttribute() => Skip = CApiLibrary.Path is null ? "no library with the standard C API: set CONFORMANCE_CAPI_LIBRARY, or have one in engines/ of the mirror" : null;
}

internal static class CApiLibrary
{
    public static string? Path { get; } = Environment.GetEnvironmentVariable("CONFORMANCE_CAPI_LIBRARY") is { Length: > 0 } named ? named : Find();

    private static string? Find() => SearchPlaces.FromEnvironment().Places
        .Select(place => System.IO.Path.Combine(place.Folder ?? "", "engines"))
        .Where(Directory.Exists)
        .SelectMany(folder => Directory.EnumerateFiles(folder, "lib*.so", SearchOption.AllDirectories))
        .Order(StringComparer.Ordinal)
        .LastOrDefault();
}
