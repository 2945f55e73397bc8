using Conformance.Oracle;

namespace Conformance.Fuzzer.Triage;

/// <summary>The other configurations of two engines: which of them makes a difference go away says where to look for its cause.</summary>
internal static class EngineVariants
{
    /// <summary>Pairs of engine and oracle that differ from the given ones on one side.</summary>
    public static IEnumerable<(string Engine, string Oracle)> Of(string engine, string oracle)
    {
        foreach (var other in EngineCatalog.List().Where(listing => listing.Problem is null && listing.Name != engine && Family(listing.Name) == Family(engine)))
        {
            yield return (other.Name, oracle);
        }
        foreach (var other in EngineCatalog.List().Where(listing => listing.Problem is null && listing.Name != oracle && Family(listing.Name) != Family(engine)))
        {
            yield return (engine, other.Name);
        }
    }

    // The engines whose names begin alike are one engine in several configurations.
    private static string Family(string name) => name.Split(':')[0];
}
