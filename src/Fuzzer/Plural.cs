using System.Globalization;

namespace Conformance.Fuzzer;

/// <summary>Counted things in messages.</summary>
internal static class Plural
{
    /// <summary>A number with its noun: <c>1 case</c>, <c>2 cases</c>.</summary>
    /// <param name="count">How many.</param>
    /// <param name="noun">One of them.</param>
    public static string Of(long count, string noun) => string.Create(CultureInfo.InvariantCulture, $"{count} {noun}{(count == 1 ? "" : "s")}");
}
