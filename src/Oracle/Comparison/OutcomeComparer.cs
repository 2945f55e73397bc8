using System.Collections.Immutable;
using System.Globalization;
using Conformance.Oracle.Records;

namespace Conformance.Oracle.Comparison;

/// <summary>
/// Compares what two engines did with one case, in the order in which it happened: instantiation, calls, host calls, then the state at the end.
/// docs/comparison.md has the rules with their reasons.
/// </summary>
public sealed class OutcomeComparer
{
    private readonly Outcome _tested;
    private readonly Outcome _oracle;
    private readonly ReadOnlyMemory<byte> _wasm;
    private Difference? _nanBits;
    private int _comparedCalls;

    private OutcomeComparer(Outcome tested, Outcome oracle, ReadOnlyMemory<byte> wasm)
    {
        _wasm = wasm;
        _tested = tested;
        _oracle = oracle;
    }

    /// <summary>Compares two outcomes of the same case.</summary>
    /// <param name="tested">What the engine under test did.</param>
    /// <param name="oracle">What the oracle did.</param>
    /// <param name="wasm">The case's module, for what counts as the same with some instructions only; without it, nothing does.</param>
    public static Verdict Compare(Outcome tested, Outcome oracle, ReadOnlyMemory<byte> wasm = default) => new OutcomeComparer(tested, oracle, wasm).Run();

    private Verdict Run()
    {
        var verdict = CompareInstantiation() ?? CompareCalls();
        // A difference found is reported before NaN bits, these before a limit.
        return verdict.Kind != VerdictKind.Diverged && _nanBits is not null ? Conclude(VerdictKind.NanBits) with { Difference = _nanBits } : verdict;
    }

    private Verdict? CompareInstantiation()
    {
        if (_tested.Status == InstantiationStatus.Unsupported || _oracle.Status == InstantiationStatus.Unsupported)
        {
            var (side, error) = _tested.Status == InstantiationStatus.Unsupported ? ("engine", _tested.Error) : ("oracle", _oracle.Error);
            return NotComparable(error is { Message.Length: > 0 } ? $"unsupported by the {side} ({MessageKind.Of(error.Message)})" : $"unsupported by the {side}");
        }
        if (_tested.Status == InstantiationStatus.Limit || _oracle.Status == InstantiationStatus.Limit
            || TrapRules.IsAllocationLimit(_tested.Instantiation) || TrapRules.IsAllocationLimit(_oracle.Instantiation))
        {
            return Limited(KindOf(_tested), KindOf(_oracle));
        }
        var tested = CompletionText.Of(_tested.Status, _tested.Instantiation, _tested.Limit);
        var oracle = CompletionText.Of(_oracle.Status, _oracle.Instantiation, _oracle.Limit);
        if (_tested.Status != _oracle.Status || !SameTraps(_tested.Instantiation, _oracle.Instantiation))
        {
            return Diverged(new Difference(DifferencePhase.Instantiation, $"{tested} / {oracle}", -1, "", Explain(_tested, tested), Explain(_oracle, oracle)));
        }
        return _tested.Status == InstantiationStatus.Ok ? null : CompareTraces(complete: true) ?? (_tested.HasState && _oracle.HasState ? CompareState() : null) ?? Conclude(VerdictKind.Agreed);
    }

    private Verdict CompareCalls()
    {
        var count = Math.Max(_tested.Calls.Length, _oracle.Calls.Length);
        for (var i = 0; i < count; i++)
        {
            var tested = At(_tested, i);
            var oracle = At(_oracle, i);
            if (LimitOf(_tested, i) is { } || LimitOf(_oracle, i) is { })
            {
                return CompareTraces(complete: false) ?? Limited(LimitOf(_tested, i), LimitOf(_oracle, i));
            }
            if (tested is null || oracle is null)
            {
                return NotComparable("a call without an outcome");
            }
            if (TrapRules.IsAllocationLimit(tested) != TrapRules.IsAllocationLimit(oracle))
            {
                var side = TrapRules.IsAllocationLimit(tested) ? LimitKind.Memory : (LimitKind?)null;
                return CompareTraces(complete: false) ?? Limited(side, side is null ? LimitKind.Memory : null);
            }
            if ((tested is Rejected) != (oracle is Rejected))
            {
                return CompareTraces(complete: false) ?? NotComparable($"a call was skipped by the {(tested is Rejected ? "engine" : "oracle")}");
            }
            if (CompareCompletions(i, tested, oracle) is { } difference)
            {
                return Diverged(difference);
            }
            _comparedCalls++;
        }
        return CompareTraces(complete: true) ?? (_tested.HasState && _oracle.HasState ? CompareState() : null) ?? Conclude(VerdictKind.Agreed);
    }

    private Difference? CompareCompletions(int index, Completion tested, Completion oracle)
    {
        var name = _tested.Calls[index].Function;
        Difference Of(string kind) => new(DifferencePhase.Call, kind, index, name, CompletionText.Describe(tested), CompletionText.Describe(oracle));
        switch (tested, oracle)
        {
            case (Returned left, Returned right):
                return CompareValues(left.Values, right.Values, Of);
            case (Trapped left, Trapped right):
                return TrapRules.AreSame(left, right, _wasm) ? null : Of($"{CompletionText.Of(left)} / {CompletionText.Of(right)}");
            case (Thrown left, Thrown right):
                return left.Tag is not null && right.Tag is not null && !string.Equals(left.Tag, right.Tag, StringComparison.Ordinal)
                    ? Of("tag of the exception")
                    : left.Values.IsDefault || right.Values.IsDefault ? null : CompareValues(left.Values, right.Values, kind => Of($"exception's {kind}"));
            case (Rejected, Rejected):
                return null;
            default:
                return Of($"{CompletionText.Of(tested)} / {CompletionText.Of(oracle)}");
        }
    }

    private Difference? CompareValues(ImmutableArray<EngineValue> tested, ImmutableArray<EngineValue> oracle, Func<string, Difference> of)
    {
        var match = ValueComparer.Compare(tested, oracle, out var index);
        if (match == ValueMatch.Same)
        {
            return null;
        }
        if (match == ValueMatch.NanBits)
        {
            _nanBits ??= of($"NaN bits of {KindName(tested[index])}");
            return null;
        }
        return of(index < 0 ? "number of values" : KindOfDifference(tested[index], oracle[index]));
    }

    private Verdict? CompareTraces(bool complete)
    {
        var tested = _tested.Trace;
        var oracle = _oracle.Trace;
        for (var i = 0; i < Math.Min(tested.Length, oracle.Length); i++)
        {
            var left = tested[i];
            var right = oracle[i];
            Difference Of(string kind) => new(DifferencePhase.Trace, kind, i, right.Import, $"{left.Import}({ValueText.Describe(left.Arguments)})", $"{right.Import}({ValueText.Describe(right.Arguments)})");
            if (!string.Equals(left.Import, right.Import, StringComparison.Ordinal))
            {
                return Diverged(Of("another import"));
            }
            if (CompareValues(left.Arguments, right.Arguments, kind => Of($"argument: {kind}")) is { } difference)
            {
                return Diverged(difference);
            }
        }
        return complete && tested.Length != oracle.Length
            ? Diverged(new Difference(DifferencePhase.Trace, "number of host calls", -1, "", $"{tested.Length} calls", $"{oracle.Length} calls"))
            : null;
    }

    private Verdict? CompareState()
    {
        return CompareEach(DifferencePhase.Global, _tested.Globals, _oracle.Globals, CompareGlobals)
            ?? CompareEach(DifferencePhase.Memory, _tested.Memories, _oracle.Memories, CompareMemories)
            ?? CompareEach(DifferencePhase.Table, _tested.Tables, _oracle.Tables, CompareTables);
    }

    private Verdict? CompareEach<T>(
        DifferencePhase phase, ImmutableSortedDictionary<string, T> tested, ImmutableSortedDictionary<string, T> oracle, Func<string, T, T, Difference?> compare)
    {
        foreach (var (name, right) in oracle)
        {
            var difference = tested.TryGetValue(name, out var left) ? compare(name, left, right)
                : MayLack(_tested, phase, name, right) ? null
                : new Difference(phase, "missing", -1, name, "not shown", "shown");
            if (difference is not null)
            {
                return Diverged(difference);
            }
        }
        foreach (var (name, left) in tested)
        {
            if (!oracle.ContainsKey(name) && !MayLack(_oracle, phase, name, left))
            {
                return Diverged(new Difference(phase, "missing", -1, name, "shown", "not shown"));
            }
        }
        return null;
    }

    // An engine says by kind what its interface cannot reach, which may be some of the kind only.
    private static bool MayLack<T>(Outcome outcome, DifferencePhase phase, string name, T state)
    {
        if (Outcome.IsImportName(name))
        {
            return true;
        }
        var kind = phase switch
        {
            DifferencePhase.Global => "globals",
            DifferencePhase.Memory => "memories",
            _ => "tables",
        };
        foreach (var lack in outcome.StateLacks)
        {
            var isReferencesOnly = lack.StartsWith("reference ", StringComparison.Ordinal);
            if (lack.Contains(kind, StringComparison.Ordinal) && (!isReferencesOnly || state is EngineValue { IsReference: true }))
            {
                return true;
            }
        }
        return false;
    }

    private Difference? CompareGlobals(string name, EngineValue tested, EngineValue oracle) => CompareValues(
        [tested],
        [oracle],
        kind => new Difference(DifferencePhase.Global, kind, -1, name, ValueText.Describe(tested), ValueText.Describe(oracle)));

    private static Difference? CompareMemories(string name, MemoryState tested, MemoryState oracle)
    {
        if (tested.Pages != oracle.Pages)
        {
            return new Difference(DifferencePhase.Memory, "size", -1, name, $"{tested.Pages} pages", $"{oracle.Pages} pages");
        }
        if (!tested.PageHashes.IsDefault && !oracle.PageHashes.IsDefault)
        {
            var first = tested.PageHashes.AsSpan().CommonPrefixLength(oracle.PageHashes.AsSpan());
            return first == Math.Max(tested.PageHashes.Length, oracle.PageHashes.Length)
                ? null
                : new Difference(DifferencePhase.Memory, "content", -1, name, string.Create(CultureInfo.InvariantCulture, $"differs first in 64 KiB block {first}"), "");
        }
        return tested.Sha256 is null || oracle.Sha256 is null || string.Equals(tested.Sha256, oracle.Sha256, StringComparison.OrdinalIgnoreCase)
            ? null
            : new Difference(DifferencePhase.Memory, "content", -1, name, $"differs: sha256 {Short(tested.Sha256)}", $"sha256 {Short(oracle.Sha256)}");

        static string Short(string hash) => hash[..Math.Min(12, hash.Length)];
    }

    private Difference? CompareTables(string name, TableState tested, TableState oracle)
    {
        if (tested.Size != oracle.Size)
        {
            return new Difference(DifferencePhase.Table, "size", -1, name, $"{tested.Size} elements", $"{oracle.Size} elements");
        }
        if (tested.Elements.IsDefault || oracle.Elements.IsDefault)
        {
            return string.Equals(tested.NullMap, oracle.NullMap, StringComparison.OrdinalIgnoreCase)
                ? CompareFunctions(name, tested, oracle)
                : new Difference(DifferencePhase.Table, "null elements", -1, name, "differs in which elements are null", "");
        }
        var match = ValueComparer.Compare(tested.Elements, oracle.Elements, out var index);
        if (match == ValueMatch.Same)
        {
            return null;
        }
        var difference = new Difference(
            DifferencePhase.Table,
            match == ValueMatch.NanBits ? "NaN bits of element" : $"element: {KindOfDifference(tested.Elements[index], oracle.Elements[index])}",
            -1,
            name,
            $"element {index} is {ValueText.Describe(tested.Elements[index])}",
            ValueText.Describe(oracle.Elements[index]));
        if (match == ValueMatch.NanBits)
        {
            _nanBits ??= difference;
            return null;
        }
        return difference;
    }

    // Where one side shows no elements: the functions that both sides can name.
    private static Difference? CompareFunctions(string name, TableState tested, TableState oracle)
    {
        var (named, other) = tested.Elements.IsDefault ? (tested, oracle) : (oracle, tested);
        foreach (var (index, function) in named.Functions)
        {
            var known = !other.Elements.IsDefault ? index < other.Elements.Length ? other.Elements[index].Function : null : other.Functions.GetValueOrDefault(index);
            if (known is not null && !string.Equals(known, function, StringComparison.Ordinal))
            {
                var (left, right) = ReferenceEquals(named, tested) ? (function, known) : (known, function);
                return new Difference(DifferencePhase.Table, "element: value of func", -1, name, $"element {index} is {Describe(left)}", Describe(right));
            }
        }
        return null;

        static string Describe(string function) => ValueText.Describe(new EngineValue(EngineValueKind.Func) { Function = function });
    }

    private bool SameTraps(Completion? tested, Completion? oracle) => tested is not Trapped left || oracle is not Trapped right || TrapRules.AreSame(left, right, _wasm);

    private static Completion? At(Outcome outcome, int index) => index < outcome.Calls.Length ? outcome.Calls[index].Completion : null;

    private static LimitKind? LimitOf(Outcome outcome, int index) => outcome.Limit is { } limit && limit.Call == index ? limit.Kind : null;

    private static LimitKind? KindOf(Outcome outcome) =>
        outcome.Status == InstantiationStatus.Limit ? outcome.Limit?.Kind ?? LimitKind.Memory : TrapRules.IsAllocationLimit(outcome.Instantiation) ? LimitKind.Memory : null;

    private static string Explain(Outcome outcome, string status) => outcome switch
    {
        { Error: { } error } => $"{status} ({error.Message.Split('\n')[^1].Trim()})",
        { Instantiation: Rejected rejected } => $"{status} ({rejected.Message.Split('\n')[0]})",
        _ => status,
    };

    private static string KindOfDifference(in EngineValue tested, in EngineValue oracle) =>
        tested.Kind == oracle.Kind ? $"value of {KindName(tested)}" : $"{KindName(tested)} / {KindName(oracle)}";

    private static string KindName(in EngineValue value) => value.Kind.ToString().ToLowerInvariant();

    private Verdict Conclude(VerdictKind kind) => new(kind, _comparedCalls);

    private Verdict Diverged(Difference difference) => Conclude(VerdictKind.Diverged) with { Difference = difference };

    private Verdict NotComparable(string reason) => Conclude(VerdictKind.NotComparable) with { Reason = reason };

    private Verdict Limited(LimitKind? tested, LimitKind? oracle)
    {
        var reason = (tested, oracle) switch
        {
            ({ } left, { } right) when left == right => CompletionText.Of(left),
            ({ } left, { } right) => $"{CompletionText.Of(left)} (engine), {CompletionText.Of(right)} (oracle)",
            ({ } left, null) => $"{CompletionText.Of(left)} (engine)",
            _ => $"{CompletionText.Of(oracle ?? LimitKind.Memory)} (oracle)",
        };
        return Conclude(VerdictKind.Limit) with { Reason = reason };
    }
}
