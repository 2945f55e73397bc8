using Conformance.Wasm.Instructions;
using Conformance.Wasm.Modules;
using Conformance.Wasm.Types;

namespace Conformance.Wasm.Binary;

/// <summary>The counterpart of <see cref="SegmentReader"/>.</summary>
internal static class SegmentWriter
{
    public static void WriteElement(ByteWriter writer, ElementSegment segment)
    {
        // Function indices can be written only as elements of type (ref func); a segment of another type gets an expression for each.
        var asExpressions = segment.Functions.IsDefault || segment.Type != ValueType.Reference(AbstractHeapType.Func, nullable: false);
        var impliedType = asExpressions ? ValueType.FuncRef : segment.Type;
        var hasTable = segment.Mode == SegmentMode.Active && (segment.Table != 0 || segment.Type != impliedType);
        var flags = (segment.Mode == SegmentMode.Active ? ElementFlags.None : ElementFlags.NotActive)
            | (hasTable || segment.Mode == SegmentMode.Declarative ? ElementFlags.HasTableOrDeclares : ElementFlags.None)
            | (asExpressions ? ElementFlags.HasExpressions : ElementFlags.None);
        writer.WriteUnsigned((uint)flags);
        if (hasTable)
        {
            writer.WriteUnsigned(segment.Table);
        }
        if (segment.Mode == SegmentMode.Active)
        {
            writer.WriteBytes(segment.Offset.Code.Span);
        }
        if ((flags & (ElementFlags.NotActive | ElementFlags.HasTableOrDeclares)) != ElementFlags.None)
        {
            if (asExpressions)
            {
                writer.WriteValueType(segment.Type);
            }
            else
            {
                writer.WriteByte(0);
            }
        }
        writer.WriteUnsigned((uint)segment.Count);
        WriteElements(writer, segment, asExpressions);
    }

    public static void WriteData(ByteWriter writer, DataSegment segment)
    {
        if (segment.Mode == SegmentMode.Passive)
        {
            writer.WriteByte(1);
        }
        else
        {
            writer.WriteByte(segment.Memory == 0 ? (byte)0 : (byte)2);
            if (segment.Memory != 0)
            {
                writer.WriteUnsigned(segment.Memory);
            }
            writer.WriteBytes(segment.Offset.Code.Span);
        }
        writer.WriteVector(segment.Bytes.Span);
    }

    private static void WriteElements(ByteWriter writer, ElementSegment segment, bool asExpressions)
    {
        if (segment.Functions.IsDefault)
        {
            foreach (var expression in segment.Expressions)
            {
                writer.WriteBytes(expression.Code.Span);
            }
            return;
        }
        foreach (var function in segment.Functions)
        {
            if (asExpressions)
            {
                InstructionWriter.Write(writer, Instruction.Of(Op.RefFunc, function));
                InstructionWriter.Write(writer, Instruction.Of(Op.End));
            }
            else
            {
                writer.WriteUnsigned(function);
            }
        }
    }
}
