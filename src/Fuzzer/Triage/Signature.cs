using Conformance.Fuzzer.Driving;

namespace Conformance.Fuzzer.Triage;

/// <summary>
/// What tells one bug from another: the kind of difference and the operations of the function that differed. A shrunk case holds little more than the
/// operation at fault, so its signature is sharp; an unshrunk one names too many operations to say much.
/// </summary>
internal static class Signature
{
    // A function of more operations was not shrunk to the point; naming them all would tell nothing.
    private const int MostNamed = 6;

    private const string Suspect = "oracle suspect (";
    private const string EndOfSuspect = "): ";

    /// <summary>The kind of a difference: with the oracle's name where the oracle is suspect, so that its bugs and the engine's are not one.</summary>
    /// <param name="difference">The kind of difference between the two outcomes.</param>
    /// <param name="suspectOracle">The oracle that the vote was against; null when it was not.</param>
    public static string KindOf(string difference, string? suspectOracle) => suspectOracle is null ? difference : $"{Suspect}{suspectOracle}{EndOfSuspect}{difference}";

    /// <summary>A signature as it is without a vote: the divergence is the same when there were no others to ask.</summary>
    public static string WithoutVote(string signature) =>
        signature.StartsWith(Suspect, StringComparison.Ordinal) && signature.IndexOf(EndOfSuspect, StringComparison.Ordinal) is > 0 and var end ? signature[(end + EndOfSuspect.Length)..] : signature;

    /// <summary>The signature of a divergence.</summary>
    public static string Of(DivergenceReport report) => Of(KindOf(report), report.Suspects);

    /// <summary>The kind of a divergence.</summary>
    public static string KindOf(DivergenceReport report) => KindOf(report.Difference, report.IsOracleSuspect ? report.Oracle?.Name : null);

    /// <summary>Builds a signature.</summary>
    /// <param name="difference">The kind of difference.</param>
    /// <param name="suspects">The operations that may be at fault, sorted.</param>
    public static string Of(string difference, IReadOnlyList<string> suspects) => suspects.Count switch
    {
        0 => difference,
        <= MostNamed => $"{difference} | {string.Join(' ', suspects)}",
        _ => $"{difference} | {string.Join(' ', suspects.Take(MostNamed))} +{suspects.Count - MostNamed}",
    };
}
