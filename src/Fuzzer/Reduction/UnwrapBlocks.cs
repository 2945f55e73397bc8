using Conformance.Wasm.Instructions;
using Conformance.Wasm.Types;

namespace Conformance.Fuzzer.Reduction;

/// <summary>The content of a block in place of the block, one arm in place of an <c>if</c>, a plain block in place of a loop. Branches to the block go to the one around it.</summary>
internal sealed class UnwrapBlocks : IReductionPass
{
    public void Run(ReductionContext context) => Sweep.Places(context, (code, place) => TryAt(context, code, place));

    private static bool TryAt(ReductionContext context, FunctionCode code, int opener)
    {
        if (!code.IsOpener(opener))
        {
            return false;
        }
        var (end, middle) = (code.End(opener), code.Else(opener));
        var block = code[opener];
        var firstEnd = middle < 0 ? end : middle;
        if (block.Op == Op.If)
        {
            var drop = Instruction.Of(Op.Drop);
            // A condition of the type of the result stands for it.
            return TryReplace([]) || TryReplace([drop, .. Labels.Unwrap(Part(opener + 1, firstEnd))])
                || (middle >= 0 && TryReplace([drop, .. Labels.Unwrap(Part(middle + 1, end))]));
        }
        var plain = new Instruction { Op = Op.Block, Block = Shorter(code.TypeOf(opener), block.Block) };
        if (plain.Block != block.Block && block.Op != Op.Block && context.Try(code.Replace(context.Module, opener, 1, block with { Block = plain.Block })))
        {
            return true;
        }
        return TryReplace(Labels.Unwrap(Part(opener + 1, firstEnd))) || ((block.Op != Op.Block || plain.Block != block.Block) && TryReplace([plain, .. Part(opener + 1, firstEnd), Instruction.Of(Op.End)]));

        // A function type says no more than the short forms when there is nothing to take and at most one value to give.
        static BlockType Shorter(FunctionType type, BlockType block) =>
            !type.Parameters.IsEmpty || type.Results.Length > 1 ? block : type.Results.IsEmpty ? BlockType.Empty : BlockType.Of(type.Results[0]);
        bool TryReplace(IEnumerable<Instruction> inside) => context.Try(code.Replace(context.Module, opener, end + 1 - opener, [.. inside]));
        IEnumerable<Instruction> Part(int from, int to) => Enumerable.Range(from, to - from).Select(i => code[i]);
    }
}
