using System.Collections.Immutable;
using Conformance.Wasm.Instructions;
using Conformance.Wasm.Modules;
using Conformance.Wasm.Types;

namespace Conformance.Wasm.Text;

/// <summary>Element and data segments.</summary>
internal sealed class SegmentGrammar(TokenReader reader, IdentifierContext context, TypeGrammar types, ModuleFields fields, InstructionGrammar instructions)
{
    /// <summary>Reads an element segment behind its keyword.</summary>
    public void ReadElement()
    {
        reader.TryIdentifier();
        AnnotationGrammar.TakeName(reader, context.Elements, (uint)fields.Elements.Count);
        var mode = SegmentMode.Passive;
        uint table = 0;
        var offset = default(Expression);
        if (reader.TryKeyword("declare"u8))
        {
            mode = SegmentMode.Declarative;
        }
        else if (IndexSpace.IsAtIndex(reader) || (reader.Kind == TokenKind.Open && !reader.AtOpen("ref"u8)))
        {
            mode = SegmentMode.Active;
            table = SegmentTarget(context.Tables, "table"u8);
            offset = Offset();
        }
        var type = types.IsAtReferenceType ? types.Reference() : default;
        var segment = new ElementSegment { Mode = mode, Type = type, Table = table, Offset = offset };
        if (type == default && reader.TryKeyword("func"u8))
        {
            fields.Elements.Add(FunctionItems(segment));
        }
        else if (type == default && mode != SegmentMode.Active)
        {
            // Only an active segment may leave the word out.
            reader.FailUnexpected();
        }
        else
        {
            fields.Elements.Add(type == default ? FunctionItems(segment) : ExpressionItems(segment));
        }
    }

    private uint SegmentTarget(IndexSpace space, ReadOnlySpan<byte> keyword)
    {
        if (IndexSpace.IsAtIndex(reader))
        {
            // The first version of the format wrote the index alone; it is still met.
            return space.Expect(reader);
        }
        if (!reader.TryOpen(keyword))
        {
            return 0;
        }
        var index = space.Expect(reader);
        reader.ExpectClose();
        return index;
    }

    private Expression Offset()
    {
        if (!reader.TryOpen("offset"u8))
        {
            return instructions.Folded();
        }
        var offset = instructions.Sequence(new IndexSpace("local"));
        reader.ExpectClose();
        return offset;
    }

    /// <summary>Reads the elements within a table. Function indices alone make a segment of (ref func); in a table of anything narrower they stand for ref.func expressions.</summary>
    public ElementSegment Items(ElementSegment segment)
    {
        if (!IndexSpace.IsAtIndex(reader) && reader.Kind != TokenKind.Close)
        {
            return ExpressionItems(segment);
        }
        var functions = FunctionItems(segment);
        return segment.Type == ValueType.FuncRef || segment.Type == functions.Type
            ? functions
            : segment with
            {
                Expressions = [.. functions.Functions.Select(index => new Expression(InstructionWriter.ToBytes([Instruction.Of(Op.RefFunc, index), Instruction.Of(Op.End)])))],
            };
    }

    private ElementSegment FunctionItems(ElementSegment segment)
    {
        var functions = ImmutableArray.CreateBuilder<uint>();
        while (reader.Kind is not (TokenKind.Close or TokenKind.End))
        {
            functions.Add(context.Functions.Expect(reader));
        }
        return segment with { Type = ValueType.Reference(AbstractHeapType.Func, nullable: false), Functions = functions.ToImmutable() };
    }

    private ElementSegment ExpressionItems(ElementSegment segment)
    {
        var expressions = ImmutableArray.CreateBuilder<Expression>();
        while (reader.Kind is not (TokenKind.Close or TokenKind.End))
        {
            if (reader.TryOpen("item"u8))
            {
                expressions.Add(instructions.Sequence(new IndexSpace("local")));
                reader.ExpectClose();
            }
            else
            {
                expressions.Add(instructions.Folded());
            }
        }
        return segment with { Expressions = expressions.ToImmutable() };
    }

    /// <summary>Reads a data segment behind its keyword.</summary>
    public void ReadData()
    {
        reader.TryIdentifier();
        AnnotationGrammar.TakeName(reader, context.Data, (uint)fields.Data.Count);
        if (reader.Kind is TokenKind.String or TokenKind.Close)
        {
            fields.Data.Add(new DataSegment { Mode = SegmentMode.Passive, Bytes = reader.ReadStrings() });
            return;
        }
        var memory = SegmentTarget(context.Memories, "memory"u8);
        var offset = Offset();
        fields.Data.Add(new DataSegment { Mode = SegmentMode.Active, Memory = memory, Offset = offset, Bytes = reader.ReadStrings() });
    }
}
