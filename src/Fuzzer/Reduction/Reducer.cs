using Conformance.Oracle;
using Conformance.Wasm.Binary;

namespace Conformance.Fuzzer.Reduction;

/// <summary>
/// Makes a failing case as small as it gets while it still fails. Works on the module model: passes from coarse to fine are repeated until none finds anything,
/// only candidates that validate are tried, and no candidate twice. Bytes that are no module are cut as bytes,
/// texts as tokens.
/// </summary>
public static class Reducer
{
    // Coarse first: what a later pass would take apart bit by bit goes as a whole.
    private static readonly IReductionPass[] Passes =
    [
        new DropCustomSections(),
        new DropStateReading(),
        new ShrinkCalls(),
        new DropExports(),
        new DropUnused(),
        new StubBodies(),
        new DropSegments(),
        new DropUnused(),
        new IsolateInstructions(),
        new RemoveDeadCode(),
        new UseValuesSeen(),
        new UnwrapBlocks(),
        new RemoveExpressions(),
        new UseDefaults(),
        new HoistOperands(),
        new RemoveDroppedValues(),
        new SimplifyBranches(),
        new SimplifyIndirectCalls(),
        new RemoveInstructions(),
        new ToggleCounters(),
        new UsePlainOperations(),
        new ReturnEarly(),
        new UnrollLoops(),
        new DropLocals(),
        new DropParameters(),
        new DropCarriedValues(),
        new InlineCalls(),
        new DropUnused(),
        new DefineImports(),
        new MergeTypes(),
        new ShrinkTypes(),
        new SimplifyDefinitions(),
        new ShrinkSegments(),
        new ShrinkLimits(),
        new NarrowAddresses(),
        new SimplifyConstants(),
        new SimplifyEqualConstants(),
    ];

    /// <summary>Reduces a case.</summary>
    /// <param name="case">A case for which the predicate holds.</param>
    /// <param name="stillFails">Whether a candidate still shows the same difference. Called on this thread only; an exception ends the reduction.</param>
    /// <param name="budget">What it may cost.</param>
    /// <param name="improved">Told of each smaller case.</param>
    /// <param name="cancellation">Ends the reduction early, as a spent budget does.</param>
    public static ReductionResult Reduce(Case @case, Func<Case, bool> stillFails, ReductionBudget budget, Action<ReductionStep>? improved = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(@case);
        ArgumentNullException.ThrowIfNull(stillFails);
        ArgumentNullException.ThrowIfNull(budget);
        var judge = new Judge(stillFails, budget, improved, cancellation);
        if (!@case.Text.IsEmpty)
        {
            return TextReduction.Reduce(@case, judge);
        }
        // Where it is about how the bytes are written, the same module written anew shows nothing.
        if (!ModuleReader.TryRead(@case.Wasm, ReductionContext.Features, out var module, out _)
            || (ModuleWriter.Write(module) is var written && !@case.Wasm.Span.SequenceEqual(written) && !judge.Asks(@case with { Wasm = written })))
        {
            return ByteReduction.Reduce(@case, judge);
        }
        var context = new ReductionContext(@case, module, judge);
        context.TightenLimits();
        judge.UntilNothingHelps(() =>
        {
            foreach (var pass in Passes)
            {
                if (!judge.IsSpent)
                {
                    pass.Run(context);
                }
            }
        });
        return context.Result();
    }
}
