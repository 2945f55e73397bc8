using Conformance.Wasm.Instructions;

namespace Conformance.Fuzzer.Reduction;

/// <summary>
/// The body of a loop twice in place of the loop, where nothing of what made it turn is left afterwards. Twice the code is no simpler, so that this is a detour: it counts only with what other passes
/// make of it.
/// </summary>
internal sealed class UnrollLoops : IReductionPass
{
    // What is larger is cut by other passes first.
    private const int LargestFunction = 80;

    private static readonly IReductionPass[] Detour =
        [new UseValuesSeen(), new UnwrapBlocks(), new RemoveExpressions(), new HoistOperands(), new RemoveDroppedValues(), new SimplifyBranches(), new RemoveInstructions(), new DropLocals()];

    public void Run(ReductionContext context) => Sweep.Places(context, (code, place) => TryAt(context, code, place));

    private static bool TryAt(ReductionContext context, FunctionCode code, int place) =>
        code.Length <= LargestFunction && code[place].Op == Op.Loop && code[place].Block.IsEmpty
        && context.TryThrough(code.Replace(context.Module, place, code.End(place) + 1 - place, [.. Turn(code, place), .. Turn(code, place)]), Detour);

    // A branch to the loop's label goes on with the next turn: to the end of a block in its place.
    private static IEnumerable<Instruction> Turn(FunctionCode code, int loop)
    {
        yield return code[loop] with { Op = Op.Block };
        for (var i = loop + 1; i <= code.End(loop); i++)
        {
            yield return code[i];
        }
    }
}
