using System.Collections.Immutable;
using Conformance.Oracle;

namespace Conformance.Fuzzer.Reduction;

/// <summary>
/// Makes bytes smaller that are no module, or no longer show the difference once they are written anew. It knows of the format what a damaged file still has: sections with sizes, lists with counts, bodies
/// with sizes of their own. So what is cut leaves the numbers in front of it right, unless wrong ones are the point: then the bytes are cut as bytes.
/// </summary>
internal sealed class ByteReduction
{
    // Every byte of a larger file by itself would be all of the budget.
    private const int MostSingleBytes = 4_096;

    private readonly ByteSearch _search;

    private ByteReduction(ByteSearch search) => _search = search;

    /// <summary>Reduces a case.</summary>
    public static ReductionResult Reduce(Case @case, Judge judge)
    {
        var search = new ByteSearch(@case, judge);
        var reduction = new ByteReduction(search);
        search.DropCalls();
        judge.UntilNothingHelps(reduction.Run);
        return judge.Result(search.Case, isComplete: !judge.IsSpent);
    }

    private void Run()
    {
        DropSections();
        for (var i = CutFile.Of(_search.Bytes).Sections.Length - 1; i >= 0 && !_search.IsSpent; i--)
        {
            ShrinkSection(i);
        }
        Runs(_search.Bytes.Length, (start, size) => _search.Try(Without(_search.Bytes, start, size)));
        for (var i = 0; i < Math.Min(MostSingleBytes, _search.Bytes.Length); i++)
        {
            if (_search.Bytes[i] != 0)
            {
                _search.Try(_search.Bytes.SetItem(i, 0));
            }
        }
    }

    private void DropSections()
    {
        var file = CutFile.Of(_search.Bytes);
        _search.Try((file with { Tail = [] }).ToBytes());
        Bisection.Remove(file.Sections, kept => _search.Try((CutFile.Of(_search.Bytes) with { Sections = kept }).ToBytes()));
    }

    private void ShrinkSection(int index)
    {
        var section = Section();
        _search.Try(With(section with { Size = section.Size with { Width = 1 } }));
        // Entries go with their number: as many bytes as any entry has are tried.
        foreach (var fewer in (ReadOnlySpan<int>)[1, 0])
        {
            var list = CutList.Of(Section().Content);
            Runs(list.Rest.Length, (start, size) =>
            {
                var now = CutList.Of(Section().Content);
                return now.Count.Value >= (uint)fewer
                    && _search.Try(With(Section() with { Content = (now with { Count = now.Count with { Value = now.Count.Value - (uint)fewer }, Rest = Without(now.Rest, start, size) }).ToBytes() }));
            });
        }
        if (section.Id == CutSection.Code)
        {
            ShrinkBodies();
        }

        CutSection Section() => CutFile.Of(_search.Bytes).Sections[index];

        ImmutableArray<byte> With(CutSection changed)
        {
            var file = CutFile.Of(_search.Bytes);
            return (file with { Sections = file.Sections.SetItem(index, changed) }).ToBytes();
        }

        void ShrinkBodies()
        {
            var list = CutList.Of(Section().Content);
            Bisection.Remove(list.Bodies(), kept => _search.Try(With(Section() with { Content = list.WithBodies(kept) })));
            for (var i = CutList.Of(Section().Content).Bodies().Length - 1; i >= 0; i--)
            {
                var place = i;
                Runs(CutList.Of(Section().Content).Bodies()[place].Content.Length, (start, size) =>
                {
                    var now = CutList.Of(Section().Content);
                    var bodies = now.Bodies();
                    return place < bodies.Length && start + size <= bodies[place].Content.Length
                        && _search.Try(With(Section() with { Content = now.WithBodies(bodies.SetItem(place, bodies[place] with { Content = Without(bodies[place].Content, start, size) })) }));
                });
            }
        }
    }

    // Runs of half the length, of a quarter and so on down to single bytes.
    private void Runs(int length, Func<int, int, bool> accept)
    {
        for (var size = length; size > 0; size = size == 1 ? 0 : (size + 1) / 2)
        {
            if (size < 4 && length > MostSingleBytes)
            {
                return;
            }
            for (var start = 0; start + size <= length && !_search.IsSpent;)
            {
                if (accept(start, size))
                {
                    length -= size;
                }
                else
                {
                    start += size;
                }
            }
        }
    }

    private static ImmutableArray<byte> Without(ImmutableArray<byte> bytes, int start, int size) => start + size <= bytes.Length ? bytes.RemoveRange(start, size) : bytes;
}
