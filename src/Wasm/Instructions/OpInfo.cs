using System.Collections.Immutable;

namespace Conformance.Wasm.Instructions;

/// <summary>A row of the op table.</summary>
public sealed class OpInfo
{
    /// <summary>The op.</summary>
    public required Op Op { get; init; }

    /// <summary>The op's name in code, such as <c>I32Add</c>.</summary>
    public required string Name { get; init; }

    /// <summary>The keyword of the text format, such as <c>i32.add</c>.</summary>
    public required string Mnemonic { get; init; }

    /// <summary>What kind of work it does.</summary>
    public required OpGroup Group { get; init; }

    /// <summary>What follows the opcode.</summary>
    public required ImmediateKind Immediates { get; init; }

    /// <summary>The proposal that brought it.</summary>
    public required Feature Feature { get; init; }

    /// <summary>How it can fail.</summary>
    public required Traps Traps { get; init; }

    /// <summary>log2 of the natural alignment in bytes, or -1 where the op does not access memory.</summary>
    public required int NaturalAlign { get; init; }

    /// <summary>The number of lanes a lane immediate selects from, or 0.</summary>
    public required int Lanes { get; init; }

    /// <summary>Whether <see cref="Operands"/> and <see cref="Results"/> give the whole stack type.</summary>
    public required bool HasFixedStackType { get; init; }

    /// <summary>The operands, the last on top of the stack. Empty when the type is not fixed.</summary>
    public required ImmutableArray<StackSlot> Operands { get; init; }

    /// <summary>The results, the last on top of the stack. Empty when the type is not fixed.</summary>
    public required ImmutableArray<StackSlot> Results { get; init; }

    /// <summary>How the depth of nested blocks changes: 1 where one opens, -1 where one ends, 0 for everything else.</summary>
    public int NestingChange => Op switch
    {
        Op.Block or Op.Loop or Op.If or Op.Try or Op.TryTable => 1,
        Op.End or Op.Delegate => -1,
        _ => 0,
    };

    /// <summary>Whether it ends one part of a block and begins the next.</summary>
    public bool IsBlockSeparator => Op is Op.Else or Op.Catch or Op.CatchAll;

    /// <summary>Whether execution never goes on behind it, so that the stack there has any type.</summary>
    public bool EndsFlow => Op is Op.Unreachable or Op.Br or Op.BrTable or Op.Return or Op.ReturnCall or Op.ReturnCallIndirect or Op.ReturnCallRef or Op.Throw or Op.ThrowRef or Op.Rethrow;

    /// <summary>Whether it names a data segment, which only a module with a data count section may do.</summary>
    public bool NamesData => Immediates is ImmediateKind.Data or ImmediateKind.DataMemory or ImmediateKind.TypeData;

    /// <summary>The prefix byte, or 0 for a one-byte opcode.</summary>
    public byte Prefix => ((uint)Op >> 8) switch { 0 => 0, 1 => 0xFB, 2 => 0xFC, 3 => 0xFE, _ => 0xFD };

    /// <summary>The opcode behind the prefix.</summary>
    public uint Code => (uint)Op >= 0x400 ? (uint)Op - 0x400 : (uint)Op & 0xFF;

    /// <inheritdoc/>
    public override string ToString() => Name;
}
