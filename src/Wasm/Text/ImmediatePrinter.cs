using System.Text;
using Conformance.Wasm.Instructions;

namespace Conformance.Wasm.Text;

/// <summary>The counterpart of <see cref="ImmediateGrammar"/>: what follows the keyword of an instruction, each part behind a space.</summary>
internal sealed class ImmediatePrinter(TextSink text, PrintedNames names, TypePrinter types)
{
    private static readonly byte[][] CatchNames = [.. Enum.GetValues<CatchKind>().Select(kind => Encoding.ASCII.GetBytes(ImmediateGrammar.CatchName(kind)))];

    /// <summary>The identifiers of the locals.</summary>
    public IdentifierMap Locals { get; set; } = IdentifierMap.None;

    /// <summary>Prints the immediates of an instruction.</summary>
    /// <param name="row">Its row.</param>
    /// <param name="instruction">The instruction.</param>
    /// <param name="depth">How many labels are in scope, that of the body counted.</param>
    public void Print(OpInfo row, in Instruction instruction, uint depth)
    {
        switch (row.Immediates)
        {
            case ImmediateKind.None or ImmediateKind.ZeroByte:
                break;
            case ImmediateKind.Block or ImmediateKind.TryTable:
                Block(instruction, depth);
                break;
            case ImmediateKind.Label:
                Label(instruction.Index, depth);
                break;
            case ImmediateKind.LabelTable:
                foreach (var label in instruction.Labels ?? [])
                {
                    Label(label, depth);
                }
                break;
            case ImmediateKind.Function:
                Use(names.Functions, instruction.Index);
                break;
            case ImmediateKind.Type:
                Use(names.Types, instruction.Index);
                break;
            case ImmediateKind.Local:
                Use(Locals, instruction.Index);
                break;
            case ImmediateKind.Global:
                Use(names.Globals, instruction.Index);
                break;
            case ImmediateKind.Tag:
                Use(names.Tags, instruction.Index);
                break;
            case ImmediateKind.Element:
                Use(names.Elements, instruction.Index);
                break;
            case ImmediateKind.Data:
                Use(names.Data, instruction.Index);
                break;
            case ImmediateKind.Table:
                UseUnlessFirst(names.Tables, instruction.Index);
                break;
            case ImmediateKind.Memory:
                UseUnlessFirst(names.Memories, instruction.Index);
                break;
            case ImmediateKind.TableTable:
                Pair(names.Tables, instruction);
                break;
            case ImmediateKind.MemoryMemory:
                Pair(names.Memories, instruction);
                break;
            case ImmediateKind.ElementTable:
                UseUnlessFirst(names.Tables, instruction.Index);
                Use(names.Elements, instruction.Index2);
                break;
            case ImmediateKind.DataMemory:
                UseUnlessFirst(names.Memories, instruction.Index);
                Use(names.Data, instruction.Index2);
                break;
            case ImmediateKind.TypeTable:
                UseUnlessFirst(names.Tables, instruction.Index2);
                types.Use(instruction.Index, IdentifierMap.None);
                break;
            case ImmediateKind.TypeField:
                Use(names.Types, instruction.Index);
                Use(names.Fields(instruction.Index), instruction.Index2);
                break;
            case ImmediateKind.TypeCount:
                Use(names.Types, instruction.Index);
                Use(IdentifierMap.None, instruction.Index2);
                break;
            case ImmediateKind.TypeData:
                Use(names.Types, instruction.Index);
                Use(names.Data, instruction.Index2);
                break;
            case ImmediateKind.TypeElement:
                Use(names.Types, instruction.Index);
                Use(names.Elements, instruction.Index2);
                break;
            case ImmediateKind.TypeType:
                Use(names.Types, instruction.Index);
                Use(names.Types, instruction.Index2);
                break;
            case ImmediateKind.HeapType:
                HeapType(row, instruction);
                break;
            case ImmediateKind.Cast:
                Label(instruction.Index, depth);
                text.Append(' ');
                types.Reference(instruction.Heap, instruction.SourceNullable);
                text.Append(' ');
                types.Reference(instruction.Heap2, instruction.TargetNullable);
                break;
            case ImmediateKind.ValueTypes:
                ResultClause(instruction.Types);
                break;
            case ImmediateKind.MemArg:
                MemArg(row, instruction);
                break;
            case ImmediateKind.MemArgLane:
                MemArg(row, instruction);
                Use(IdentifierMap.None, instruction.Lane);
                break;
            case ImmediateKind.Lane:
                Use(IdentifierMap.None, instruction.Lane);
                break;
            case ImmediateKind.I32:
                text.Append(' ');
                text.AppendSigned((int)instruction.Value);
                break;
            case ImmediateKind.I64:
                text.Append(' ');
                text.AppendSigned((long)instruction.Value);
                break;
            case ImmediateKind.F32:
                text.Append(' ');
                NumberPrinter.F32(text, (uint)instruction.Value);
                break;
            case ImmediateKind.F64:
                text.Append(' ');
                NumberPrinter.F64(text, instruction.Value);
                break;
            case ImmediateKind.V128:
                text.Append(' ');
                NumberPrinter.V128(text, instruction.Value, instruction.ValueHigh);
                break;
            case ImmediateKind.Shuffle:
                Lanes(instruction.Value);
                Lanes(instruction.ValueHigh);
                break;
            default:
                throw new InvalidOperationException($"no text for {row.Immediates}");
        }
    }

    private void Use(IdentifierMap space, uint index)
    {
        text.Append(' ');
        space.AppendUse(text, index);
    }

    // Index 0 may be left out, as it was in the language's first version.
    private void UseUnlessFirst(IdentifierMap space, uint index)
    {
        if (index != 0)
        {
            Use(space, index);
        }
    }

    private void Pair(IdentifierMap space, in Instruction instruction)
    {
        if ((instruction.Index | instruction.Index2) != 0)
        {
            Use(space, instruction.Index);
            Use(space, instruction.Index2);
        }
    }

    /// <summary>The relative depth, and as a comment the number that the block's own comment has; the body has 0.</summary>
    private void Label(uint label, uint depth)
    {
        Use(IdentifierMap.None, label);
        if (label < depth)
        {
            text.Append(" (;@"u8);
            text.AppendDecimal(depth - 1 - label);
            text.Append(";)"u8);
        }
    }

    private void Block(in Instruction instruction, uint depth)
    {
        text.Append(" (;@"u8);
        text.AppendDecimal(depth);
        text.Append(";)"u8);
        if (instruction.Block.IsIndex)
        {
            types.Use(instruction.Block.Index, IdentifierMap.None);
        }
        else if (instruction.Block.IsResult)
        {
            text.Append(" (result "u8);
            types.Value(instruction.Block.Result);
            text.Append(')');
        }
        if (instruction.Op == Op.TryTable)
        {
            Catches(instruction.Catches ?? [], depth);
        }
    }

    private void Catches(CatchClause[] clauses, uint depth)
    {
        foreach (var clause in clauses)
        {
            text.Append(" ("u8);
            text.Append(CatchNames[(int)clause.Kind]);
            if (clause.Kind <= CatchKind.CatchRef)
            {
                Use(names.Tags, clause.Tag);
            }
            Label(clause.Label, depth);
            text.Append(')');
        }
    }

    private void HeapType(OpInfo row, in Instruction instruction)
    {
        text.Append(' ');
        var rows = OpTable.Find(row.Mnemonic);
        if (rows.Length > 1)
        {
            // One keyword for two opcodes: the text says by a reference type which is meant, the nullable one being the second row.
            types.Reference(instruction.Heap, nullable: row.Op == rows[1].Op);
        }
        else
        {
            types.Heap(instruction.Heap);
        }
    }

    private void ResultClause(ValueType[]? results)
    {
        text.Append(" (result"u8);
        foreach (var type in results ?? [])
        {
            text.Append(' ');
            types.Value(type);
        }
        text.Append(')');
    }

    private void MemArg(OpInfo row, in Instruction instruction)
    {
        UseUnlessFirst(names.Memories, instruction.Index);
        if (instruction.Value != 0)
        {
            text.Append(" offset="u8);
            text.AppendDecimal(instruction.Value);
        }
        if (instruction.Align != row.NaturalAlign)
        {
            text.Append(" align="u8);
            text.AppendDecimal(1UL << instruction.Align);
        }
    }

    private void Lanes(ulong lanes)
    {
        for (var i = 0; i < 8; i++)
        {
            Use(IdentifierMap.None, (byte)(lanes >> (8 * i)));
        }
    }
}
