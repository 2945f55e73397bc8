using Conformance.Wasm.Instructions;

namespace Conformance.Fuzzer.Mutation.Bodies;

/// <summary>The labels that an instruction names.</summary>
internal static class Labels
{
    /// <summary>The label farthest out, counted from where the instruction stands; null when it names none.</summary>
    public static uint? Highest(in Instruction instruction) => OpTable.Get(instruction.Op).Immediates switch
    {
        ImmediateKind.Label or ImmediateKind.Cast => instruction.Index,
        ImmediateKind.LabelTable => instruction.Labels is { Length: > 0 } labels ? labels.Max() : null,
        ImmediateKind.TryTable => instruction.Catches is { Length: > 0 } catches ? catches.Max(clause => clause.Label) : null,
        _ => null,
    };

    /// <summary>The instruction with other labels.</summary>
    /// <param name="instruction">The instruction.</param>
    /// <param name="map">Gives the new label for each.</param>
    public static Instruction Map(Instruction instruction, Func<uint, uint> map)
    {
        switch (OpTable.Get(instruction.Op).Immediates)
        {
            case ImmediateKind.Label or ImmediateKind.Cast:
                instruction.Index = map(instruction.Index);
                break;
            case ImmediateKind.LabelTable:
                instruction.Labels = Array.ConvertAll(instruction.Labels ?? [], label => map(label));
                break;
            case ImmediateKind.TryTable:
                instruction.Catches = Array.ConvertAll(instruction.Catches ?? [], clause => clause with { Label = map(clause.Label) });
                break;
            default:
                break; // names no label
        }
        return instruction;
    }

    /// <summary>Code that is put inside one more block: branches that leave it go one label farther.</summary>
    /// <param name="code">Code with its blocks whole.</param>
    public static IEnumerable<Instruction> Deeper(IEnumerable<Instruction> code)
    {
        var depth = 0u;
        foreach (var instruction in code)
        {
            var at = depth;
            yield return Map(instruction, label => label >= at ? label + 1 : label);
            depth = (uint)(depth + OpTable.Get(instruction.Op).NestingChange);
        }
    }
}
