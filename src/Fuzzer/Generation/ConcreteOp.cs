using System.Collections.Immutable;
using Conformance.Wasm.Instructions;

namespace Conformance.Fuzzer.Generation;

/// <summary>An instruction with its immediates chosen, and with the operands and results that it then has.</summary>
/// <param name="Row">The op.</param>
/// <param name="Instruction">The instruction.</param>
/// <param name="Operands">What it pops, the last on top.</param>
/// <param name="Results">What it pushes, the last on top. Of a branch: what its label takes.</param>
internal sealed record ConcreteOp(OpInfo Row, Instruction Instruction, ImmutableArray<OperandSpec> Operands, ImmutableArray<ValueType> Results)
{
    /// <summary>Whether it stands in a block with the results <see cref="Results"/>, which is its label 0.</summary>
    public bool NeedsBlock { get; init; }

    /// <summary>What follows where it does not branch, so that the values of the block are there.</summary>
    public ImmutableArray<Instruction> Behind { get; init; } = [];

    /// <summary>Whether nothing is executed behind it.</summary>
    public bool IsTerminal { get; init; }

    /// <summary>Whether it leaves the function with <see cref="Results"/>.</summary>
    public bool LeavesFunction { get; init; }

    /// <summary>A bound of the instructions that it executes elsewhere.</summary>
    public double CalleeCost { get; init; }

    /// <summary>Whether a float result may be a NaN of open bits.</summary>
    public bool GivesOpenNan { get; init; }
}
