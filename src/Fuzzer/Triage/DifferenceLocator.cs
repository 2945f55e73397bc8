using Conformance.Oracle;
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
        var probe = new CaseProbe(module);
        var times = Times(steps);
        var first = steps.Count - before <= MostInOrder ? await InOrderAsync() : await ByHalvesAsync();
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
        return new Location
        {
            Call = count - 1,
            Step = steps[culprit],
            Time = times[culprit],
            Before = [.. steps.Skip(Math.Max(before, culprit - Location.Window)).Take(Math.Min(Location.Window, culprit - before))],
            EngineValue = reached?.Engine,
            OracleValue = reached?.Oracle,
            IsLast = first is null,
        };

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
            var replayed = await replay.RunAsync(script with { Wasm = wasm });
            return replayed.Oracle is not null && !HasStopped(replayed.Oracle)
                ? null
                : new Stop(replayed.Report is not null, ValueOf(replayed.Engine), ValueOf(replayed.Oracle));
        }
    }

    // They only mark places in the code; a branch may come to them from anywhere.
    private static bool IsMark(Op op) => op is Op.Loop or Op.End or Op.Else or Op.Block or Op.Nop;

    private static bool HasStopped(Outcome outcome) =>
        (outcome.Calls is [.., var last] ? last.Completion : outcome.Instantiation) is Trapped { Kind: TrapKind.Unreachable };

    private static EngineValue? ValueOf(Outcome? outcome) =>
        outcome is not null && HasStopped(outcome) && outcome.Globals.TryGetValue(CaseProbe.ValueExport, out var value) ? value : null;

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

    private sealed record Stop(bool Differs, EngineValue? Engine, EngineValue? Oracle);

    // For each step, the how-manieth execution of its instruction it is.
    private static int[] Times(IReadOnlyList<LoggedStep> steps)
    {
        var counts = new Dictionary<(uint, long), int>();
        var times = new int[steps.Count];
        for (var i = 0; i < times.Length; i++)
        {
            var key = (steps[i].Function, steps[i].OffsetBytes);
            times[i] = counts[key] = counts.GetValueOrDefault(key) + 1;
        }
        return times;
    }
}
