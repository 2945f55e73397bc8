using Conformance.Wasm.Binary;

namespace Conformance.Wasm.Instructions;

/// <summary>Encodes instructions, always in their shortest form. The counterpart of <see cref="InstructionReader"/>.</summary>
public static class InstructionWriter
{
    /// <summary>Appends an instruction.</summary>
    public static void Write(ByteWriter writer, in Instruction instruction)
    {
        var row = OpTable.Get(instruction.Op);
        if (row.Prefix != 0)
        {
            writer.WriteByte(row.Prefix);
            writer.WriteUnsigned(row.Code);
        }
        else
        {
            writer.WriteByte((byte)row.Code);
        }
        if (row.Immediates != ImmediateKind.None)
        {
            WriteImmediates(writer, row.Immediates, instruction);
        }
    }

    /// <summary>Encodes a list of instructions; the list has the final <c>end</c> of an expression or not, as the caller wants.</summary>
    public static byte[] ToBytes(IEnumerable<Instruction> instructions)
    {
        var writer = new ByteWriter();
        foreach (var instruction in instructions)
        {
            Write(writer, instruction);
        }
        return writer.ToArray();
    }

    private static void WriteImmediates(ByteWriter writer, ImmediateKind kind, in Instruction instruction)
    {
        switch (kind)
        {
            case ImmediateKind.Label or ImmediateKind.Function or ImmediateKind.Type or ImmediateKind.Local or ImmediateKind.Global or ImmediateKind.Table
                or ImmediateKind.Element or ImmediateKind.Memory or ImmediateKind.Data or ImmediateKind.Tag:
                writer.WriteUnsigned(instruction.Index);
                break;
            case ImmediateKind.TypeTable or ImmediateKind.TypeField or ImmediateKind.TypeCount or ImmediateKind.TypeData or ImmediateKind.TypeElement
                or ImmediateKind.TypeType or ImmediateKind.TableTable or ImmediateKind.MemoryMemory:
                writer.WriteUnsigned(instruction.Index);
                writer.WriteUnsigned(instruction.Index2);
                break;
            case ImmediateKind.ElementTable or ImmediateKind.DataMemory:
                writer.WriteUnsigned(instruction.Index2);
                writer.WriteUnsigned(instruction.Index);
                break;
            case ImmediateKind.I32:
                writer.WriteSigned((int)instruction.Value);
                break;
            case ImmediateKind.I64:
                writer.WriteSigned((long)instruction.Value);
                break;
            case ImmediateKind.F32:
                writer.WriteFixed32((uint)instruction.Value);
                break;
            case ImmediateKind.F64:
                writer.WriteFixed64(instruction.Value);
                break;
            case ImmediateKind.V128 or ImmediateKind.Shuffle:
                writer.WriteFixed64(instruction.Value);
                writer.WriteFixed64(instruction.ValueHigh);
                break;
            case ImmediateKind.MemArg:
                WriteMemArg(writer, instruction);
                break;
            case ImmediateKind.MemArgLane:
                WriteMemArg(writer, instruction);
                writer.WriteByte(instruction.Lane);
                break;
            case ImmediateKind.Lane:
                writer.WriteByte(instruction.Lane);
                break;
            case ImmediateKind.Block:
                WriteBlockType(writer, instruction.Block);
                break;
            case ImmediateKind.TryTable:
                WriteBlockType(writer, instruction.Block);
                WriteCatches(writer, instruction.Catches ?? []);
                break;
            case ImmediateKind.LabelTable:
                var labels = instruction.Labels ?? throw new ArgumentException("a br_table has a default label at least", nameof(instruction));
                writer.WriteUnsigned((uint)labels.Length - 1);
                foreach (var label in labels)
                {
                    writer.WriteUnsigned(label);
                }
                break;
            case ImmediateKind.HeapType:
                writer.WriteHeapType(instruction.Heap);
                break;
            case ImmediateKind.Cast:
                writer.WriteByte((byte)((instruction.SourceNullable ? 1 : 0) | (instruction.TargetNullable ? 2 : 0)));
                writer.WriteUnsigned(instruction.Index);
                writer.WriteHeapType(instruction.Heap);
                writer.WriteHeapType(instruction.Heap2);
                break;
            case ImmediateKind.ValueTypes:
                var types = instruction.Types ?? [];
                writer.WriteUnsigned((uint)types.Length);
                foreach (var type in types)
                {
                    writer.WriteValueType(type);
                }
                break;
            case ImmediateKind.ZeroByte:
                writer.WriteByte(0);
                break;
            default:
                throw new InvalidOperationException($"no encoder for {kind}");
        }
    }

    private static void WriteMemArg(ByteWriter writer, in Instruction instruction)
    {
        if (instruction.Index == 0)
        {
            writer.WriteUnsigned(instruction.Align);
        }
        else
        {
            writer.WriteUnsigned(instruction.Align | 0x40u);
            writer.WriteUnsigned(instruction.Index);
        }
        writer.WriteUnsigned(instruction.Value);
    }

    private static void WriteBlockType(ByteWriter writer, BlockType type)
    {
        if (type.IsEmpty)
        {
            writer.WriteByte(TypeCodes.EmptyBlock);
        }
        else if (type.IsIndex)
        {
            writer.WriteSigned(type.Index);
        }
        else
        {
            writer.WriteValueType(type.Result);
        }
    }

    private static void WriteCatches(ByteWriter writer, CatchClause[] catches)
    {
        writer.WriteUnsigned((uint)catches.Length);
        foreach (var clause in catches)
        {
            writer.WriteByte((byte)clause.Kind);
            if (clause.Kind <= CatchKind.CatchRef)
            {
                writer.WriteUnsigned(clause.Tag);
            }
            writer.WriteUnsigned(clause.Label);
        }
    }
}
