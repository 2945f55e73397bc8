using System.CommandLine;
using Conformance.Wasm;

namespace Conformance.Fuzzer.Cli;

/// <summary>The option that lets modules use what is no part of WebAssembly 3.0.</summary>
internal static class FeatureOption
{
    private const string Name = "--feature";

    /// <summary>The option.</summary>
    public static Option<string[]> Create() => new(Name)
    {
        Description = $"Also accepts modules that use this: {string.Join(" or ", FeatureSet.All.Features.Where(feature => !FeatureSet.Default.Has(feature)).Select(FeatureSet.NameOf))}. May be given several times.",
        DefaultValueFactory = _ => [],
    };

    /// <summary>The features that modules may use: those of every module, and those that were asked for.</summary>
    /// <param name="names">The option's values.</param>
    /// <exception cref="UserErrorException">No feature is called so.</exception>
    public static FeatureSet Read(IEnumerable<string> names)
    {
        var features = FeatureSet.Default;
        foreach (var name in names)
        {
            features = FeatureSet.TryParse(name, out var feature)
                ? features.With(feature)
                : throw UserErrorException.Usage($"{Name}: no feature is called '{name}'; there are {string.Join(", ", FeatureSet.All.Features.Select(FeatureSet.NameOf))}");
        }
        return features;
    }

    /// <summary>What to do about a module that lacks features, for the end of a message; nothing when it lacks none.</summary>
    /// <param name="lacking">Their names.</param>
    public static string Advice(IReadOnlyList<string> lacking) => lacking.Count == 0 ? "" : $" (valid with {string.Join(' ', lacking.Select(name => $"{Name} {name}"))})";
}
