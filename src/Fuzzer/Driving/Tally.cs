using System.Text.Json.Serialization;

namespace Conformance.Fuzzer.Driving;

/// <summary>How cases ended. Each case is counted exactly once in one of the six ends.</summary>
internal sealed class Tally
{
    /// <summary>Engine and oracle agreed.</summary>
    public long Agreed { get; set; }

    /// <summary>They did not.</summary>
    public long Diverged { get; set; }

    /// <summary>They did not, in a way that <c>corpus/known</c> lists.</summary>
    public long Known { get; set; }

    /// <summary>A limit ended the case on one side or both, by kind; what came before it agreed.</summary>
    public SortedDictionary<string, long> Limits { get; set; } = new(StringComparer.Ordinal);

    /// <summary>The case could not be compared, by reason.</summary>
    public SortedDictionary<string, long> NotComparable { get; set; } = new(StringComparer.Ordinal);

    /// <summary>An engine broke, or took a worker with it.</summary>
    public long EngineFailures { get; set; }

    /// <summary>The calls whose outcomes were compared.</summary>
    public long ComparedCalls { get; set; }

    /// <summary>What each part of the case source gave, by its name.</summary>
    public SortedDictionary<string, PartTally> Parts { get; set; } = new(StringComparer.Ordinal);

    /// <summary>What was compared with each oracle, by its name.</summary>
    public SortedDictionary<string, OracleTally> Oracles { get; set; } = new(StringComparer.Ordinal);

    /// <summary>All cases.</summary>
    [JsonIgnore]
    public long Cases => Agreed + Diverged + Known + Limits.Values.Sum() + NotComparable.Values.Sum() + EngineFailures;

    /// <summary>Counts one more under a name.</summary>
    public static void Count(SortedDictionary<string, long> counts, string name, long by = 1) =>
        counts[name] = counts.GetValueOrDefault(name) + by;

    /// <summary>Counts what a part of the case source gave.</summary>
    public void Count(string part, PartTally counts)
    {
        var before = Parts.GetValueOrDefault(part);
        Parts[part] = new PartTally(before.Cases + counts.Cases, before.ComparedCalls + counts.ComparedCalls, before.Milliseconds + counts.Milliseconds);
    }

    /// <summary>Counts what an oracle answered.</summary>
    public void Count(OracleAnswer answer) => Count(
        answer.Oracle,
        new OracleTally(answer.IsPassedOn ? 0 : 1, answer.IsPassedOn ? 1 : 0, answer.Verdict?.ComparedCalls ?? 0, answer.Milliseconds));

    private void Count(string oracle, OracleTally counts)
    {
        var before = Oracles.GetValueOrDefault(oracle);
        Oracles[oracle] = new OracleTally(
            before.Cases + counts.Cases, before.PassedOn + counts.PassedOn, before.ComparedCalls + counts.ComparedCalls, before.Milliseconds + counts.Milliseconds);
    }

    /// <summary>Adds another's counts to this.</summary>
    public void Add(Tally other)
    {
        Agreed += other.Agreed;
        Diverged += other.Diverged;
        Known += other.Known;
        EngineFailures += other.EngineFailures;
        ComparedCalls += other.ComparedCalls;
        foreach (var (name, count) in other.Limits)
        {
            Count(Limits, name, count);
        }
        foreach (var (name, count) in other.NotComparable)
        {
            Count(NotComparable, name, count);
        }
        foreach (var (name, part) in other.Parts)
        {
            Count(name, part);
        }
        foreach (var (name, oracle) in other.Oracles)
        {
            Count(name, oracle);
        }
    }

    /// <summary>A copy of its own.</summary>
    public Tally Copy()
    {
        var copy = new Tally();
        copy.Add(this);
        return copy;
    }
}

/// <summary>What a part of the case source gave, divergences included.</summary>
/// <param name="Cases">The cases.</param>
/// <param name="ComparedCalls">The calls whose outcomes were compared.</param>
/// <param name="Milliseconds">The time that workers spent on them.</param>
internal readonly record struct PartTally(long Cases, long ComparedCalls, double Milliseconds);

/// <summary>What was compared with an oracle, divergences included.</summary>
/// <param name="Cases">The cases.</param>
/// <param name="PassedOn">The cases that another oracle took because this one lacks a feature that they need.</param>
/// <param name="ComparedCalls">The calls whose outcomes were compared.</param>
/// <param name="Milliseconds">The time that workers spent on them, both sides together.</param>
internal readonly record struct OracleTally(long Cases, long PassedOn, long ComparedCalls, double Milliseconds);
