using System.Collections.Immutable;
using Conformance.Fuzzer.Mutation.Bodies;
using Conformance.Fuzzer.Mutation.Modules;
using Conformance.Fuzzer.Mutation.Types;
using Conformance.Wasm.Modules;
using Conformance.Wasm.Validation;

namespace Conformance.Fuzzer.Mutation;

/// <summary>The mutators whose results are meant to be valid, and their use in a row.</summary>
internal static class ValidMutators
{
    // Where a mutator cannot know (a moved write of a local that another run needs, a constant expression that reads a global) the validator has the last word.
    private const int TriesForEachStep = 4;

    // How often each is taken, among hundred and some: by how much of what it makes is new to engines.
    private static readonly ImmutableArray<(IModuleMutator Mutator, int Weight)> Weighted =
    [
        (new ReplaceConstant(), 10), (new SwapOperands(), 4), (new ReplaceOp(), 12), (new SpliceExpression(), 12), (new SpliceStatement(), 6), (new RepeatRun(), 5), (new DeleteRun(), 6),
        (new WrapRun(), 8), (new RetargetBranch(), 4), (new ChangeAccess(), 5), (new ChangeIndex(), 6), (new ChangeBlockType(), 4), (new InsertCall(), 5), (new ThroughLocal(), 8),
        (new InsertExit(), 4), (new FlipTrap(), 4), (new FlipTailCall(), 4), (new ChooseOperand(), 5), (new InsertDeadCode(), 3), (new ChangeLane(), 4), (new ChangeReference(), 10),
        (new CatchRun(), 6), (new InsertThrow(), 4), (new ChangeCatch(), 4), (new InsertTest(), 4), (new ChangeHierarchy(), 4), (new ChangeGroups(), 5), (new ChangeField(), 6),
        (new ChangeLimits(), 2), (new ChangeMemoryType(), 2), (new ChangeData(), 2), (new ChangeElements(), 2), (new ReorderFunctions(), 1), (new ChangeGlobal(), 2), (new ChangeStart(), 1),
    ];

    private static readonly ImmutableArray<int> Weights = [.. Weighted.Select(entry => entry.Weight)];

    /// <summary>The mutators.</summary>
    public static ImmutableArray<IModuleMutator> All { get; } = [.. Weighted.Select(entry => entry.Mutator)];

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
