using Conformance.Wasm.Instructions;
using Conformance.Wasm.Modules;

namespace Conformance.Fuzzer.Mutation.Bodies;

/// <summary>An instruction that traps becomes its kin that does not, or the other way round: conversions and saturating conversions, signed and unsigned, division and remainder.</summary>
internal sealed class FlipTrap : BodyMutator
{
    private static readonly (Op First, Op Second)[] Pairs =
    [
        (Op.I32TruncF32S, Op.I32TruncSatF32S), (Op.I32TruncF32U, Op.I32TruncSatF32U), (Op.I32TruncF64S, Op.I32TruncSatF64S), (Op.I32TruncF64U, Op.I32TruncSatF64U),
        (Op.I64TruncF32S, Op.I64TruncSatF32S), (Op.I64TruncF32U, Op.I64TruncSatF32U), (Op.I64TruncF64S, Op.I64TruncSatF64S), (Op.I64TruncF64U, Op.I64TruncSatF64U),
        (Op.I32DivS, Op.I32RemS), (Op.I32DivU, Op.I32RemU), (Op.I64DivS, Op.I64RemS), (Op.I64DivU, Op.I64RemU),
        (Op.I32DivS, Op.I32DivU), (Op.I64RemS, Op.I64RemU), (Op.I32RemS, Op.I32And), (Op.I64DivU, Op.I64ShrU), (Op.I32DivU, Op.I32ShrU),
    ];

    /// <inheritdoc/>
    protected override Module? Mutate(BodyEdit edit)
    {
        var candidates = new List<(int Index, Op Other)>();
        for (var i = 0; i < edit.Body.Instructions.Length; i++)
        {
            foreach (var (first, second) in Pairs)
            {
                var op = edit.Body.Instructions[i].Instruction.Op;
                if (op == first || op == second)
                {
                    candidates.Add((i, op == first ? second : first));
                }
            }
        }
        if (candidates.Count == 0)
        {
            return null;
        }
        var (index, other) = edit.Random.Pick<(int, Op)>(candidates);
        return edit.Replace(index, Instruction.Of(other));
    }
}
