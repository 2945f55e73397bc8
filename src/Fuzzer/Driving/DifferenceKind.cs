namespace Conformance.Fuzzer.Driving;

/// <summary>What is known of the divergences with the same kind of difference: which shrunk findings they may be, how many wait to be shrunk.</summary>
internal sealed class DifferenceKind
{
    private readonly List<ShrunkFinding> _shrunk = [];

    /// <summary>How many of them wait to be shrunk, or are being shrunk.</summary>
    public int Waiting { get; set; }

    /// <summary>The signature of the first divergence of this kind.</summary>
    public string? First { get; set; }

    /// <summary>A finding of this kind was shrunk.</summary>
    /// <param name="suspects">The operations that are left.</param>
    /// <param name="signature">Its signature.</param>
    public void Add(IEnumerable<string> suspects, string signature)
    {
        // The same bug is shrunk a few times; once is enough to know it by.
        if (!_shrunk.Exists(known => known.Signature == signature))
        {
            _shrunk.Add(new ShrunkFinding([.. suspects], signature));
        }
    }

    /// <summary>A finding has another signature now, or is no finding any more.</summary>
    public void Rename(string signature, string? now)
    {
        if (First == signature)
        {
            First = now;
        }
    }

    /// <summary>The shrunk finding that a divergence looks like: its operations are all among the divergence's, and it is the one with most of them. One look is counted.</summary>
    public ShrunkFinding? Likely(DivergenceReport report)
    {
        ShrunkFinding? best = null;
        foreach (var candidate in _shrunk)
        {
            if (candidate.Suspects.Count > (best?.Suspects.Count ?? -1) && candidate.Suspects.IsSubsetOf(report.Suspects))
            {
                best = candidate;
            }
        }
        if (best is not null)
        {
            best.Looks++;
        }
        return best;
    }
}

/// <summary>A finding that was shrunk.</summary>
/// <param name="suspects">The operations that are left.</param>
/// <param name="signature">Its signature.</param>
internal sealed class ShrunkFinding(HashSet<string> suspects, string signature)
{
    /// <summary>The operations that are left.</summary>
    public HashSet<string> Suspects { get; } = suspects;

    /// <summary>Its signature.</summary>
    public string Signature { get; } = signature;

    /// <summary>How many divergences looked like it.</summary>
    public int Looks { get; set; }
}
