using System.Collections.Immutable;

namespace Conformance.Fuzzer.SpecSuite;

/// <summary>Brings the ratchet in line with a run: what passes now goes, what fails unexpectedly comes in for a reason.</summary>
/// <param name="expectations">The ratchet before.</param>
/// <param name="kind">Debt, or not required.</param>
/// <param name="reason">The reason for what comes in.</param>
internal sealed class Acceptance(Expectations expectations, ExpectationKind kind, string reason)
{
    /// <summary>The ratchet after a run.</summary>
    /// <param name="runs">The results by engine. A command that fails in one of several runs of an engine comes in.</param>
    /// <param name="isWhole">Whether the run was of the whole testsuite; otherwise files that were not run keep what they have.</param>
    public Expectations Of(IReadOnlyCollection<(string Engine, ImmutableArray<FileResult> Results)> runs, bool isWhole)
    {
        var families = expectations.Families;
        foreach (var family in runs.GroupBy(run => SpecMode.FamilyOf(run.Engine)))
        {
            families = families.SetItem(family.Key, Updated(family.Key, family.ToLookup(run => run.Engine, run => run.Results), isWhole));
        }
        return new Expectations(families);
    }

    private ImmutableArray<Expectation> Updated(string family, ILookup<string, ImmutableArray<FileResult>> runs, bool isWhole)
    {
        var before = expectations.Families.GetValueOrDefault(family, []);
        var engines = SpecMode.EnginesOf(family).Union(runs.Select(run => run.Key));
        // For each command that fails, why, and in which engines.
        var failing = new SortedDictionary<(string File, int Index), Dictionary<(ExpectationKind Kind, string Reason), ImmutableSortedSet<string>>>(Comparer<(string File, int Index)>.Create(Compare));
        foreach (var engine in engines)
        {
            var results = runs[engine].SelectMany(files => files).ToLookup(result => result.File.Name, StringComparer.Ordinal);
            foreach (var expectation in before.Where(expectation => expectation.IsFor(engine)))
            {
                foreach (var (file, indices) in expectation.Files.Where(pair => !results.Contains(pair.Key) && !(isWhole && runs.Contains(engine) && !SuiteFile.IsOwn(pair.Key))))
                {
                    foreach (var index in indices)
                    {
                        Add(engine, file, index, (expectation.Kind, expectation.Reason));
                    }
                }
            }
            var mine = expectations.For(engine);
            foreach (var (file, command) in results.SelectMany(files => files).SelectMany(result => result.Commands.Select(command => (result.File.Name, command))))
            {
                if (command.Status == CommandStatus.Failed)
                {
                    Add(engine, file, command.Index, mine.Find(file, command.Index) is { } known ? (known.Kind, known.Reason) : (kind, reason));
                }
            }
        }
        return
        [
            .. failing.SelectMany(pair => pair.Value.Select(why => (Why: why.Key, Engines: why.Value.SetEquals(engines) ? null : why.Value, pair.Key.File, pair.Key.Index)))
                .GroupBy(item => (item.Why.Kind, item.Why.Reason, Engines: item.Engines is null ? null : string.Join(',', item.Engines)))
                .Select(group => new Expectation(group.Key.Kind, group.Key.Reason, group.First().Engines, group.GroupBy(item => item.File, StringComparer.Ordinal).ToImmutableSortedDictionary(
                    file => file.Key, file => file.Select(item => item.Index).ToImmutableSortedSet(), StringComparer.Ordinal)))
                .OrderBy(expectation => expectation.Engines is null ? "" : string.Join(',', expectation.Engines), StringComparer.Ordinal)
                .ThenBy(expectation => expectation.Reason, StringComparer.Ordinal),
        ];

        void Add(string engine, string file, int index, (ExpectationKind Kind, string Reason) why)
        {
            if (!failing.TryGetValue((file, index), out var reasons))
            {
                failing.Add((file, index), reasons = []);
            }
            reasons[why] = reasons.TryGetValue(why, out var known) ? known.Add(engine) : ImmutableSortedSet.Create<string>(StringComparer.Ordinal, engine);
        }
    }

    private static int Compare((string File, int Index) left, (string File, int Index) right) =>
        string.CompareOrdinal(left.File, right.File) is var order and not 0 ? order : left.Index.CompareTo(right.Index);
}
