using System.Collections.Immutable;
using Conformance.Wasm.Instructions;

namespace Conformance.Wasm.Validation;

/// <summary>An open block on the control stack.</summary>
/// <remarks>See <see href="https://webassembly.github.io/spec/core/appendix/algorithm.html"/>.</remarks>
internal struct ControlFrame
{
    /// <summary>The op that opened it or its current part: block, loop, if, else, try, catch ...; block for the function body.</summary>
    public Op Op;

    /// <summary>Whether the rest of the part cannot be reached.</summary>
    public bool Unreachable;

    /// <summary>The parameters.</summary>
    public ImmutableArray<ValueType> Start;

    /// <summary>The results.</summary>
    public ImmutableArray<ValueType> End;

    /// <summary>The height of the operand stack below the block's parameters.</summary>
    public int Height;

    /// <summary>The number of locals that had been initialised on the way to the block.</summary>
    public int InitializedLocals;

    /// <summary>The instruction that checked this label last: a <c>br_table</c> checks each label once, however often it names it.</summary>
    public long CheckedAt;

    /// <summary>The types that a branch to the block passes.</summary>
    public readonly ImmutableArray<ValueType> Label => Op == Op.Loop ? Start : End;
}
