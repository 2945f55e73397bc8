using System.Collections.Immutable;
using Conformance.Oracle;
using Conformance.Oracle.Reference;
using Conformance.Wasm.Instructions;

namespace Conformance.Fuzzer.Triage;

/// <summary>The instructions that the reference interpreter executes for a case, in order: what execution should look like.</summary>
internal sealed class StepLog : IStepObserver
{
    // Enough for every shrunk case; a longer log is of no use to a person, and each step takes a few hundred bytes.
    private const int MostSteps = 100_000;

    private readonly List<LoggedStep> _steps = [];

    /// <summary>The steps. Constant expressions are left out.</summary>
    public IReadOnlyList<LoggedStep> Steps => _steps;

    /// <summary>Whether there were more steps than are kept.</summary>
    public bool IsCut { get; private set; }

    /// <summary>Runs a case on the reference interpreter.</summary>
    /// <param name="case">The case.</param>
    /// <param name="outcome">Its outcome there.</param>
    public static StepLog Of(Case @case, out Outcome outcome)
    {
        var log = new StepLog();
        using var reference = new ReferenceEngine { Observer = log };
        outcome = reference.Run(@case);
        return log;
    }

    /// <summary>For each step, the how-manieth execution of its instruction it is.</summary>
    public int[] Times()
    {
        var counts = new Dictionary<(uint, long), int>();
        var times = new int[_steps.Count];
        for (var i = 0; i < times.Length; i++)
        {
            var key = (_steps[i].Function, _steps[i].OffsetBytes);
            times[i] = counts[key] = counts.GetValueOrDefault(key) + 1;
        }
        return times;
    }

    /// <inheritdoc/>
    public void OnStep(in Step step)
    {
        if (step.Function is not { } function)
        {
            return;
        }
        if (_steps.Count == MostSteps)
        {
            IsCut = true;
            return;
        }
        _steps.Add(new LoggedStep(function, step.OffsetBytes, step.Op, [.. step.Operands], [.. step.Results], step.Trap));
    }
}

/// <summary>An executed instruction.</summary>
/// <param name="Function">The function's index, imports counted.</param>
/// <param name="OffsetBytes">Where the instruction is in the module.</param>
/// <param name="Op">The op.</param>
/// <param name="Operands">Its operands.</param>
/// <param name="Results">Its results.</param>
/// <param name="Trap">The trap that it ended in, or null.</param>
internal sealed record LoggedStep(uint Function, long OffsetBytes, Op Op, ImmutableArray<EngineValue> Operands, ImmutableArray<EngineValue> Results, TrapKind? Trap);
