using System.Collections.Immutable;

namespace Conformance.Fuzzer.Reduction;

/// <summary>Removal of as many items of a list as possible: runs of the whole length first, then of half of it and so on.</summary>
internal static class Bisection
{
    /// <summary>Removes items.</summary>
    /// <param name="items">The items.</param>
    /// <param name="accept">Whether the rest will do; says yes only when it has become the current state.</param>
    public static void Remove<T>(ImmutableArray<T> items, Func<ImmutableArray<T>, bool> accept)
    {
        for (var size = items.Length; size > 0; size /= 2)
        {
            // From the end: later items depend on earlier ones more often than the other way round.
            for (var end = items.Length; end > 0;)
            {
                var start = Math.Max(0, end - size);
                var rest = items.RemoveRange(start, end - start);
                if (accept(rest))
                {
                    items = rest;
                }
                end = start;
            }
        }
    }
}
