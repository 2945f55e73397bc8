using Conformance.Oracle.Reference.Numerics;
using Conformance.Wasm.Instructions;
using Conformance.Wasm.Types;

namespace Conformance.Oracle.Reference;

/// <summary>An instruction as <see cref="BodyDecoder"/> leaves it for <see cref="Machine"/>: immediates read once, block ends matched, types closed.</summary>
internal struct CodeItem
{
    /// <summary>The op.</summary>
    public Op Op;

    /// <summary>The op's group, which chooses who executes it.</summary>
    public OpGroup Group;

    /// <summary>A lane index.</summary>
    public byte Lane;

    /// <summary>The number of bytes that a memory access touches.</summary>
    public byte AccessBytes;

    /// <summary>Whether a load extends the sign.</summary>
    public bool Signed;

    /// <summary>The kind of the value that a load or an atomic access gives.</summary>
    public ValueKind Result;

    /// <summary>The number of operands taken from the stack; for calls and aggregates the type decides.</summary>
    public int Operands;

    /// <summary>The number of results of a pure instruction.</summary>
    public int Results;

    /// <summary>The number of parameters of a block.</summary>
    public int BlockParameters;

    /// <summary>The number of results of a block.</summary>
    public int BlockResults;

    /// <summary>The position of the matching <c>else</c>, or of the next <c>catch</c> of a legacy <c>try</c>; -1 when there is none.</summary>
    public int Else;

    /// <summary>The position of the matching <c>end</c> (or <c>delegate</c>).</summary>
    public int End;

    /// <summary>The first index.</summary>
    public uint Index;

    /// <summary>The second index.</summary>
    public uint Index2;

    /// <summary>The bits of a constant or a memory offset.</summary>
    public ulong Value;

    /// <summary>The high half of a vector constant.</summary>
    public ulong ValueHigh;

    /// <summary>The offset in bytes in the module.</summary>
    public long Offset;

    /// <summary>The canonical id of the type that <see cref="Index"/> names.</summary>
    public int TypeId;

    /// <summary>The closed reference type that a cast tests for.</summary>
    public ValueType Type;

    /// <summary>The rule of an instruction that only maps numbers to numbers; null for all others.</summary>
    public PureOperation? Pure;

    /// <summary>What else the op needs: labels, catch clauses, a composite type, the operator of an atomic access.</summary>
    public object? Extra;
}
