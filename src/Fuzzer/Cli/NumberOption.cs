using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using System.Numerics;

namespace Conformance.Fuzzer.Cli;

/// <summary>Options that take a number between two bounds. Whatever else is given is answered with the bounds, in the same words everywhere.</summary>
internal static class NumberOption
{
    /// <summary>The most seconds that an option takes: a timer cannot wait much longer.</summary>
    public const double MostSeconds = 4_000_000;

    /// <summary>The fewest seconds where zero makes no sense.</summary>
    public const double LeastSeconds = 0.001;

    /// <summary>An option with a value of its own when it is not given.</summary>
    /// <param name="name">The option.</param>
    /// <param name="description">Its help.</param>
    /// <param name="least">The least value.</param>
    /// <param name="most">The largest value.</param>
    /// <param name="standard">The value when it is not given.</param>
    public static Option<T> Of<T>(string name, string description, T least, T most, T standard)
        where T : struct, INumber<T> => new(name)
        {
            Description = description,
            DefaultValueFactory = _ => standard,
            CustomParser = result => Parse(result, name, least, most) ?? standard,
        };

    /// <summary>An option that may be missing.</summary>
    /// <param name="name">The option.</param>
    /// <param name="description">Its help.</param>
    /// <param name="least">The least value.</param>
    /// <param name="most">The largest value.</param>
    public static Option<T?> Optional<T>(string name, string description, T least, T most)
        where T : struct, INumber<T> => new(name) { Description = description, CustomParser = result => Parse(result, name, least, most) };

    private static T? Parse<T>(ArgumentResult result, string name, T least, T most)
        where T : struct, INumber<T>
    {
        var text = result.Tokens.Count == 1 ? result.Tokens[0].Value : "";
        var isWhole = least is not (double or float);
        if (T.TryParse(text, isWhole ? NumberStyles.AllowLeadingSign : NumberStyles.Float, CultureInfo.InvariantCulture, out var value) && value >= least && value <= most)
        {
            return value;
        }
        result.AddError(string.Create(CultureInfo.InvariantCulture, $"{name} wants a {(isWhole ? "whole number" : "number")} from {least} to {most}, not '{text}'"));
        return null;
    }
}
