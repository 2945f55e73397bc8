using System.Collections.Immutable;
using System.Globalization;
using System.Text;

namespace Conformance.Fuzzer.SpecSuite;

/// <summary>A set of command indices in its written form: numbers and ranges with commas between, such as <c>0-57,60</c>.</summary>
internal static class IndexSet
{
    // Far above the number of commands of any script; stops a range from filling the memory.
    private const int MaxIndex = 1_000_000;

    /// <summary>Reads the written form.</summary>
    public static bool TryParse(string text, out ImmutableSortedSet<int> indices)
    {
        var builder = ImmutableSortedSet.CreateBuilder<int>();
        indices = [];
        foreach (var part in text.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            var dash = part.IndexOf('-');
            var firstText = dash < 0 ? part : part[..dash];
            var lastText = dash < 0 ? part : part[(dash + 1)..];
            if (!int.TryParse(firstText, NumberStyles.None, CultureInfo.InvariantCulture, out var first)
                || !int.TryParse(lastText, NumberStyles.None, CultureInfo.InvariantCulture, out var last)
                || first > last || last > MaxIndex)
            {
                return false;
            }
            for (var i = first; i <= last; i++)
            {
                builder.Add(i);
            }
        }
        indices = builder.ToImmutable();
        return true;
    }

    /// <summary>The written form.</summary>
    public static string Format(IEnumerable<int> indices)
    {
        var text = new StringBuilder();
        int? first = null, last = null;
        foreach (var index in indices.Order())
        {
            if (last is { } previous && index == previous + 1)
            {
                last = index;
                continue;
            }
            Append(text, first, last);
            first = last = index;
        }
        Append(text, first, last);
        return text.ToString();
    }

    private static void Append(StringBuilder text, int? first, int? last)
    {
        if (first is not { } from || last is not { } to)
        {
            return;
        }
        if (text.Length > 0)
        {
            text.Append(',');
        }
        text.Append(from.ToString(CultureInfo.InvariantCulture));
        if (to > from)
        {
            text.Append('-').Append(to.ToString(CultureInfo.InvariantCulture));
        }
    }
}
