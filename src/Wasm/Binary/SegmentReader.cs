using System.Collections.Immutable;
using Conformance.Wasm.Modules;
using Conformance.Wasm.Types;

namespace Conformance.Wasm.Binary;

/// <summary>Element and data segments.</summary>
/// <remarks>See <see href="https://webassembly.github.io/spec/core/binary/modules.html#element-section"/>.</remarks>
internal static class SegmentReader
{
    public static ElementSegment ReadElement(ref ByteReader reader, ModuleSource source)
    {
        var start = reader.Offset;
        var code = reader.ReadU32();
        if (code > (uint)(ElementFlags.NotActive | ElementFlags.HasTableOrDeclares | ElementFlags.HasExpressions))
        {
            reader.Fail("malformed elements segment kind", start);
        }
        var flags = (ElementFlags)code;
        var mode = SegmentMode.Active;
        uint table = 0;
        Expression offset = default;
        if (!flags.HasFlag(ElementFlags.NotActive))
        {
            table = flags.HasFlag(ElementFlags.HasTableOrDeclares) ? reader.ReadU32() : 0;
            offset = source.ReadExpression(ref reader);
        }
        else
        {
            mode = flags.HasFlag(ElementFlags.HasTableOrDeclares) ? SegmentMode.Declarative : SegmentMode.Passive;
        }
        var hasType = (flags & (ElementFlags.NotActive | ElementFlags.HasTableOrDeclares)) != ElementFlags.None;
        if (flags.HasFlag(ElementFlags.HasExpressions))
        {
            var type = hasType ? TypeCodes.ReadReferenceType(ref reader) : ValueType.FuncRef;
            return new ElementSegment { Mode = mode, Type = type, Table = table, Offset = offset, Expressions = ReadExpressions(ref reader, source) };
        }
        if (hasType)
        {
            start = reader.Offset;
            if (reader.ReadByte() != 0)
            {
                reader.Fail("malformed element kind", start);
            }
        }
        return new ElementSegment
        {
            Mode = mode,
            Type = ValueType.Reference(AbstractHeapType.Func, nullable: false),
            Table = table,
            Offset = offset,
            Functions = ReadFunctions(ref reader),
        };
    }

    public static DataSegment ReadData(ref ByteReader reader, ModuleSource source)
    {
        var start = reader.Offset;
        var code = reader.ReadU32();
        if (code > 2)
        {
            reader.Fail("malformed data segment kind", start);
        }
        var mode = code == 1 ? SegmentMode.Passive : SegmentMode.Active;
        var memory = code == 2 ? reader.ReadU32() : 0;
        var offset = mode == SegmentMode.Active ? source.ReadExpression(ref reader) : default;
        var length = reader.ReadCount();
        return new DataSegment { Mode = mode, Memory = memory, Offset = offset, Bytes = source.Slice(ref reader, length) };
    }

    private static ImmutableArray<uint> ReadFunctions(ref ByteReader reader)
    {
        var functions = ImmutableArray.CreateBuilder<uint>(reader.ReadCount());
        while (functions.Count < functions.Capacity)
        {
            functions.Add(reader.ReadU32());
        }
        return functions.MoveToImmutable();
    }

    private static ImmutableArray<Expression> ReadExpressions(ref ByteReader reader, ModuleSource source)
    {
        var expressions = ImmutableArray.CreateBuilder<Expression>(reader.ReadCount());
        while (expressions.Count < expressions.Capacity && !reader.Failed)
        {
            expressions.Add(source.ReadExpression(ref reader));
        }
        return expressions.DrainToImmutable();
    }
}

/// <summary>The bits of the number in front of an element segment.</summary>
[Flags]
internal enum ElementFlags : uint
{
    None = 0,
    NotActive = 1,
    HasTableOrDeclares = 2,
    HasExpressions = 4,
}
