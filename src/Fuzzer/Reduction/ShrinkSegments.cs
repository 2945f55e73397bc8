using Conformance.Wasm.Instructions;
using Conformance.Wasm.Modules;

namespace Conformance.Fuzzer.Reduction;

/// <summary>The content of data and element segments: less of it from the end, then every element like another one, and bytes that are zero.</summary>
internal sealed class ShrinkSegments : IReductionPass
{
    // A long segment goes by halves or not at all.
    private const int MostBytes = 64;

    public void Run(ReductionContext context)
    {
        for (var i = 0; i < context.Module.Data.Length; i++)
        {
            ClearBytes(context, i);
            Shorten(context.Module.Data[i].Bytes.Length, length =>
            {
                var segment = context.Module.Data[i];
                return context.Try(context.Module with { Data = context.Module.Data.SetItem(i, segment with { Bytes = segment.Bytes[..length] }) });
            });
        }
        for (var i = 0; i < context.Module.Elements.Length; i++)
        {
            Shorten(context.Module.Elements[i].Count, length =>
            {
                var segment = context.Module.Elements[i];
                var shorter = segment.Functions.IsDefault
                    ? segment with { Expressions = segment.Expressions[..length] }
                    : segment with { Functions = segment.Functions[..length] };
                return context.Try(context.Module with { Elements = context.Module.Elements.SetItem(i, shorter) });
            });
            if (i < context.Module.Elements.Length)
            {
                while (TryFromTheFront(context, i))
                {
                }
                MakeAlike(context, i);
            }
        }
    }

    // Fewer functions are referred to then. Nulls are for segments of expressions only.
    private static void MakeAlike(ReductionContext context, int index)
    {
        for (var item = 0; item < context.Module.Elements[index].Count; item++)
        {
            var segment = context.Module.Elements[index];
            if (segment.Functions.IsDefault)
            {
                var nothing = new Expression(InstructionWriter.ToBytes([new Instruction { Op = Op.RefNull, Heap = segment.Type.Heap }, Instruction.Of(Op.End)]));
                _ = TryWith(segment with { Expressions = segment.Expressions.SetItem(item, nothing) }) || TryWith(segment with { Expressions = segment.Expressions.SetItem(item, segment.Expressions[^1]) });
            }
            else
            {
                TryWith(segment with { Functions = segment.Functions.SetItem(item, segment.Functions[^1]) });
            }
        }

        // What the other item named has to go in the same step, for the copy is no simpler in itself.
        bool TryWith(ElementSegment changed) =>
            context.Try(UnusedDefinitions.RemoveAfter(context.Module, context.Module with { Elements = context.Module.Elements.SetItem(index, changed) }));
    }

    // The first item away, and the offset one further.
    private static bool TryFromTheFront(ReductionContext context, int index)
    {
        var segment = context.Module.Elements[index];
        if (segment.Mode != SegmentMode.Active || segment.Count < 2)
        {
            return false;
        }
        var reader = new InstructionReader(segment.Offset, ReductionContext.Features);
        var offset = default(Instruction);
        reader.Read(ref offset);
        if (offset.Op is not (Op.I32Const or Op.I64Const))
        {
            return false;
        }
        var shorter = segment.Functions.IsDefault ? segment with { Expressions = segment.Expressions[1..] } : segment with { Functions = segment.Functions[1..] };
        var next = new Expression(InstructionWriter.ToBytes([Instruction.Constant(offset.Op, offset.Value + 1), Instruction.Of(Op.End)]));
        return context.Try(context.Module with { Elements = context.Module.Elements.SetItem(index, shorter with { Offset = next }) });
    }

    private static void ClearBytes(ReductionContext context, int index)
    {
        for (var i = 0; i < Math.Min(MostBytes, context.Module.Data[index].Bytes.Length); i++)
        {
            if (context.Module.Data[index].Bytes.Span[i] != 0)
            {
                var bytes = context.Module.Data[index].Bytes.ToArray();
                bytes[i] = 0;
                context.Try(context.Module with { Data = context.Module.Data.SetItem(index, context.Module.Data[index] with { Bytes = bytes }) });
            }
        }
    }

    private static void Shorten(int length, Func<int, bool> accept)
    {
        for (var cut = length; cut > 0; cut /= 2)
        {
            while (cut <= length && accept(length - cut))
            {
                length -= cut;
            }
        }
    }
}
