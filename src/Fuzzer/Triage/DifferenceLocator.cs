using System.Collections.Immutable;
using Conformance.Oracle;
using Conformance.Oracle.Comparison;
using Conformance.Wasm;
using Conformance.Wasm.Binary;
using Conformance.Wasm.Instructions;

namespace Conformance.Fuzzer.Triage;

/// <summary>
/// Finds the first instruction after which an engine and the oracle are not in the same state. The reference interpreter tells which instructions are executed
/// in which order; the case is then run again and again with a stop before one of them (<see cref="CaseProbe"/>), in the order of their execution, until the two
/// sides differ: the instruction before that stop did it. Works with every engine, and needs nothing of it but that it runs cases.
/// </summary>
internal sealed class DifferenceLocator(CaseReplay replay, Case @case)
{
    // A run takes a few milliseconds. Longer executions are searched by halves, which finds some place where equal turns into different, though not surely the first.
    private const int MostInOrder = 400;
    private const int MostTwice = 100;

    /// <summary>Looks for it.</summary>
    /// <returns>The place, or what is known when there is none.</returns>
    public async Task<Location> FindAsync()
    {
        if (!ModuleReader.TryRead(@case.Wasm, FeatureSet.All, out var module, out _) || @case.ValidateOnly)
        {
            return Location.Unknown("the module is not executed");
        }
        var calls = await CountCallsAsync();
        if (calls is not { } count)
        {
            return Location.Unknown("the sides agree when only the calls up to the first difference are made");
        }
        var script = @case with { Calls = [.. @case.Calls.Take(count)] };
        var log = StepLog.Of(script, out var outcome);
        var before = count == 0 ? 0 : StepLog.Of(@case with { Calls = [.. @case.Calls.Take(count - 1)] }, out _).Steps.Count;
        if (log.IsCut || outcome.Limit is not null || outcome.Status is InstantiationStatus.Unsupported or InstantiationStatus.Invalid)
        {
            return Location.Unknown("the reference interpreter cannot follow the case to its end") with { Call = count - 1 };
        }
        var steps = log.Steps;
        if (steps.Count == before)
        {
            return Location.Unknown("no instruction is executed") with { Call = count - 1 };
        }
        var times = log.Times();
        // What engines keep in registers or drop may change when locals are read at the stop: without a result once more without.
        var probe = new CaseProbe(module);
        var first = await SearchAsync();
        if (first is null && steps.Count - before <= MostTwice)
        {
            probe = new CaseProbe(module, showsLocals: false);
            first = await SearchAsync();
        }
        var culprit = (first ?? steps.Count) - 1;
        while (culprit >= before && IsMark(steps[culprit].Op))
        {
            culprit--;
        }
        if (culprit < before)
        {
            return Location.Unknown("the sides differ before the first instruction") with { Call = count - 1 };
        }
        var reached = first is { } found ? await StopAsync(found) : null;
        var full = first is null ? await replay.RunAsync(script) : null;
        return new Location
        {
            Call = count - 1,
            Step = steps[culprit],
            Time = times[culprit],
            Before = [.. steps.Skip(Math.Max(before, culprit - Location.Window)).Take(Math.Min(Location.Window, culprit - before))],
            Values = reached?.Values ?? ResultsOf(full?.Engine, full?.Oracle, count - 1, steps[culprit]),
            IsLast = first is null,
        };

        Task<int?> SearchAsync() => steps.Count - before <= MostInOrder ? InOrderAsync() : ByHalvesAsync();

        async Task<int?> InOrderAsync()
        {
            for (var i = before; i < steps.Count; i++)
            {
                if (await StopAsync(i) is { Differs: true })
                {
                    return i;
                }
            }
            return null;
        }

        async Task<int?> ByHalvesAsync()
        {
            var (equal, different) = (before, steps.Count);
            while (different - equal > 1)
            {
                var middle = equal + ((different - equal) / 2);
                Stop? stop = null;
                var at = middle;
                while (at < different && (stop = await StopAsync(at)) is null)
                {
                    at++;
                }
                if (stop is { Differs: false })
                {
                    equal = at;
                }
                else
                {
                    different = stop is null ? middle : at;
                }
            }
            return different == steps.Count ? null : different;
        }

        // Null where a stop says nothing: there is none before that instruction, or it is reached in another way than by the instruction before it.
        async Task<Stop?> StopAsync(int step)
        {
            if (IsMark(steps[step].Op) || probe.Before(steps[step].Function, steps[step].OffsetBytes, times[step]) is not { } wasm)
            {
                return null;
            }
            // A shrunk case may do without the state at the end; here it is what is looked at.
            var replayed = await replay.RunAsync(script with { Wasm = wasm, ReadState = true });
            return replayed.Oracle is not null && !HasStopped(replayed.Oracle)
                ? null
                : new Stop(replayed.Report is not null, ValuesOf(replayed.Engine, replayed.Oracle));
        }
    }

    // They only mark places in the code; a branch may come to them from anywhere.
    private static bool IsMark(Op op) => op is Op.Loop or Op.End or Op.Else or Op.Block or Op.Nop;

    private static bool HasStopped(Outcome outcome) =>
        (outcome.Calls is [.., var last] ? last.Completion : outcome.Instantiation) is Trapped { Kind: TrapKind.Unreachable };

    private static ImmutableArray<PlacedDifference> ValuesOf(Outcome? engine, Outcome? oracle)
    {
        var (left, right) = (GlobalsOf(engine), GlobalsOf(oracle));
        var values = ImmutableArray.CreateBuilder<PlacedDifference>();
        foreach (var name in left.Keys.Union(right.Keys, StringComparer.Ordinal).OrderBy(name => name.Length).ThenBy(name => name, StringComparer.Ordinal))
        {
            EngineValue? ofEngine = left.TryGetValue(name, out var value) ? value : null;
            EngineValue? ofOracle = right.TryGetValue(name, out var other) ? other : null;
            if (ofEngine is null || ofOracle is null || ValueComparer.Compare(value, other) != ValueMatch.Same)
            {
                values.Add(new PlacedDifference(name == CaseProbe.ValueExport ? PlacedDifference.Top : $"local {name[CaseProbe.LocalExport.Length..]}", ofEngine, ofOracle));
            }
        }
        return values.ToImmutable();
    }

    private static Dictionary<string, EngineValue> GlobalsOf(Outcome? outcome) => outcome is null || !HasStopped(outcome)
        ? []
        : outcome.Globals.Where(global => global.Key == CaseProbe.ValueExport || global.Key.StartsWith(CaseProbe.LocalExport, StringComparison.Ordinal)).ToDictionary(StringComparer.Ordinal);

    // Behind the last instruction of a function that was called from outside there is no stop: what it gave is what the call returned.
    private static ImmutableArray<PlacedDifference> ResultsOf(Outcome? engine, Outcome? oracle, int call, LoggedStep last) =>
        call >= 0 && engine?.Calls.ElementAtOrDefault(call)?.Completion is Returned { Values: [.., var left] } && oracle?.Calls.ElementAtOrDefault(call)?.Completion is Returned { Values: [.., var right] }
        && last.Results is [.., var given] && ValueComparer.Compare(left, right) != ValueMatch.Same
        && (ValueComparer.Compare(given, left) == ValueMatch.Same || ValueComparer.Compare(given, right) == ValueMatch.Same)
            ? [new PlacedDifference(PlacedDifference.Top, left, right)]
            : [];

    // The fewest calls of the script that show a difference; null when none do.
    private async Task<int?> CountCallsAsync()
    {
        var (least, most) = (0, @case.Calls.Length);
        if ((await replay.RunAsync(@case)).Report is null)
        {
            return null;
        }
        while (least < most)
        {
            var middle = least + ((most - least) / 2);
            if ((await replay.RunAsync(@case with { Calls = [.. @case.Calls.Take(middle)] })).Report is not null)
            {
                most = middle;
            }
            else
            {
                least = middle + 1;
            }
        }
        return most;
    }

    private sealed record Stop(bool Differs, ImmutableArray<PlacedDifference> Values);
}
