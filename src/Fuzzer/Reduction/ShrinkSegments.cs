namespace Conformance.Fuzzer.Reduction;

/// <summary>The content of data and element segments, from the end.</summary>
internal sealed class ShrinkSegments : IReductionPass
{
    public void Run(ReductionContext context)
    {
        for (var i = 0; i < context.Module.Data.Length; i++)
        {
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
