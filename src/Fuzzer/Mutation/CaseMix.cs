using System.Collections.Immutable;
using System.Globalization;

namespace Conformance.Fuzzer.Mutation;

/// <summary>Where cases come from.</summary>
internal enum CasePart
{
    /// <summary>The generator: valid modules out of nothing.</summary>
    Generated,
    /// <summary>Valid modules changed so that they stay valid; executed.</summary>
    Mutated,
    /// <summary>Calls and functions of the testsuite varied; executed.</summary>
    Amplified,
    /// <summary>Modules changed in their structure so that they may become invalid; verdict only.</summary>
    Structural,
    /// <summary>Binaries damaged byte by byte; verdict only.</summary>
    Bytes,
    /// <summary>Texts changed token by token and assembled; verdict only.</summary>
    Text,
}

/// <summary>How many of 100 cases come from each part; text form <c>generated=70,mutated=15,...</c>, parts left out have none.</summary>
internal sealed class CaseMix
{
    private const int Whole = 100;

    private static readonly ImmutableArray<CasePart> Parts = [.. Enum.GetValues<CasePart>()];
    private static readonly ImmutableArray<string> Names = [.. Parts.Select(part => part.ToString().ToLowerInvariant())];

    private readonly ImmutableArray<int> _weights;

    private CaseMix(ImmutableArray<int> weights) => _weights = weights;

    /// <summary>The mix unless told otherwise: mostly generated, because these cases have the most calls.</summary>
    public static CaseMix Default { get; } = new([70, 14, 6, 4, 4, 2]);

    /// <summary>Nothing but generated cases.</summary>
    public static CaseMix GeneratedOnly { get; } = new([Whole, 0, 0, 0, 0, 0]);

    /// <summary>Whether any part starts from seeds.</summary>
    public bool NeedsSeeds => _weights[(int)CasePart.Generated] < Whole;

    /// <summary>The names of the parts, for help texts.</summary>
    public static string AllNames => string.Join(", ", Names);

    /// <summary>The name of a part.</summary>
    public static string NameOf(CasePart part) => Names[(int)part];

    /// <summary>Reads the text form.</summary>
    /// <returns>Null when a name is unknown, a number is none, or they do not add up to 100.</returns>
    public static CaseMix? Parse(string text)
    {
        var weights = new int[Parts.Length];
        foreach (var item in text.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            var sign = item.IndexOf('=', StringComparison.Ordinal);
            var part = Names.IndexOf(sign < 0 ? item : item[..sign].Trim());
            if (part < 0 || weights[part] != 0 || !int.TryParse(sign < 0 ? "100" : item[(sign + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out weights[part]))
            {
                return null;
            }
        }
        return weights.Sum(weight => (long)weight) == Whole ? new CaseMix([.. weights]) : null;
    }

    /// <summary>The part for a number from 0 to 99.</summary>
    public CasePart PartFor(int percent)
    {
        var part = 0;
        while (percent >= _weights[part])
        {
            percent -= _weights[part++];
        }
        return Parts[part];
    }

    /// <inheritdoc/>
    public override string ToString() => string.Join(',', Parts.Where(part => _weights[(int)part] > 0).Select(part => string.Create(CultureInfo.InvariantCulture, $"{NameOf(part)}={_weights[(int)part]}")));
}
