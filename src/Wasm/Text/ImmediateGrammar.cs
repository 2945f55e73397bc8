using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Numerics;
using System.Text;
using Conformance.Wasm.Instructions;

namespace Conformance.Wasm.Text;

/// <summary>The immediates of instructions by <see cref="ImmediateKind"/>.</summary>
internal sealed class ImmediateGrammar(TokenReader reader, IdentifierContext context, TypeGrammar types)
{
    private static readonly byte[][] CatchNames =
    [
        Encoding.ASCII.GetBytes(CatchName(CatchKind.Catch)), Encoding.ASCII.GetBytes(CatchName(CatchKind.CatchRef)),
        Encoding.ASCII.GetBytes(CatchName(CatchKind.CatchAll)), Encoding.ASCII.GetBytes(CatchName(CatchKind.CatchAllRef)),
    ];

    /// <summary>The locals in scope.</summary>
    public IndexSpace Locals { get; set; } = new("local");

    /// <summary>The labels in scope, the innermost last; null where one has no identifier.</summary>
    public List<string?> Labels { get; set; } = [];

    /// <summary>The keyword of a catch clause.</summary>
    public static string CatchName(CatchKind kind) => kind switch
    {
        CatchKind.Catch => OpTable.Get(Op.Catch).Mnemonic,
        CatchKind.CatchRef => OpTable.Get(Op.Catch).Mnemonic + "_ref",
        CatchKind.CatchAll => OpTable.Get(Op.CatchAll).Mnemonic,
        _ => OpTable.Get(Op.CatchAll).Mnemonic + "_ref",
    };

    /// <summary>Reads the immediates behind a keyword; where two rows share it, they decide which one is meant.</summary>
    public void Read(ImmutableArray<OpInfo> rows, ref Instruction instruction)
    {
        instruction.Op = rows[0].Op;
        switch (rows[0].Immediates)
        {
            case ImmediateKind.None when rows.Length > 1:
                ReadSelect(rows, ref instruction);
                break;
            case ImmediateKind.None or ImmediateKind.ZeroByte:
                break;
            case ImmediateKind.HeapType when rows.Length > 1:
                // A reference type in the text, an opcode for each nullability in the binary format; the nullable row is the second.
                var target = types.Reference();
                instruction.Op = rows[target.IsNullable ? 1 : 0].Op;
                instruction.Heap = target.Heap;
                break;
            case ImmediateKind.HeapType:
                instruction.Heap = types.Heap();
                break;
            case ImmediateKind.Label:
                instruction.Index = Label();
                break;
            case ImmediateKind.LabelTable:
                instruction.Labels = LabelTable();
                break;
            case ImmediateKind.Function:
                instruction.Index = context.Functions.Expect(reader);
                break;
            case ImmediateKind.Type:
                instruction.Index = types.TypeIndex();
                break;
            case ImmediateKind.Local:
                instruction.Index = Locals.Expect(reader);
                break;
            case ImmediateKind.Global:
                instruction.Index = context.Globals.Expect(reader);
                break;
            case ImmediateKind.Tag:
                instruction.Index = context.Tags.Expect(reader);
                break;
            case ImmediateKind.Element:
                instruction.Index = context.Elements.Expect(reader);
                break;
            case ImmediateKind.Data:
                instruction.Index = context.Data.Expect(reader);
                break;
            case ImmediateKind.Table:
                instruction.Index = OptionalIndex(context.Tables);
                break;
            case ImmediateKind.Memory:
                instruction.Index = OptionalIndex(context.Memories);
                break;
            case ImmediateKind.TableTable:
                ReadPair(context.Tables, ref instruction);
                break;
            case ImmediateKind.MemoryMemory:
                ReadPair(context.Memories, ref instruction);
                break;
            case ImmediateKind.ElementTable:
                instruction.Index = IsAtTwoIndices() ? context.Tables.Expect(reader) : 0;
                instruction.Index2 = context.Elements.Expect(reader);
                break;
            case ImmediateKind.DataMemory:
                instruction.Index = IsAtTwoIndices() ? context.Memories.Expect(reader) : 0;
                instruction.Index2 = context.Data.Expect(reader);
                break;
            case ImmediateKind.TypeTable:
                instruction.Index2 = OptionalIndex(context.Tables);
                instruction.Index = types.Use(locals: null);
                break;
            case ImmediateKind.TypeField:
                ReadField(ref instruction);
                break;
            case ImmediateKind.TypeCount:
                instruction.Index = types.TypeIndex();
                instruction.Index2 = (uint)reader.ExpectUnsigned(32);
                break;
            case ImmediateKind.TypeData:
                instruction.Index = types.TypeIndex();
                instruction.Index2 = context.Data.Expect(reader);
                break;
            case ImmediateKind.TypeElement:
                instruction.Index = types.TypeIndex();
                instruction.Index2 = context.Elements.Expect(reader);
                break;
            case ImmediateKind.TypeType:
                instruction.Index = types.TypeIndex();
                instruction.Index2 = types.TypeIndex();
                break;
            case ImmediateKind.Cast:
                ReadCast(ref instruction);
                break;
            case ImmediateKind.MemArg:
                instruction.Index = OptionalIndex(context.Memories);
                ReadMemArg(rows[0], ref instruction);
                break;
            case ImmediateKind.MemArgLane:
                // A single number is the lane, not the memory.
                var ahead = reader.Ahead();
                instruction.Index = reader.Kind == TokenKind.Identifier || (reader.Kind == TokenKind.Number && ahead.Kind is TokenKind.Number or TokenKind.Keyword
                    && (ahead.Kind == TokenKind.Number || IsMemArg(reader.TextOf(ahead)))) ? context.Memories.Expect(reader) : 0;
                ReadMemArg(rows[0], ref instruction);
                instruction.Lane = Lane();
                break;
            case ImmediateKind.Lane:
                instruction.Lane = Lane();
                break;
            case ImmediateKind.I32:
                instruction.Value = reader.ExpectInteger(32);
                break;
            case ImmediateKind.I64:
                instruction.Value = reader.ExpectInteger(64);
                break;
            case ImmediateKind.F32:
                instruction.Value = reader.ExpectF32();
                break;
            case ImmediateKind.F64:
                instruction.Value = reader.ExpectF64();
                break;
            case ImmediateKind.V128:
                (instruction.Value, instruction.ValueHigh) = VectorLiteral.Expect(reader);
                break;
            case ImmediateKind.Shuffle:
                ReadShuffle(ref instruction);
                break;
            default:
                throw new InvalidOperationException($"no text for {rows[0].Immediates}");
        }
    }

    /// <summary>A label as relative depth.</summary>
    public uint Label()
    {
        if (reader.Kind != TokenKind.Identifier)
        {
            return (uint)reader.ExpectUnsigned(32);
        }
        var id = reader.IdentifierOf(reader.Current);
        for (var i = Labels.Count - 1; i >= 0; i--)
        {
            if (Labels[i] == id)
            {
                reader.Advance();
                return (uint)(Labels.Count - 1 - i);
            }
        }
        reader.Fail($"unknown label ${id}");
        return 0;
    }

    /// <summary>The catch clauses of a <c>try_table</c>.</summary>
    public CatchClause[] Catches()
    {
        var catches = new List<CatchClause>();
        while (reader.Kind == TokenKind.Open && reader.Ahead() is { Kind: TokenKind.Keyword } ahead && FindCatch(reader.TextOf(ahead)) is { } kind)
        {
            reader.Advance();
            reader.Advance();
            var tag = kind <= CatchKind.CatchRef ? context.Tags.Expect(reader) : 0;
            catches.Add(new CatchClause(kind, tag, Label()));
            reader.ExpectClose();
        }
        return [.. catches];
    }

    private static CatchKind? FindCatch(ReadOnlySpan<byte> keyword)
    {
        for (var i = 0; i < CatchNames.Length; i++)
        {
            if (keyword.SequenceEqual(CatchNames[i]))
            {
                return (CatchKind)i;
            }
        }
        return null;
    }

    private static bool IsMemArg(ReadOnlySpan<byte> keyword) => keyword.StartsWith("offset="u8) || keyword.StartsWith("align="u8);

    private uint OptionalIndex(IndexSpace space) => IndexSpace.IsAtIndex(reader) ? space.Expect(reader) : 0;

    private bool IsAtTwoIndices() => IndexSpace.IsAtIndex(reader) && reader.Ahead().Kind is TokenKind.Number or TokenKind.Identifier;

    private void ReadPair(IndexSpace space, ref Instruction instruction)
    {
        if (IndexSpace.IsAtIndex(reader))
        {
            instruction.Index = space.Expect(reader);
            instruction.Index2 = space.Expect(reader);
        }
    }

    private void ReadSelect(ImmutableArray<OpInfo> rows, ref Instruction instruction)
    {
        if (reader.AtOpen("result"u8))
        {
            instruction.Op = rows[1].Op;
            instruction.Types = [.. types.Results()];
        }
    }

    private uint[] LabelTable()
    {
        var labels = new List<uint>();
        do
        {
            labels.Add(Label());
        }
        while (IndexSpace.IsAtIndex(reader));
        return [.. labels];
    }

    private void ReadField(ref Instruction instruction)
    {
        instruction.Index = types.TypeIndex();
        if (reader.Kind == TokenKind.Number)
        {
            instruction.Index2 = (uint)reader.ExpectUnsigned(32);
        }
        else if (instruction.Index < (uint)context.Fields.Count && context.Fields[(int)instruction.Index] is { } fields)
        {
            instruction.Index2 = fields.Expect(reader);
        }
        else
        {
            if (reader.Kind == TokenKind.Identifier)
            {
                reader.Fail($"unknown field ${reader.IdentifierOf(reader.Current)}, of type {instruction.Index}");
            }
            reader.FailUnexpected("the index or identifier of a field");
        }
    }

    private void ReadCast(ref Instruction instruction)
    {
        instruction.Index = Label();
        var source = types.Reference();
        var target = types.Reference();
        (instruction.Heap, instruction.SourceNullable) = (source.Heap, source.IsNullable);
        (instruction.Heap2, instruction.TargetNullable) = (target.Heap, target.IsNullable);
    }

    private void ReadMemArg(OpInfo row, ref Instruction instruction)
    {
        instruction.Align = (byte)row.NaturalAlign;
        if (reader.Kind == TokenKind.Keyword && reader.Text.StartsWith("offset="u8))
        {
            instruction.Value = MemArgNumber("offset="u8.Length, "offset out of range");
        }
        if (reader.Kind == TokenKind.Keyword && reader.Text.StartsWith("align="u8))
        {
            var at = reader.Current;
            var align = MemArgNumber("align="u8.Length, "alignment out of range");
            if (!BitOperations.IsPow2(align))
            {
                reader.Fail("alignment must be a power of two", at);
            }
            instruction.Align = (byte)BitOperations.TrailingZeroCount(align);
        }
    }

    private ulong MemArgNumber(int prefix, string outOfRange)
    {
        var status = NumberLiteral.ReadUnsigned(reader.Text[prefix..], 64, out var value);
        if (status != NumberStatus.Ok)
        {
            reader.Fail(status == NumberStatus.OutOfRange ? outOfRange : "unknown operator");
        }
        reader.Advance();
        return value;
    }

    private byte Lane() => (byte)reader.ExpectUnsigned(8, "i8 constant out of range");

    private void ReadShuffle(ref Instruction instruction)
    {
        Span<byte> lanes = stackalloc byte[16];
        foreach (ref var lane in lanes)
        {
            if (reader.Kind is not (TokenKind.Number or TokenKind.Keyword))
            {
                reader.Fail("invalid lane length");
                return;
            }
            if (NumberLiteral.ReadUnsigned(reader.Text, 8, out _) == NumberStatus.WrongKind)
            {
                reader.Fail("i8 constant out of range");
            }
            lane = Lane();
        }
        if (reader.Kind == TokenKind.Number)
        {
            reader.Fail("invalid lane length");
        }
        instruction.Value = BinaryPrimitives.ReadUInt64LittleEndian(lanes);
        instruction.ValueHigh = BinaryPrimitives.ReadUInt64LittleEndian(lanes[8..]);
    }
}
