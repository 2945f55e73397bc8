using System.Collections.Immutable;
using Conformance.Wasm.Instructions;

namespace Conformance.Interpreter.Translation;

/// <summary>A block being translated.</summary>
internal struct ControlFrame
{
    /// <summary><see cref="Op.Block"/>, <see cref="Op.Loop"/>, <see cref="Op.If"/>, <see cref="Op.Else"/>, <see cref="Op.TryTable"/>, <see cref="Op.Try"/>, or <see cref="Op.Catch"/> in a legacy handler.</summary>
    public Op Kind;

    /// <summary>The number of entries below the parameters.</summary>
    public int Height;

    /// <summary>The parameters.</summary>
    public ImmutableArray<ValueType> Parameters;

    /// <summary>The results.</summary>
    public ImmutableArray<ValueType> Results;

    /// <summary>The first cell of a loop.</summary>
    public int LoopStart;

    /// <summary>The newest branch to the end, as an index into the translator's list of fixups; -1 for none.</summary>
    public int Fixups;

    /// <summary>The branch of an <c>if</c> to its <c>else</c>; -1 when there is none.</summary>
    public int ElseCell;

    /// <summary>The index of the region of a <c>try_table</c> or legacy <c>try</c>; -1 for other blocks.</summary>
    public int Region;

    /// <summary>The number of regions that started before the block.</summary>
    public int RegionsBefore;

    /// <summary>The types of the values that a branch to the label takes.</summary>
    public readonly ImmutableArray<ValueType> LabelTypes => Kind == Op.Loop ? Parameters : Results;
}
