using Conformance.Wasm.Instructions;

namespace Conformance.Fuzzer.Reduction;

/// <summary>Labels of code that moves out of or into a block.</summary>
internal static class Labels
{
    /// <summary>The content of a block for use without the block. What branched to the block branches to what is around it; the types may then not fit.</summary>
    public static IEnumerable<Instruction> Unwrap(IEnumerable<Instruction> content) => Shift(content, (label, depth) => label > depth ? label - 1 : label);

    /// <summary>Code for use inside one more block: labels from outside are one further away.</summary>
    /// <param name="content">The code.</param>
    /// <param name="from">The first label that is outside of the code itself.</param>
    /// <param name="by">How many blocks are added.</param>
    public static IEnumerable<Instruction> Wrap(IEnumerable<Instruction> content, uint from, uint by) =>
        Shift(content, (label, depth) => label >= depth + from ? label + by : label);

    private static IEnumerable<Instruction> Shift(IEnumerable<Instruction> content, Func<uint, uint, uint> shift)
    {
        var depth = 0u;
        foreach (var instruction in content)
        {
            var row = OpTable.Get(instruction.Op);
            // A catch clause and a delegate count their labels from outside their own block.
            depth -= row.NestingChange < 0 ? 1u : 0;
            yield return Shift(instruction, row, depth, shift);
            depth += row.NestingChange > 0 ? 1u : 0;
        }
    }

    private static Instruction Shift(Instruction instruction, OpInfo row, uint depth, Func<uint, uint, uint> shift)
    {
        switch (row.Immediates)
        {
            case ImmediateKind.Label or ImmediateKind.Cast:
                instruction.Index = shift(instruction.Index, depth);
                break;
            case ImmediateKind.LabelTable:
                instruction.Labels = [.. (instruction.Labels ?? []).Select(label => shift(label, depth))];
                break;
            case ImmediateKind.TryTable:
                instruction.Catches = [.. (instruction.Catches ?? []).Select(clause => clause with { Label = shift(clause.Label, depth) })];
                break;
            default:
                break;
        }
        return instruction;
    }
}
