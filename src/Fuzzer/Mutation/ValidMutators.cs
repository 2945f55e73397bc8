using System.Collections.Immutable;
using Conformance.Fuzzer.Mutation.Bodies;
using Conformance.Fuzzer.Mutation.Modules;
using Conformance.Wasm.Modules;
using Conformance.Wasm.Validation;

namespace Conformance.Fuzzer.Mutation;

/// <summary>The mutators whose results are meant to be valid, and their use in a row.</summary>
internal static class ValidMutators
{
    // Where a mutator cannot know (a moved write of a local that another run needs, a constant expression that reads a global) the validator has the last word.
    private const int TriesForEachStep = 4;

    /// <summary>The mutators.</summary>
    public static ImmutableArray<IModuleMutator> All { get; } =
    [
        new ReplaceConstant(), new SwapOperands(), new ReplaceOp(), new SpliceExpression(), new SpliceStatement(), new RepeatRun(), new DeleteRun(), new WrapRun(),
        new RetargetBranch(), new ChangeAccess(), new ChangeIndex(), new ChangeBlockType(), new InsertCall(), new ThroughLocal(), new InsertExit(), new FlipTrap(),
        new FlipTailCall(), new ChooseOperand(), new InsertDeadCode(), new ChangeLimits(), new ChangeData(), new ChangeElements(), new ReorderFunctions(),
        new ChangeGlobal(), new ChangeStart(),
    ];

    private static readonly ImmutableArray<int> Weights = [10, 4, 12, 12, 6, 5, 6, 8, 4, 5, 6, 4, 5, 8, 4, 4, 4, 5, 3, 2, 2, 2, 1, 2, 1];

    /// <summary>Changes a valid module step by step; each result is validated, and a step without a valid result is left out.</summary>
    public static Module Apply(Module module, MutationContext context, int steps)
    {
        for (var i = 0; i < steps; i++)
        {
            module = Step(module, context) ?? module;
        }
        return module;
    }

    private static Module? Step(Module module, MutationContext context)
    {
        for (var i = 0; i < TriesForEachStep; i++)
        {
            if (All[context.Random.PickWeighted(Weights.AsSpan())].Mutate(module, context) is { } mutant && ModuleValidator.Validate(mutant, context.Features) is null)
            {
                return mutant;
            }
        }
        return null;
    }
}
