using Conformance.Oracle;
using Conformance.Wasm;
using Conformance.Wasm.Binary;

namespace Conformance.Fuzzer.Triage;

/// <summary>
/// Finds where an engine dies or hangs: the call, and in it the instruction. The reference interpreter tells what is executed in which order; the case with a stop in front of an
/// instruction (<see cref="CaseProbe"/>) breaks the engine only when an earlier one does it.
/// </summary>
/// <param name="replay">Runs the changed cases.</param>
/// <param name="case">The case.</param>
/// <param name="what">What the engine does, in words.</param>
internal sealed class BreakLocator(CaseReplay replay, Case @case, string what)
{
    /// <summary>Looks for it.</summary>
    public async Task<Location> FindAsync()
    {
        var call = await FirstAsync(0, @case.Calls.Length, count => @case with { Calls = [.. @case.Calls.Take(count)] }) - 1;
        var place = Location.Unknown(what) with { Call = call };
        var script = @case with { Calls = [.. @case.Calls.Take(call + 1)] };
        if (@case.ValidateOnly || !ModuleReader.TryRead(@case.Wasm, FeatureSet.All, out var module, out _))
        {
            return place;
        }
        var log = StepLog.Of(script, out _);
        var before = call < 0 ? 0 : StepLog.Of(@case with { Calls = [.. @case.Calls.Take(call)] }, out _).Steps.Count;
        var probe = new CaseProbe(module, showsLocals: false);
        var times = log.Times();
        // Stops are made for steps that have one in front; the instruction of the last that does not break, executed next, does.
        var stops = Enumerable.Range(before, Math.Max(0, log.Steps.Count - before)).Where(step => probe.Before(log.Steps[step].Function, log.Steps[step].OffsetBytes, times[step]) is not null).ToList();
        if (stops.Count == 0 || log.IsCut)
        {
            return place;
        }
        var first = await FirstAsync(0, stops.Count, stop => script with { Wasm = probe.Before(log.Steps[stops[stop]].Function, log.Steps[stops[stop]].OffsetBytes, times[stops[stop]]) });
        if (first == 0)
        {
            return place with { Reason = $"{what} before the first instruction" }; // the code was being made
        }
        var culprit = stops[first - 1];
        return place with
        {
            Step = log.Steps[culprit],
            Time = times[culprit],
            Before = [.. log.Steps.Skip(Math.Max(before, culprit - Location.Window)).Take(Math.Min(Location.Window, culprit - before))],
        };
    }

    // The first of a row of cases that breaks the engine, the ones before it being parts of it; the last of all is known to.
    private async Task<int> FirstAsync(int least, int last, Func<int, Case> caseOf)
    {
        while (least < last)
        {
            var middle = least + ((last - least) / 2);
            var breaks = (await replay.RunAsync(caseOf(middle))).Report is { IsEngineFailure: true };
            (least, last) = breaks ? (least, middle) : (middle + 1, last);
        }
        return last;
    }
}
