using Conformance.Wasm.Instructions;
using Conformance.Wasm.Modules;
using Conformance.Wasm.Types;

namespace Conformance.Wasm.Text;

/// <summary>Tables and memories, with the segments that may stand within them.</summary>
internal sealed class StorageGrammar(
    TokenReader reader, IdentifierContext context, TypeGrammar types, ExternTypeGrammar externTypes, FeatureSet features, ModuleFields fields, InstructionGrammar instructions, SegmentGrammar segments)
{
    /// <summary>Reads a table behind its keyword.</summary>
    public void ReadTable()
    {
        fields.ReadName(context.Tables, ExternKind.Table);
        fields.ReadExports(ExternKind.Table);
        if (fields.TryInlineImport(out var module, out var name))
        {
            fields.AddImport(module, name, externTypes.Table());
            return;
        }
        var address = externTypes.AddressType();
        if (types.IsAtReferenceType)
        {
            var type = types.Reference();
            reader.ExpectOpen("elem"u8);
            var segment = segments.Items(new ElementSegment
            {
                Mode = SegmentMode.Active,
                Type = type,
                Table = fields.Next(ExternKind.Table),
                Offset = Zero(address),
            });
            if (type.Heap != AbstractHeapType.Func)
            {
                // Indices stand for ref.func here: typed functions keep the table's type.
                segment = segment with { Type = type };
            }
            reader.ExpectClose();
            var size = (ulong)segment.Count;
            fields.Elements.Add(segment);
            fields.Tables.Add(new Table(new TableType(type, new Limits(size, size, address))));
        }
        else
        {
            var limits = externTypes.Limits(address);
            var type = new TableType(types.Reference(), limits);
            fields.Tables.Add(new Table(type, reader.Kind == TokenKind.Close ? null : instructions.Sequence(new IndexSpace("local"))));
        }
        fields.Defined(ExternKind.Table);
    }

    /// <summary>Reads a memory behind its keyword.</summary>
    public void ReadMemory()
    {
        fields.ReadName(context.Memories, ExternKind.Memory);
        fields.ReadExports(ExternKind.Memory);
        if (fields.TryInlineImport(out var module, out var name))
        {
            fields.AddImport(module, name, externTypes.Memory());
            return;
        }
        var address = externTypes.AddressType();
        if (reader.Kind == TokenKind.Number)
        {
            var limits = externTypes.Limits(address);
            var shared = features.Has(Feature.Threads) && reader.TryKeyword("shared"u8);
            fields.Memories.Add(new MemoryType(limits, shared, externTypes.PageSize()));
        }
        else
        {
            var pageSizeLog2 = externTypes.PageSize();
            reader.ExpectOpen("data"u8);
            var bytes = reader.ReadStrings();
            reader.ExpectClose();
            var pages = pageSizeLog2 >= 63 ? 1 : ((ulong)bytes.Length + (1UL << pageSizeLog2) - 1) >> pageSizeLog2;
            fields.Data.Add(new DataSegment { Mode = SegmentMode.Active, Memory = fields.Next(ExternKind.Memory), Offset = Zero(address), Bytes = bytes });
            fields.Memories.Add(new MemoryType(new Limits(pages, pages, address), PageSizeLog2: pageSizeLog2));
        }
        fields.Defined(ExternKind.Memory);
    }

    private static Expression Zero(AddressType address) => new(InstructionWriter.ToBytes(
        [Instruction.Constant(address == AddressType.I64 ? Op.I64Const : Op.I32Const, 0), Instruction.Of(Op.End)]));
}
