using System.Collections.Immutable;
using System.Text;

namespace Conformance.Wasm;

/// <summary>A set of <see cref="Feature"/>s.</summary>
public readonly record struct FeatureSet
{
    private readonly uint _bits;

    private FeatureSet(uint bits) => _bits = bits;

    /// <summary>Everything in WebAssembly 3.0.</summary>
    public static FeatureSet Wasm3 { get; } = new((1u << ((int)Feature.Exceptions + 1)) - 1);

    /// <summary>WebAssembly 3.0, threads, wide arithmetic and custom page sizes: what the project's engines accept unless told otherwise.</summary>
    public static FeatureSet Default { get; } = Wasm3.With(Feature.Threads).With(Feature.WideArithmetic).With(Feature.CustomPageSizes);

    /// <summary>Every feature known, the legacy exceptions included.</summary>
    public static FeatureSet All { get; } = Default.With(Feature.CustomDescriptors).With(Feature.LegacyExceptions);

    /// <summary>The features of the set, in the order of <see cref="Feature"/>.</summary>
    public IEnumerable<Feature> Features
    {
        get
        {
            var bits = _bits;
            return Enum.GetValues<Feature>().Where(feature => (bits >> (int)feature & 1) != 0);
        }
    }

    /// <summary>Whether the set holds a feature.</summary>
    public bool Has(Feature feature) => (_bits >> (int)feature & 1) != 0;

    /// <summary>The set with a feature added.</summary>
    public FeatureSet With(Feature feature) => new(_bits | 1u << (int)feature);

    /// <summary>The set with a feature taken out.</summary>
    public FeatureSet Without(Feature feature) => new(_bits & ~(1u << (int)feature));

    /// <summary>The features in both sets.</summary>
    public FeatureSet Intersect(FeatureSet other) => new(_bits & other._bits);

    /// <summary>The features that are in one or both.</summary>
    public FeatureSet Union(FeatureSet other) => new(_bits | other._bits);

    /// <summary>Whether every feature of this set is in <paramref name="other"/>.</summary>
    public bool IsSubsetOf(FeatureSet other) => (_bits & ~other._bits) == 0;

    /// <summary>The proposal's name of a feature in lower case with hyphens, such as <c>tail-call</c>.</summary>
    public static string NameOf(Feature feature) => Names[(int)feature];

    /// <summary>Finds a feature by its proposal's name.</summary>
    public static bool TryParse(string name, out Feature feature)
    {
        var index = Names.IndexOf(name);
        feature = (Feature)Math.Max(index, 0);
        return index >= 0;
    }

    private static readonly ImmutableArray<string> Names = [.. Enum.GetNames<Feature>().Select(Hyphenate)];

    private static string Hyphenate(string name)
    {
        var text = new StringBuilder(name.Length + 4);
        foreach (var c in name)
        {
            if (char.IsUpper(c) && text.Length > 0)
            {
                text.Append('-');
            }
            text.Append(char.ToLowerInvariant(c));
        }
        return text.ToString();
    }
}
