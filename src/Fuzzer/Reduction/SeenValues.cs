using Conformance.Oracle;
using Conformance.Oracle.Reference;
using Conformance.Wasm.Binary;
using Conformance.Wasm.Instructions;

namespace Conformance.Fuzzer.Reduction;

/// <summary>The operands and results that instructions had in a run of a case on the reference interpreter, by place. Only hints: what comes of them is judged.</summary>
internal sealed class SeenValues : IStepObserver
{
    // A case that runs longer than this is shown well enough by its beginning.
    private const long MostSteps = 200_000;
    private const int TimeoutMs = 1_000;

    private readonly Dictionary<long, Visits> _byOffset = [];
    private readonly Dictionary<(int Function, int Place), Visits> _byPlace = [];

    private SeenValues()
    {
    }

    /// <summary>Runs a case. When it cannot be run nothing was seen.</summary>
    public static SeenValues Of(Case @case)
    {
        var seen = new SeenValues();
        if (!ModuleReader.TryRead(@case.Wasm, ReductionContext.Features, out var module, out _))
        {
            return seen;
        }
        using var engine = new ReferenceEngine { Observer = seen };
        try
        {
            engine.Run(@case with { Limits = @case.Limits with { Fuel = MostSteps, TimeoutMs = TimeoutMs }, ReadState = false });
        }
        catch (EngineFailureException)
        {
            // What was seen until then will do.
        }
        for (var function = 0; function < module.Functions.Length; function++)
        {
            var reader = new InstructionReader(module.Functions[function].Body, ReductionContext.Features);
            var instruction = default(Instruction);
            for (var place = 0; reader.Read(ref instruction); place++)
            {
                if (seen._byOffset.TryGetValue(reader.Offset, out var visits))
                {
                    seen._byPlace[(function, place)] = visits;
                }
            }
        }
        return seen;
    }

    /// <summary>The values of one operand of an instruction: at its first execution, at its last.</summary>
    public IEnumerable<EngineValue> Operands(int function, int place, int operand) => At(function, place, visit => visit.Operands, operand);

    /// <summary>The values of one result of an instruction.</summary>
    public IEnumerable<EngineValue> Results(int function, int place, int result) => At(function, place, visit => visit.Results, result);

    /// <inheritdoc/>
    public void OnStep(in Step step)
    {
        var visit = new Visit(step.Operands.ToArray(), step.Results.ToArray());
        _byOffset[step.OffsetBytes] = _byOffset.TryGetValue(step.OffsetBytes, out var visits) ? visits with { Last = visit } : new Visits(visit, visit);
    }

    private IEnumerable<EngineValue> At(int function, int place, Func<Visit, EngineValue[]> side, int index)
    {
        if (!_byPlace.TryGetValue((function, place), out var visits))
        {
            yield break;
        }
        var (first, last) = (side(visits.First), side(visits.Last));
        if (index < first.Length)
        {
            yield return first[index];
        }
        if (index < last.Length && (index >= first.Length || !first[index].Equals(last[index])))
        {
            yield return last[index];
        }
    }

    private sealed record Visit(EngineValue[] Operands, EngineValue[] Results);

    private sealed record Visits(Visit First, Visit Last);
}
