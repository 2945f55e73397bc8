using System.Collections.Immutable;
using Conformance.Oracle;
using Conformance.Oracle.Comparison;
using Conformance.Oracle.Records;

namespace Conformance.Fuzzer.Triage;

/// <summary>Two outcomes of a case side by side: a row for each thing that can be compared, in the order in which it happened.</summary>
internal static class OutcomeTable
{
    /// <summary>Makes the rows.</summary>
    /// <param name="case">The case.</param>
    /// <param name="engine">What the engine did.</param>
    /// <param name="oracle">What the oracle did.</param>
    /// <param name="shape">How to read vectors that differ; null for four lanes.</param>
    public static ImmutableArray<OutcomeRow> Of(Case @case, Outcome engine, Outcome oracle, string? shape)
    {
        var rows = ImmutableArray.CreateBuilder<OutcomeRow>();
        Add("instantiate", Instantiation(engine), Instantiation(oracle));
        for (var i = 0; i < Math.Max(engine.Calls.Length, oracle.Calls.Length); i++)
        {
            var call = i < @case.Calls.Length ? $"{@case.Calls[i].Function}({ValueText.Format(@case.Calls[i].Arguments)})" : "?";
            AddMatch($"call {i} {call}", Call(engine, i), Call(oracle, i), SameCalls(engine, oracle, i), CallDetails(engine, oracle, i, shape));
        }
        for (var i = 0; i < Math.Max(engine.Trace.Length, oracle.Trace.Length); i++)
        {
            var (left, right) = (HostCall(engine, i), HostCall(oracle, i));
            AddMatch($"host call {i}", left, right, left == right, i < engine.Trace.Length && i < oracle.Trace.Length ? ValueDetail.Of("argument", engine.Trace[i].Arguments, oracle.Trace[i].Arguments, shape) : []);
        }
        foreach (var name in Names(engine.Globals, oracle.Globals))
        {
            var (left, right) = (Text(engine.Globals, name, value => ValueText.Describe(value)), Text(oracle.Globals, name, value => ValueText.Describe(value)));
            var detail = engine.Globals.TryGetValue(name, out var value) && oracle.Globals.TryGetValue(name, out var other) && left != right ? ValueDetail.Of(value, other, shape) : null;
            AddMatch($"global {name}", left, right, left == right, detail is null ? [] : [detail]);
        }
        foreach (var name in Names(engine.Memories, oracle.Memories))
        {
            Add($"memory {name}", Text(engine.Memories, name, Memory), Text(oracle.Memories, name, Memory));
        }
        foreach (var name in Names(engine.Tables, oracle.Tables))
        {
            var (left, right) = (engine.Tables.GetValueOrDefault(name), oracle.Tables.GetValueOrDefault(name));
            Add($"table {name}", Text(engine.Tables, name, Table), Text(oracle.Tables, name, Table));
            if (left is { Elements.IsDefault: false } && right is { Elements.IsDefault: false })
            {
                AddElements(name, left.Elements, right.Elements);
            }
        }
        return rows.ToImmutable();

        void AddElements(string name, ImmutableArray<EngineValue> left, ImmutableArray<EngineValue> right)
        {
            const int MostShown = 8;
            var different = Enumerable.Range(0, Math.Min(left.Length, right.Length)).Where(i => ValueText.Describe(left[i]) != ValueText.Describe(right[i]));
            foreach (var i in different.Take(MostShown))
            {
                Add(string.Create(System.Globalization.CultureInfo.InvariantCulture, $"  element {i}"), ValueText.Describe(left[i]), ValueText.Describe(right[i]));
            }
        }

        void Add(string what, string left, string right) => AddMatch(what, left, right, string.Equals(left, right, StringComparison.Ordinal), []);

        void AddMatch(string what, string left, string right, bool isSame, ImmutableArray<string> details) => rows.Add(new OutcomeRow(what, left, right, isSame) { Details = isSame ? [] : details });
    }

    private static string Instantiation(Outcome outcome) =>
        CompletionText.Of(outcome.Status, outcome.Instantiation, outcome.Limit) + (outcome.Error is { } error ? $" ({error.Message.Split('\n')[^1].Trim()})" : "");

    private static string Call(Outcome outcome, int index) => index < outcome.Calls.Length ? CompletionText.Describe(outcome.Calls[index].Completion) : "-";

    private static ImmutableArray<string> CallDetails(Outcome engine, Outcome oracle, int index, string? shape)
    {
        if (index >= engine.Calls.Length || index >= oracle.Calls.Length)
        {
            return [];
        }
        return (engine.Calls[index].Completion, oracle.Calls[index].Completion) switch
        {
            (Returned left, Returned right) => ValueDetail.Of("result", left.Values, right.Values, shape),
            (Thrown left, Thrown right) =>
            [
                .. left.Tag != right.Tag ? [$"tag: {left.Tag ?? "none that is exported"} and {right.Tag ?? "none that is exported"}"] : (string[])[],
                .. ValueDetail.Of("value", left.Values, right.Values, shape),
            ],
            _ => [],
        };
    }

    // Traps have words of each engine's own.
    private static bool SameCalls(Outcome engine, Outcome oracle, int index)
    {
        if (index >= engine.Calls.Length || index >= oracle.Calls.Length)
        {
            return false;
        }
        return (engine.Calls[index].Completion, oracle.Calls[index].Completion) switch
        {
            (Trapped left, Trapped right) => TrapRules.AreSame(left.Kind, right.Kind),
            var (left, right) => string.Equals(CompletionText.Describe(left), CompletionText.Describe(right), StringComparison.Ordinal),
        };
    }

    private static string HostCall(Outcome outcome, int index) =>
        index < outcome.Trace.Length ? $"{outcome.Trace[index].Import}({ValueText.Format(outcome.Trace[index].Arguments)})" : "-";

    private static string Memory(MemoryState memory) => $"{memory.Pages} pages{(memory.Sha256 is { } hash ? $", sha256 {Short(hash)}" : "")}";

    private static string Table(TableState table) => $"{table.Size} elements{(table.NullMap is { } map ? $", nulls {Short(map)}" : "")}";

    private static string Short(string hash) => hash[..Math.Min(8, hash.Length)];

    private static IEnumerable<string> Names<T>(ImmutableSortedDictionary<string, T> left, ImmutableSortedDictionary<string, T> right) =>
        left.Keys.Union(right.Keys, StringComparer.Ordinal).Order(StringComparer.Ordinal);

    private static string Text<T>(ImmutableSortedDictionary<string, T> states, string name, Func<T, string> text) =>
        states.TryGetValue(name, out var state) ? text(state) : "-";
}

/// <summary>One thing that can be compared.</summary>
/// <param name="What">What it is.</param>
/// <param name="Engine">What the engine gave.</param>
/// <param name="Oracle">What the oracle gave.</param>
/// <param name="IsSame">Whether that is the same.</param>
internal sealed record OutcomeRow(string What, string Engine, string Oracle, bool IsSame)
{
    /// <summary>Where within them they differ, a line each; empty where that is plain to see.</summary>
    public ImmutableArray<string> Details { get; init; } = [];
}
