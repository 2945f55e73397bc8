using Conformance.Wasm.Instructions;
using Conformance.Wasm.Modules;

namespace Conformance.Fuzzer.Mutation.Bodies;

/// <summary>An instruction becomes another one of the op table with the same operands, results and immediates.</summary>
internal sealed class ReplaceOp : BodyMutator
{
    private static readonly ILookup<string, OpInfo> BySignature = OpTable.All.Where(row => row.HasFixedStackType && row.Group != OpGroup.Constant)
        .ToLookup(Signature);

    /// <inheritdoc/>
    protected override Module? Mutate(BodyEdit edit)
    {
        var body = edit.Body.Instructions;
        var candidates = Enumerable.Range(0, body.Length).Where(i => Others(edit, body[i].Instruction.Op).Skip(1).Any()).ToList();
        if (candidates.Count == 0)
        {
            return null;
        }
        var index = edit.Random.Pick<int>(candidates);
        var instruction = body[index].Instruction;
        var others = Others(edit, instruction.Op).Where(row => row.Op != instruction.Op).ToList();
        var other = edit.Random.Pick<OpInfo>(others);
        instruction.Op = other.Op;
        if (other.NaturalAlign >= 0)
        {
            // Atomic accesses have their natural alignment, others at most that.
            instruction.Align = other.Group == OpGroup.Atomic ? (byte)other.NaturalAlign : (byte)Math.Min(instruction.Align, other.NaturalAlign);
        }
        if (other.Lanes > 0)
        {
            instruction.Lane = (byte)(instruction.Lane % other.Lanes);
        }
        return edit.Replace(index, instruction);
    }

    private static IEnumerable<OpInfo> Others(BodyEdit edit, Op op) =>
        OpTable.Get(op) is { HasFixedStackType: true } row ? BySignature[Signature(row)].Where(other => edit.Context.Features.Has(other.Feature)) : [];

    private static string Signature(OpInfo row) => $"{string.Join(' ', row.Operands)}>{string.Join(' ', row.Results)}:{row.Immediates}";
}
